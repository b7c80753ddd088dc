import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntryBody } from './entries.js';
import { entryJson } from './entry-json.js';

const text = fc.string({ unit: 'binary' });
const count = fc.nat();
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const value = fc.record({ type: text, value: fc.oneof(text, fc.double(), fc.constant(null)) });

const statement = fc
  .tuple(
    fc.record({ session: count, statement: count }),
    fc.constantFrom('COM_QUERY' as const, 'COM_STMT_PREPARE' as const, 'COM_STMT_EXECUTE' as const),
    fc.record({
      database: fc.option(text),
      verdict: fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const),
      policies: fc.array(text),
      fingerprint: fc.option(text),
    }),
    fc.oneof(fc.constant({}), fc.record({ prepared: count, values: fc.array(value) })),
    fc.oneof(fc.record({ text }), fc.record({ textBase64: fc.base64String() })),
  )
  .map(([numbers, command, judged, executed, sent]): EntryBody => {
    return { type: 'statement', ...numbers, command, ...judged, ...executed, ...sent };
  });

const part = fc.oneof(
  fc.record({ kind: fc.constant('rows' as const), columns: count, rows: count, warnings: count }),
  fc.record({
    kind: fc.constant('ok' as const),
    affectedRows: fc.oneof(count, text),
    lastInsertId: fc.oneof(count, text),
    warnings: count,
  }),
);
const error = fc.record({ errno: count, sqlState: text, message: text });
const response = fc.record({ bytes: count, kept: count, sha256, segment: count, offset: count });
const orAbsent = <T>(name: string, given: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(given, { nil: undefined }).map((some) => (some === undefined ? {} : { [name]: some }));

const result = fc
  .tuple(
    count,
    orAbsent('statement', count),
    fc.record({ command: text, outcome: fc.constantFrom('ok' as const, 'error' as const, 'unknown' as const) }),
    fc.array(part, { maxLength: 3 }),
    orAbsent('error', error),
    count,
    orAbsent('response', response),
  )
  .map(([session, answered, head, results, failed, durationUs, place]): EntryBody => {
    return { type: 'result', session, ...answered, ...head, results, ...failed, durationUs, ...place };
  });

test('statements and results are the text that JSON.stringify gives', () => {
  fc.assert(
    fc.property(fc.oneof(statement, result), (body) => {
      expect(entryJson(body)).toBe(JSON.stringify(body));
    }),
  );
});

test('a list of policies that was seen before is not taken for another one', () => {
  const body = (policies: readonly string[]): EntryBody => ({
    type: 'statement',
    session: 1,
    statement: 1,
    command: 'COM_QUERY',
    database: null,
    verdict: 'allow',
    policies,
    fingerprint: null,
    text: 'SELECT 1',
  });
  for (const policies of [['a'], ['b'], [], ['a']]) {
    expect(JSON.parse(entryJson(body(policies)))).toMatchObject({ policies });
  }
});

test('other entries are as JSON.stringify gives them', () => {
  const body: EntryBody = { type: 'command', session: 1, command: 'COM_PING' };
  expect(entryJson(body)).toBe('{"type":"command","session":1,"command":"COM_PING"}');
});
