import { QueryObserver } from '@tanstack/react-query';
import { afterEach, describe, expect, it } from 'vitest';
import { createQueryClient } from './query-client.js';
import { takeAnswer } from './take-answer.js';

const KEY = ['approvals', 'one', 'apr_1'];
const queries = createQueryClient();
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
  queries.clear();
});

/** A part of the page that shows what a broker tells, whose calls are answered when the test says so. */
function shown() {
  const calls: ((answer: string) => void)[] = [];
  const observer = new QueryObserver<string>(queries, {
    queryKey: KEY,
    queryFn: ({ signal }) =>
      new Promise((resolve, reject) => {
        calls.push(resolve);
        signal.addEventListener('abort', () => reject(new Error('nobody waits')));
      }),
  });
  ends.push(observer.subscribe(() => undefined));
  return { calls, now: () => observer.getCurrentResult().data };
}

describe('what the page knows', () => {
  it('is asked for once more after a first call that was under way when something changed', async () => {
    const { calls, now } = shown();
    expect(calls).toHaveLength(1);
    const done = queries.invalidateQueries({ queryKey: ['approvals'] });
    calls[0]?.('before the change');
    await expect.poll(() => calls.length).toBe(2);
    expect(now()).toBe('before the change');
    calls[1]?.('after the change');
    await done;
    expect(now()).toBe('after the change');
  });

  it('is asked for once more, whatever changes meanwhile, and no call is cut off', async () => {
    const { calls, now } = shown();
    calls[0]?.('first');
    await expect.poll(now).toBe('first');
    const all = Array.from({ length: 5 }, () => queries.invalidateQueries({ queryKey: KEY }));
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.('second');
    await expect.poll(() => calls.length).toBe(3);
    expect(now()).toBe('second');
    calls[2]?.('third');
    await Promise.all(all);
    expect(now()).toBe('third');
    expect(calls).toHaveLength(3);
  });

  it('is asked for again after a call that failed', async () => {
    const { calls, now } = shown();
    const done = queries.invalidateQueries({ queryKey: KEY });
    await queries.cancelQueries({ queryKey: KEY });
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.('after all');
    await done;
    expect(now()).toBe('after all');
  });

  it('is what an act answered, not what was asked before the act', async () => {
    const { calls, now } = shown();
    calls[0]?.('pending');
    await expect.poll(now).toBe('pending');
    void queries.invalidateQueries({ queryKey: KEY });
    await expect.poll(() => calls.length).toBe(2);
    takeAnswer(queries, KEY, 'approved');
    calls[1]?.('pending');
    await Promise.resolve();
    expect(now()).toBe('approved');
    await new Promise((resolve) => setImmediate(resolve));
    expect(now()).toBe('approved');
  });
});
