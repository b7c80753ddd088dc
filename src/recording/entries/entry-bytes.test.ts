import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntryBody } from './entries.js';
import { type LineHead, lineText, putEntry } from './entry-bytes.js';
import { PendingLines } from '../write/pending-lines.js';

const text = fc.string({ unit: 'binary' });
const count = fc.nat();
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const plain = fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', '~', '\u007f', '\n', '\u00e9'), maxLength: 300 });
const value = fc
  .tuple(
    fc.record({ type: text }),
    fc.constantFrom({}, { unsigned: true as const }),
    fc.record({ value: fc.oneof(text, plain, fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constant(null)) }),
    fc.constantFrom({}, { encoding: 'base64' as const }),
  )
  .map(([type, sign, bound, encoding]) => ({ ...type, ...sign, ...bound, ...encoding }));

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
    fc.oneof(fc.constant({}), fc.record({ prepared: count, values: fc.array(value, { maxLength: 12 }) })),
    fc.oneof(fc.constant({}), fc.record({ why: text })),
    fc.oneof(
      fc.record({ text }),
      fc.record({ text: plain }),
      fc.record({ textBase64: fc.base64String() }),
      fc.record({ textBase64: fc.base64String(), characterSet: text }),
    ),
  )
  .map(([numbers, command, judged, executed, reason, sent]): EntryBody => {
    return { type: 'statement', ...numbers, command, ...judged, ...executed, ...reason, ...sent };
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

const AT = '2026-01-31T12:00:00.000001Z';
const head = fc.record({
  seq: fc.nat(),
  prev: sha256,
  at: fc.constant(Buffer.from(AT)),
  mono: fc.oneof(
    fc.nat(),
    fc.maxSafeNat(),
    fc.constant(1_000_000_000),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  ),
});

/** The line of an entry, and whether it was put together as bytes. */
function lineOf(given: LineHead, body: EntryBody): { readonly line: string; readonly isPut: boolean } {
  const lines = new PendingLines();
  const isPut = putEntry(lines, given, body);
  return { line: (isPut ? lines.end() : lines.add(lineText(given, body))).toString('utf8'), isPut };
}

test('statements and results are the bytes of the text that JSON.stringify gives', () => {
  fc.assert(
    fc.property(head, fc.oneof(statement, result), (given, body) => {
      expect(lineOf(given, body)).toEqual({ line: JSON.stringify({ ...given, at: AT, ...body }), isPut: true });
    }),
  );
});

const HEAD: LineHead = { seq: 7, prev: '0'.repeat(64), at: Buffer.from(AT), mono: 12 };
const SELECT = {
  type: 'statement',
  session: 1,
  statement: 1,
  command: 'COM_QUERY',
  database: null,
  verdict: 'allow',
  policies: [],
  fingerprint: null,
  text: 'SELECT 1',
} as const satisfies EntryBody;

test('a list of policies that was seen before is not taken for another one', () => {
  for (const policies of [['a'], ['b'], [], ['a']]) {
    expect(JSON.parse(lineOf(HEAD, { ...SELECT, policies }).line)).toMatchObject({ policies });
  }
});

test('other entries, and statements longer than a block, are as JSON.stringify gives them', () => {
  const command: EntryBody = { type: 'command', session: 1, command: 'COM_PING' };
  for (const body of [
    command,
    { ...SELECT, text: 'ü'.repeat(100_000) },
    { ...SELECT, text: '\u0001'.repeat(16_000) },
    { ...SELECT, fingerprint: 'f'.repeat(70_000) },
  ]) {
    expect(lineOf(HEAD, body)).toEqual({ line: JSON.stringify({ ...HEAD, at: AT, ...body }), isPut: false });
  }
});

test('a line that was begun and not ended leaves nothing behind', () => {
  const lines = new PendingLines();
  expect(putEntry(lines, HEAD, SELECT)).toBe(true);
  expect(lines.waitingBytes).toBe(0);
  expect(putEntry(lines, HEAD, SELECT)).toBe(true);
  expect(lines.end().toString()).toBe(lineText(HEAD, SELECT));
  expect(lines.waitingBytes).toBe(lineText(HEAD, SELECT).length + 1);
});
