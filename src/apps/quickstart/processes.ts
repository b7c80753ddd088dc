import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PATHS, ROOT } from './paths.js';

export interface ProcessOrder {
  /** Names the process in messages, and its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A program that runs beside the quickstart and ends with it. */
export interface RunningProcess {
  readonly name: string;
  readonly hasEnded: boolean;
  readonly log: () => string;
  /** SIGTERM, and SIGKILL when it is still there after the limit. */
  stop(): Promise<void>;
}

const STOP_MS_MAX = 25_000;
const ATTEMPT_EVERY_MS = 25;
const TAIL_LINES = 25;
const SETPRIV = '/usr/bin/setpriv';
const EXTRA_PATH = ['/usr/sbin', '/usr/local/sbin', '/sbin']; // servers live there, and not every user's PATH has them

/** The programs that the quickstart started, newest last. They end in the opposite order. */
export class Processes {
  readonly #running: RunningProcess[] = [];
  readonly #onLoss: (lost: RunningProcess) => void;
  #stopping = false;

  /** `onLoss` is told when a program ends without being asked to. */
  constructor(onLoss: (lost: RunningProcess) => void) {
    this.#onLoss = onLoss;
  }

  /** Those that ended without being asked to. */
  get lost(): readonly RunningProcess[] {
    return this.#stopping ? [] : this.#running.filter((running) => running.hasEnded);
  }

  find(name: string): RunningProcess | undefined {
    return this.#running.find((running) => running.name === name);
  }

  start(order: ProcessOrder): RunningProcess {
    if (this.#stopping) throw new Error(`${order.name} is not started any more: the quickstart stops`);
    const child = spawnLogged(order);
    const running = runningProcess(order.name, child);
    this.#running.push(running);
    child.once('exit', () => {
      if (!this.#stopping) this.#onLoss(running);
    });
    return running;
  }

  /** Ends all of them, each after those that need it. Safe to call again. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    for (const running of this.#running.toReversed()) await running.stop();
  }
}

/**
 * Asks again and again until `attempt` succeeds, and gives what it gave.
 * @throws Error when the process has ended, or the limit is over; its cause is the last refusal
 */
export async function untilReady<T>(process: RunningProcess, msMax: number, attempt: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + msMax;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (process.hasEnded) throw new Error(`${process.name} ended before it was ready`, { cause });
      if (performance.now() > untilMs) throw new Error(`${process.name} was not ready in ${msMax / 1000} s`, { cause });
      await pause(ATTEMPT_EVERY_MS);
    }
  }
}

/** The path of an installed program. @throws Error that says which package brings it */
export function findProgram(name: string, aptPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_PATH].filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed; run: apt-get install ${aptPackage}`);
  return found;
}

/** The last lines of a log. */
export function tailOf(text: string): string {
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}

/**
 * In a session of its own, so that Ctrl-C reaches the quickstart alone and it can end the others in order; and tied to
 * it by the kernel, so that nothing is left when it is killed.
 */
function spawnLogged({ name, command, args, env }: ProcessOrder): ChildProcess {
  const log = openSync(logPath(name), 'w', 0o600);
  const tied = existsSync(SETPRIV) ? ['--pdeathsig', 'KILL', '--', command] : [];
  const child = spawn(tied.length > 0 ? SETPRIV : command, [...tied, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log],
    env: env ?? process.env,
  });
  closeSync(log);
  child.on('error', () => {}); // a program that cannot be started has no pid, which is told below
  if (child.pid === undefined) throw new Error(`${name} could not be started: ${command}`);
  return child;
}

function runningProcess(name: string, child: ChildProcess): RunningProcess {
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    name,
    get hasEnded() {
      return hasEnded();
    },
    log: () => readFileSync(logPath(name), 'utf8'),
    async stop() {
      if (hasEnded()) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(timer);
    },
  };
}

function logPath(name: string): string {
  return join(PATHS.logs, `${name}.log`);
}
