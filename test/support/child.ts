import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const STOP_LIMIT_MS = 15_000;
const ATTEMPT_EVERY_MS = 50;
const SETPRIV = '/usr/bin/setpriv';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** All that the program prints goes to the end of this file. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A program that runs beside the tests and is known by its pid. */
export interface Child {
  readonly pid: number;
  readonly hasExited: boolean;
  readonly exitCode: number | null;
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** Waits until the program is gone. */
  exited(): Promise<void>;
  /** SIGTERM, and SIGKILL when it is still there after the limit. */
  stop(limitMs?: number): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts a program. Where the system can, it is told to end the program together with this process, so that even a
 * killed test run leaves nothing behind.
 */
export function startChild({ command, args, logFile, env, cwd }: ChildOptions): Child {
  const log = openSync(logFile, 'a');
  const endsWithUs = existsSync(SETPRIV);
  const [program, ...rest] = endsWithUs ? [SETPRIV, '--pdeathsig', 'KILL', '--', command, ...args] : [command, ...args];
  // In a session of its own, as a service or a container is: to Linux's scheduler it is one of several then, however many
  // threads the others have. It also leaves Ctrl-C to this process, which stops everything in order.
  const started = spawn(program ?? command, rest, {
    stdio: ['ignore', log, log],
    env: env ?? process.env,
    cwd,
    detached: endsWithUs,
  });
  closeSync(log);
  return childOf(started, logFile);
}

/**
 * Asks again and again until `attempt` succeeds, and gives what it gave. Fails with the program's log when the
 * program has ended or the limit is over.
 */
export async function untilReady<T>(child: Child, limitMs: number, attempt: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const over = performance.now() > deadlineMs;
      if (child.hasExited || over) {
        const what = over ? `was not ready after ${limitMs} ms` : `ended with ${child.exitCode}`;
        throw new Error(`Process ${child.pid} ${what}. Its log:\n${tailOf(child.log())}`, { cause: error });
      }
      await pause(ATTEMPT_EVERY_MS);
    }
  }
}

/** The last lines of a text. */
export function tailOf(text: string, lines = 40): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Whether a process with this pid exists. */
export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function childOf(started: ChildProcess, logFile: string): Child {
  const { pid } = started;
  if (pid === undefined) throw new Error(`${started.spawnfile} could not be started`);
  const hasExited = (): boolean => started.exitCode !== null || started.signalCode !== null;
  const exited = async (): Promise<void> => {
    if (!hasExited()) await once(started, 'exit');
  };
  const kill = async (): Promise<void> => {
    started.kill('SIGKILL');
    await exited();
  };
  return {
    pid,
    get hasExited() {
      return hasExited();
    },
    get exitCode() {
      return started.exitCode;
    },
    log: () => readFileSync(logFile, 'utf8'),
    signal: (signal) => void started.kill(signal),
    exited,
    kill,
    async stop(limitMs = STOP_LIMIT_MS) {
      started.kill('SIGTERM');
      const timer = setTimeout(() => started.kill('SIGKILL'), limitMs);
      await exited();
      clearTimeout(timer);
    },
  };
}
