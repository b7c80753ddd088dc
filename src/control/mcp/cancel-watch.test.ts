import { expect, it } from 'vitest';
import type { PrincipalId } from '../../kernel/brand.js';
import { CancelWatch, newSessionFor, sessionIn, type SentMessage } from './cancel-watch.js';

const AGENT = '01m7ytqm8g9xt6m7ken4f6b9rz' as PrincipalId;
const OTHER = '01m7ytqm8g9xt6m7ken4f6b9s0' as PrincipalId;

const asks = (id: unknown, change: Partial<SentMessage> = {}): SentMessage => ({
  principal: AGENT,
  session: 'one',
  body: { jsonrpc: '2.0', id, method: 'tools/call' },
  ...change,
});
const cancels = (requestId: unknown, change: Partial<SentMessage> = {}): SentMessage => ({
  principal: AGENT,
  session: 'one',
  body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } },
  ...change,
});

it('a message of the same session and principal cancels a request, while it runs', () => {
  const watch = new CancelWatch();
  const running = watch.begin(asks(7));
  for (const other of [
    cancels(8),
    cancels('7'),
    cancels(7, { session: 'two' }),
    cancels(7, { principal: OTHER }),
    cancels({ $ne: 1 }),
    asks(7),
  ]) {
    watch.note(other);
  }
  expect(running.signal.aborted).toBe(false);
  watch.note(cancels(7));
  expect(running.signal.aborted).toBe(true);

  const late = watch.begin(asks(7));
  late.end();
  late.end();
  watch.note(cancels(7));
  expect(late.signal.aborted).toBe(false);
});

it('without a session nothing can be cancelled by a message', () => {
  const watch = new CancelWatch();
  const running = watch.begin(asks(7, { session: null }));
  watch.note(cancels(7, { session: null }));
  expect(running.signal.aborted).toBe(false);
});

it('only a message that opens a session gets a name for one, and each another', () => {
  const initialize = { body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} } };
  const [one, two] = [newSessionFor(initialize), newSessionFor(initialize)];
  expect(one).toMatch(/^[\w-]{22}$/);
  expect(one).not.toBe(two);
  expect(sessionIn(one ?? null)).toBe(one);
  for (const body of [undefined, null, [], 'initialize', { method: 'ping' }]) {
    expect(newSessionFor({ body })).toBeUndefined();
  }
  for (const header of [null, '', 'a b', 'x'.repeat(65)]) expect(sessionIn(header)).toBeNull();
});
