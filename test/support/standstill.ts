import { expect } from 'vitest';

const LOOK_EVERY_MS = 200;
const SAME_LOOKS = 4;
const LIMIT_MS = 45_000;

/** Waits until a figure no longer changes: what is sent is no longer taken, say. */
export async function standsStill(figure: () => number): Promise<void> {
  let last = Number.NaN;
  let same = 0;
  const sameLooks = (): number => {
    const now = figure();
    same = now === last ? same + 1 : 0;
    last = now;
    return same;
  };
  await expect.poll(sameLooks, { interval: LOOK_EVERY_MS, timeout: LIMIT_MS }).toBeGreaterThanOrEqual(SAME_LOOKS);
}
