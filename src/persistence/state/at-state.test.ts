import { expect, it } from 'vitest';
import { atState } from './at-state.js';

async function failing(error: Error): Promise<never> {
  throw error;
}

it.each([
  Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  new Error('Pool is closed.'),
  new Error('Queue limit reached.'),
])('without a connection the state is unavailable: $message', async (error) => {
  await expect(atState(() => failing(error))).rejects.toMatchObject({ code: 'state_unavailable' });
});

it('neither the statement nor its values leave with a failure', async () => {
  const error = Object.assign(new Error("Duplicate entry 'secret'"), { code: 'ER_DUP_ENTRY', sql: 'INSERT secret' });
  const failure: unknown = await atState(() => failing(error)).catch((thrown: unknown) => thrown);
  expect(JSON.stringify([failure, Object(failure).message])).not.toContain('secret');
});
