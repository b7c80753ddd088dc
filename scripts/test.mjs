import { availableParallelism } from 'node:os';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { check } from './check.mjs';
import { makeMemoryFolder } from './setup/memory-folder.mjs';
import { inLocal } from './setup/paths.mjs';
import { runProgram } from './setup/program.mjs';
import { say } from './setup/step.mjs';

const NO_CHECK = '--no-check';
/** What Node.js has compiled of packages and sources, for all processes that tests start, and for the next run. */
const COMPILE_CACHE = inLocal('test', 'compile-cache');
const SUMMARY_FILE = inLocal('test', 'summary.json'); // written by test/support/summary-reporter.ts

/** Few of these wait, for a process or a lock: one worker more than processors takes up that time, and more would only load modules once more. */
const BUSY = ['--maxWorkers', String(availableParallelism() + 1)];

const NOTHING_RAN = { engines: ['No test ran.'], passed: 0, failed: 0, skipped: 0 };

/**
 * Runs the checks and the tests. The last lines say which engines the tests ran on and how many passed, failed and
 * were skipped. The exit code is not 0 when a test or a check failed.
 */
export async function runTests({ node, args }) {
  const checkCode = args.includes(NO_CHECK) ? 0 : await check(node);
  const { code, lines } = await runVitest({ node, args: args.filter((arg) => arg !== NO_CHECK) });
  if (checkCode !== 0) say('Checks failed, see above.');
  lines.forEach(say);
  return code || checkCode;
}

/** Runs the tests of pure code. Outside CI, properties are tried with a tenth of their inputs (test/support/rounds.ts). */
export async function runUnitTests({ node, args }) {
  const env = process.env.CI === 'true' ? {} : { DOORWARDEN_TEST_ROUNDS: 'few' };
  const { code, lines } = await runVitest({ node, args: ['--project', 'unit', ...BUSY, ...args], env });
  lines.forEach(say);
  return code;
}

/** The exit code of a run, and the lines to end with. */
async function runVitest({ node, args, env = {} }) {
  mkdirSync(inLocal('test'), { recursive: true });
  rmSync(SUMMARY_FILE, { force: true });
  const vitestArgs = ['node_modules/vitest/vitest.mjs', 'run', ...args];
  const code = await withTemporaryFolder((temporary) =>
    runProgram(node, vitestArgs, {
      DOORWARDEN_TEST_SUMMARY: SUMMARY_FILE,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...temporary,
      ...env,
    }),
  );
  const summary = existsSync(SUMMARY_FILE) ? JSON.parse(readFileSync(SUMMARY_FILE, 'utf8')) : undefined;
  const ownFailure = code !== 0 && !summary?.failed ? ['The test run itself failed, see above.'] : [];
  return {
    code,
    lines: [
      ...slowestLines(summary?.slowest ?? []),
      ...unsteadyLines(summary?.unsteady ?? []),
      ...ownFailure,
      ...lastLines(summary),
    ],
  };
}

/**
 * Servers of tests make and drop thousands of tables, and their data need not survive the run: in memory that is half the
 * work. Who has set TMPDIR has chosen. What a run leaves that is killed, the next one deletes (test/support/folders.ts).
 */
async function withTemporaryFolder(run) {
  const folder = process.env.TMPDIR === undefined ? makeMemoryFolder(`doorwarden-test-${process.pid}-`) : undefined;
  if (folder === undefined) return run({});
  try {
    return await run({ TMPDIR: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function slowestLines(slowest) {
  if (slowest.length < 2) return [];
  const lines = slowest.map(({ file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
  return ['Slowest files:', ...lines];
}

function unsteadyLines(unsteady) {
  if (unsteady.length === 0) return [];
  return [
    'Passed at a second try only, so they or what they test have a race:',
    ...unsteady.map((name) => `  ${name}`),
  ];
}

/** The lines that every test run ends with, also one that could not start. */
export function lastLines({ engines, passed, failed, skipped } = NOTHING_RAN) {
  return [...engines, `${passed} passed, ${failed} failed, ${skipped} skipped`];
}
