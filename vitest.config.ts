import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

const inCi = process.env['CI'] === 'true';

export default defineConfig({
  test: {
    maxWorkers: 3, // most of what the tests with servers do is waiting
    sequence: { sequencer: LongestFirst },
    allowOnly: !inCi,
    reporters: [['default', { summary: false }], './test/support/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          testTimeout: 10_000,
          isolate: false, // pure code leaves nothing behind; loading it again for each file takes longer than the tests
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Vitest's own second is too short for what servers do on a machine that is busy with other tests.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
