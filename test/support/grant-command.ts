import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Broker } from './broker.js';
import type { ClientOutcome } from './clients/program.js';
import { COMPILED, ROOT } from './folders.js';

/** `doorwarden`, as the build puts it together. */
export const BUILT_COMMAND_LINE = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const SAID_MS_MAX = 60_000;

export interface CommandOptions {
  /** Default: the test's agent. */
  readonly key?: string;
  readonly api?: string;
  /** Besides what finds the broker; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Another program than the built `doorwarden`. */
  readonly program?: string;
  /** Options of Node.js. */
  readonly node?: readonly string[];
}

/** `doorwarden` as it runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<ClientOutcome>;
  /** What it has written to standard error until now. */
  stderr(): string;
  /** Waits until standard error, or standard output, has this in it. */
  untilSaid(pattern: RegExp): Promise<string>;
}

/** The environment of the command line: a broker, a credential, and nothing of this machine's own settings. */
export function commandEnv(broker: Pick<Broker, 'api' | 'keys'>, options: CommandOptions = {}): NodeJS.ProcessEnv {
  const { key = broker.keys.agent, api = broker.api, env = {} } = options;
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    TMPDIR: tmpdir(),
    ...COMPILED,
    DOORWARDEN_API: api,
    DOORWARDEN_API_KEY: key,
    ...env,
  };
}

/** Starts `doorwarden ARGS`. */
export function startCommand(
  broker: Pick<Broker, 'api' | 'keys'>,
  args: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const { input = '', cwd = tmpdir(), node = [], program = BUILT_COMMAND_LINE } = options;
  const child = spawn(process.execPath, [...node, program, ...args], { cwd, env: commandEnv(broker, options) });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined); // it may end without reading
  child.stdin.end(input);
  const outcome = new Promise<ClientOutcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ stdout, stderr, exitCode }));
  });
  return {
    child,
    outcome,
    stderr: () => stderr,
    untilSaid: (pattern) =>
      vi.waitFor(
        () => {
          const [said] = pattern.exec(`${stderr}\n${stdout}`) ?? [];
          if (said === undefined) throw new Error(`${String(pattern)} was not said, but: ${stderr}${stdout}`);
          return said;
        },
        { timeout: SAID_MS_MAX, interval: 30 },
      ),
  };
}

/** Runs `doorwarden ARGS` to its end. */
export function runCommandLine(
  broker: Pick<Broker, 'api' | 'keys'>,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<ClientOutcome> {
  return startCommand(broker, args, options).outcome;
}
