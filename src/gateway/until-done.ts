import { setTimeout as delay } from 'node:timers/promises';

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * Tries until it works: what a grant leaves behind is never given up. When the process stops meanwhile, the reaper goes
 * on from there. `onFailure` hears of every try that failed.
 */
export async function untilDone<T>(
  work: () => Promise<T>,
  onFailure: (error: unknown, tries: number) => void,
): Promise<T> {
  let waitMs = RETRY_FIRST_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      onFailure(error, tries);
    }
    await delay(waitMs, undefined, { ref: false });
    waitMs = Math.min(waitMs * 2, RETRY_MAX_MS);
  }
}
