import { expect, it } from 'vitest';
import { againInMs, RETRY_AFTER_MS } from './retry-times.js';

const failed = { attempts: 1, retryAfter: null, chance: 0 };

it('waits longer after each attempt, and gives up after a little more than a day', () => {
  const waits = RETRY_AFTER_MS.map((_, index) => againInMs({ ...failed, attempts: index + 1 }) ?? 0);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(24);
  expect(hours).toBeLessThan(28);
  expect(againInMs({ ...failed, attempts: RETRY_AFTER_MS.length + 1 })).toBeNull();
});

it('spreads what failed together', () => {
  expect(againInMs(failed)).toBe(5_000);
  expect(againInMs({ ...failed, chance: 1 })).toBe(6_000);
});

it('gives a receiver the time that it asks for, at most an hour', () => {
  expect(againInMs({ ...failed, retryAfter: '120' })).toBe(120_000);
  expect(againInMs({ ...failed, retryAfter: '1' })).toBe(5_000);
  expect(againInMs({ ...failed, retryAfter: '999999' })).toBe(3_600_000);
  for (const retryAfter of ['', '-5', 'soon', 'Wed, 21 Oct 2026 07:28:00 GMT', '1e9', '99999999']) {
    expect(againInMs({ ...failed, retryAfter })).toBe(5_000);
  }
});
