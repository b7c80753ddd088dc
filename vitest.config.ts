import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

const inCi = process.env['CI'] === 'true';

export default defineConfig({
  test: {
    isolate: false, // test files leave nothing behind in a module, and loading all modules again for each costs a second
    maxWorkers: 5, // with four, two processors now and then had nothing to do while tests waited for what they had started
    // Workers live long and throw nearly all away that they make: with little room for what is new, a quarter of their time
    // goes into collecting it.
    execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=64'],
    sequence: { sequencer: LongestFirst },
    allowOnly: !inCi,
    reporters: [['default', { summary: false }], './test/support/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}'],
          // Generous: the machine does other things beside them.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          // Thousands of tests share a machine there. What passes at a second try is named at the end of the run: a race to mend.
          retry: inCi ? 1 : 0,
          // Several waits of a test may each take their time on a machine that is busy with other tests.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 45_000, interval: 100 } }, // Vitest's own are a second and 50 ms
        },
      },
    ],
  },
});
