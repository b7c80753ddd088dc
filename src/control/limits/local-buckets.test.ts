import { expect, it } from 'vitest';
import { LocalBuckets } from './local-buckets.js';

const SIZE = { units: 2, periodMs: 60_000 };

it('counts each key by itself', () => {
  const buckets = new LocalBuckets({ monotonicUs: () => 1_000_000 });
  const take = (key: string) => buckets.take(key, SIZE, 1).isTaken;
  expect([take('a'), take('a'), take('a'), take('b')]).toEqual([true, true, false, true]);
});

it('looks without taking, and remembers nobody for that', () => {
  const buckets = new LocalBuckets({ monotonicUs: () => 1_000_000 });
  expect(buckets.take('a', SIZE, 0)).toMatchObject({ left: 2 });
  expect(buckets.count).toBe(0);
});

it('remembers no more keys than it may, and forgets who called longest ago', () => {
  const buckets = new LocalBuckets({ monotonicUs: () => 1_000_000 }, 3);
  const take = (key: string) => buckets.take(key, SIZE, 1).isTaken;
  for (const key of ['a', 'a', 'b', 'b', 'c', 'a', 'd']) take(key);
  expect(buckets.count).toBe(3);
  expect(take('a')).toBe(false); // it has called since, if in vain
  expect(take('b')).toBe(true);
});
