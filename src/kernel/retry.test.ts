import { expect, it } from 'vitest';
import { retried } from './retry.js';

/** Work that fails so many times, with the number of the try, before it works. */
function failing(times: number): () => Promise<string> {
  let tries = 0;
  return () => {
    tries += 1;
    return tries > times ? Promise.resolve(`done at ${tries}`) : Promise.reject(new Error(`try ${tries}`));
  };
}

it('tries again until it works, with pauses that double up to the most', async () => {
  const failures: string[] = [];
  const done = retried(failing(4), {
    pauseMs: { first: 1, max: 3 },
    isWorthIt: (error, { tries, pauseMs }) => failures.push(`${tries}: ${String(error)}, then ${pauseMs} ms`) > 0,
  });
  expect(await done).toBe('done at 5');
  expect(failures).toEqual([
    '1: Error: try 1, then 1 ms',
    '2: Error: try 2, then 2 ms',
    '3: Error: try 3, then 3 ms',
    '4: Error: try 4, then 3 ms',
  ]);
});

it('fails as the last try did when another one is not worth it, or as it is told', async () => {
  await expect(retried(failing(9), { isWorthIt: (_error, { tries }) => tries < 3 })).rejects.toThrow('try 3');
  const told = retried(failing(9), {
    isWorthIt: (cause) => {
      throw new Error('given up', { cause });
    },
  });
  await expect(told).rejects.toThrow('given up');
});
