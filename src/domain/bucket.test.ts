import { describe, expect, it } from 'vitest';
import { bucketAnswer, type BucketSize, takeFrom } from './bucket.js';

const SIZE: BucketSize = { units: 30, periodMs: 60_000 };
const SECOND_US = 1_000_000;

/** Takes one unit at each of the times, in us; gives which were taken. */
function takeAt(times: readonly number[], size: BucketSize = SIZE): readonly boolean[] {
  let full: number | undefined;
  return times.map((nowUs) => {
    const { isTaken, fullAtUs } = takeFrom(full, size, { nowUs, wanted: 1 });
    full = fullAtUs;
    return isTaken;
  });
}

const often = (count: number, everyUs: number, fromUs = SECOND_US) =>
  Array.from({ length: count }, (_, index) => fromUs + index * everyUs);

describe('a bucket', () => {
  it.each([1, 3, 7, 30, 59, 600, 6_000])('of %i units gives so many at once, and then none', (units) => {
    const taken = takeAt(often(units + 1, 0), { units, periodMs: 60_000 });
    expect(taken.indexOf(false)).toBe(units);
  });

  it('never refuses who takes no faster than it fills', () => {
    expect(takeAt(often(1_000, 2 * SECOND_US))).not.toContain(false);
  });

  it('gives who takes faster what fills meanwhile', () => {
    const taken = takeAt(often(600, SECOND_US)).filter(Boolean);
    expect(taken.length).toBe(30 + Math.floor(599 / 2));
  });

  it('takes nothing for a refusal, however often somebody is refused', () => {
    const times = [...often(30, 0), ...often(1_000, 1_000), 3 * SECOND_US];
    const taken = takeAt(times);
    expect(taken.slice(30, -1)).not.toContain(true);
    expect(taken.at(-1)).toBe(true);
  });

  it('says how many are left, and when there is one more', () => {
    const nowUs = 5 * SECOND_US;
    let full: number | undefined;
    for (let left = 29; left >= 0; left -= 1) {
      full = takeFrom(full, SIZE, { nowUs, wanted: 1 }).fullAtUs;
      expect(bucketAnswer(true, full - nowUs, SIZE)).toEqual({ isTaken: true, left, nextMs: 2_000 });
    }
    const refused = takeFrom(full, SIZE, { nowUs: nowUs + SECOND_US / 2, wanted: 1 });
    expect(refused.isTaken).toBe(false);
    const missingUs = refused.fullAtUs - nowUs - SECOND_US / 2;
    expect(bucketAnswer(false, missingUs, SIZE)).toEqual({ isTaken: false, left: 0, nextMs: 1_500 });
    const looked = takeFrom(full, SIZE, { nowUs: nowUs + 3 * SECOND_US, wanted: 0 });
    expect(looked.fullAtUs).toBe(full);
    expect(bucketAnswer(true, looked.fullAtUs - nowUs - 3 * SECOND_US, SIZE)).toMatchObject({ left: 1, nextMs: 1_000 });
    expect(bucketAnswer(true, 0, SIZE)).toEqual({ isTaken: true, left: 30, nextMs: 0 });
  });

  it('is at most a period from full, whatever the clock or the size was before', () => {
    const nowUs = SECOND_US;
    const { isTaken, fullAtUs } = takeFrom(nowUs + 3_600 * SECOND_US, SIZE, { nowUs, wanted: 1 });
    expect([isTaken, fullAtUs]).toEqual([false, nowUs + 60 * SECOND_US]);
  });
});
