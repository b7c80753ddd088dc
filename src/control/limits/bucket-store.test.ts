import { expect, it } from 'vitest';
import { bucketAnswer } from '../../domain/bucket.js';
import { BucketStore, type SharedBuckets } from './bucket-store.js';

const SIZE = { units: 2, periodMs: 60_000 };
const SECOND_US = 1_000_000;

/** A store before a Redis that answers or does not, as the test says. */
function makeStore() {
  const seen = { asked: 0, isAway: false, nowUs: SECOND_US, lines: 0 };
  const shared: SharedBuckets = {
    take: async (_key, size) => {
      seen.asked += 1;
      if (seen.isAway) throw new Error('away');
      return bucketAnswer(true, 0, size);
    },
  };
  const clock = { monotonicUs: () => seen.nowUs };
  return { seen, store: new BucketStore({ shared, clock, log: { warn: () => void (seen.lines += 1) } }) };
}

it('counts in Redis what all processes share, and here what each counts for itself', async () => {
  const { seen, store } = makeStore();
  await store.take('grants', 'a', SIZE);
  expect(seen.asked).toBe(1);
  await store.take('calls', 'a', SIZE);
  expect(seen.asked).toBe(1);
});

it('counts here while Redis is away, says so once, and asks it again every two seconds with one call', async () => {
  const { seen, store } = makeStore();
  const take = async () => (await store.take('grants', 'a', SIZE)).isTaken;
  seen.isAway = true;
  expect([await take(), await take(), await take()]).toEqual([true, true, false]);
  expect(seen).toMatchObject({ asked: 1, lines: 1 });
  seen.nowUs += 2 * SECOND_US;
  expect(await Promise.all([take(), take(), take()])).toEqual([false, false, false]);
  expect(seen).toMatchObject({ asked: 2, lines: 1 });
  seen.nowUs += 2 * SECOND_US;
  seen.isAway = false;
  expect(await take()).toBe(true);
  expect([await take(), await take()]).toEqual([true, true]);
  expect(seen).toMatchObject({ asked: 5, lines: 1 });
});

it('answers @nestjs/throttler in its own terms', async () => {
  const { seen, store } = makeStore();
  seen.isAway = true;
  const take = () => store.increment('a', 60_000, 2, 0, 'grants');
  expect(await take()).toEqual({ totalHits: 1, timeToExpire: 30, isBlocked: false, timeToBlockExpire: 0 });
  expect(await take()).toEqual({ totalHits: 2, timeToExpire: 30, isBlocked: false, timeToBlockExpire: 0 });
  expect(await take()).toEqual({ totalHits: 3, timeToExpire: 30, isBlocked: true, timeToBlockExpire: 30 });
});
