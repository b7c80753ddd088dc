import { retried } from '../kernel/retry.js';

/**
 * Tries until it works: what a grant leaves behind is never given up. When the process stops meanwhile, the reaper goes
 * on from there. `onFailure` hears of every try that failed.
 */
export function untilDone<T>(work: () => Promise<T>, onFailure: (error: unknown, tries: number) => void): Promise<T> {
  return retried(work, {
    pauseMs: { first: 200, max: 5_000 },
    isWorthIt(error, { tries }) {
      onFailure(error, tries);
      return true;
    },
    keepsProcess: false,
  });
}
