import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { LOCAL } from '../support/folders.js';

const resultSchema = z.discriminatedUnion('available', [
  z.object({ available: z.literal(true), version: z.string(), folder: z.string() }),
  z.object({ available: z.literal(false), reason: z.string() }),
]);

/** The database that the program makes its tables in, whatever it is told. */
export const CLIENT_TEST_DATABASE = 'client_test_db';

/** What takes longer than this is a test that hangs. */
const RUN_LIMIT_MS = 240_000;

/** What came of bringing MariaDB's client tests to this machine (scripts/setup/client-tests.mjs). */
export async function findClientTests(): Promise<z.infer<typeof resultSchema>> {
  const file = join(LOCAL, 'client-tests', 'result.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { available: false, reason: 'nothing has brought them to this machine yet; npm test does' };
  return resultSchema.parse(JSON.parse(text));
}

export interface ClientTests {
  /** In the program's own order. */
  readonly names: readonly string[];
  /**
   * Runs these tests; gives those that failed, with the last that the program said. One run of the program ends with
   * its first failure: what comes after it is run again, each time with an empty database.
   */
  failures(login: ClientLogin, names: readonly string[]): Promise<Failures>;
  /** The same for tests of which most are expected to fail: each in a run of its own. */
  failuresAlone(login: ClientLogin, names: readonly string[]): Promise<Failures>;
}

export type Failures = ReadonlyMap<string, string>;

/** `empty` makes the database as it is at first; `folder` is for the program's files. */
export async function clientTests(installed: string, folder: string, empty: () => Promise<void>): Promise<ClientTests> {
  const program = join(installed, 'usr', 'bin', 'mariadb-client-test');
  const { stdout } = await runProgram(program, ['--no-defaults', '--show-tests']);
  const names = stdout.split('\n').filter((line) => line.startsWith('test_'));

  const run = async ({ host, port, user, password }: ClientLogin, some: readonly string[]): Promise<ClientOutcome> => {
    await empty();
    const connect = [`--host=${host}`, `--port=${port}`, `--user=${user}`, `--password=${password}`];
    const options = [`--database=${CLIENT_TEST_DATABASE}`, '--do-not-drop-database', `--vardir=${folder}`];
    const interrupt = delay(RUN_LIMIT_MS, undefined, { ref: false });
    return runProgram(program, ['--no-defaults', ...connect, ...options, ...some], { interrupt });
  };

  /** Runs them one by one from there on, and gives the place of the first that fails. */
  const firstFailure = async (
    login: ClientLogin,
    some: readonly string[],
    from: number,
  ): Promise<{ readonly at: number; readonly said: string }> => {
    for (const [at, name] of [...some.entries()].slice(from)) {
      const outcome = await run(login, [name]);
      if (outcome.exitCode !== 0) return { at, said: endOf(outcome) };
    }
    throw new Error(`Together they fail, and each alone passes: ${some.slice(from).join(' ')}`);
  };

  return {
    names,
    async failures(login, some) {
      const failed = new Map<string, string>();
      let next = 0;
      while (next < some.length) {
        const rest = some.slice(next);
        const together = await run(login, rest);
        if (together.exitCode === 0) break;
        const { at, said } = await firstFailure(login, rest, lastBegun(together, rest));
        failed.set(rest[at] ?? '', said);
        next += at + 1;
      }
      return failed;
    },
    async failuresAlone(login, some) {
      const failed = new Map<string, string>();
      for (const name of some) {
        const outcome = await run(login, [name]);
        if (outcome.exitCode !== 0) failed.set(name, endOf(outcome));
      }
      return failed;
    },
  };
}

/** Where the last test stands that said its name when it began: it or one of those after it, which say none, failed. */
function lastBegun({ stdout }: ClientOutcome, names: readonly string[]): number {
  const said = Array.from(stdout.matchAll(/^\d+ of \(1\/1\): (\S+)/gm), ([, name = '']) => name);
  return Math.max(0, ...said.map((name) => names.indexOf(name)));
}

function endOf({ stdout, stderr, exitCode }: ClientOutcome): string {
  const lines = [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => /\[MySQL|failed/.test(line));
  return [...lines.slice(-2), `exit code ${String(exitCode)}`].join(' | ');
}
