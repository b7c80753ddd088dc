import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { PATHS, ROOT } from './paths.js';

/** What came of a program that was run to its end. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const RUN_MS_MAX = 60_000;

/** Runs a program to its end. One that fails is an outcome, not an error. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { input = '', env = process.env }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(command, args, { cwd: ROOT, env, timeout: RUN_MS_MAX });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  child.stdin.on('error', () => undefined); // a program that ends early does not read the rest of its input
  child.stdin.end(input);
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}

/** Runs `doorwarden …`, the command line that users have. */
export async function runDoorwarden(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
  return runProgram(process.execPath, ['--enable-source-maps', PATHS.cli, ...args], env === undefined ? {} : { env });
}
