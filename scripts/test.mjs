import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { check } from './check.mjs';
import { inLocal } from './setup/paths.mjs';
import { runProgram } from './setup/program.mjs';
import { say } from './setup/step.mjs';

const NO_CHECK = '--no-check';
const SUMMARY_FILE = inLocal('test', 'summary.json'); // written by test/support/summary-reporter.ts

const NOTHING_RAN = { engines: ['No test ran.'], passed: 0, failed: 0, skipped: 0 };

/**
 * Runs the checks and the tests. The last lines say which engines the tests ran on and how many passed, failed and
 * were skipped. The exit code is not 0 when a test or a check failed.
 */
export async function runTests({ node, args }) {
  const checkCode = args.includes(NO_CHECK) ? 0 : await check(node);
  mkdirSync(inLocal('test'), { recursive: true });
  rmSync(SUMMARY_FILE, { force: true });
  const vitestArgs = ['node_modules/vitest/vitest.mjs', 'run', ...args.filter((arg) => arg !== NO_CHECK)];
  const testCode = await runProgram(node, vitestArgs, { DOORWARDEN_TEST_SUMMARY: SUMMARY_FILE });
  const summary = existsSync(SUMMARY_FILE) ? JSON.parse(readFileSync(SUMMARY_FILE, 'utf8')) : undefined;
  if (checkCode !== 0) say('Checks failed, see above.');
  if (testCode !== 0 && !summary?.failed) say('The test run itself failed, see above.');
  for (const line of lastLines(summary)) say(line);
  return testCode || checkCode;
}

/** The lines that every test run ends with, also one that could not start. */
export function lastLines({ engines, passed, failed, skipped } = NOTHING_RAN) {
  return [...engines, `${passed} passed, ${failed} failed, ${skipped} skipped`];
}
