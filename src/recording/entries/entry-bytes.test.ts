import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText as text } from '../../../test/support/any-text.js';
import { PendingLines } from '../write/pending-lines.js';
import type { EntryFields } from './entries.js';
import { type BodyBytes, type LineHead, lineText, putEntry } from './entry-bytes.js';

const count = fc.nat();
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const orAbsent = <T>(name: string, given: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(given, { nil: undefined }).map((some) => (some === undefined ? {} : { [name]: some }));
const body = orAbsent('body', fc.dictionary(fc.string(), fc.jsonValue()));

const operation = fc
  .tuple(
    fc.record({ session: count, operation: count }),
    fc.record({
      name: text,
      verdict: fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const),
      policies: fc.array(text),
      shape: fc.option(text),
    }),
    orAbsent('why', text),
    body,
  )
  .map(([numbers, judged, reason, asked]): EntryFields => {
    return { type: 'operation', ...numbers, ...judged, ...reason, ...asked };
  });

const reference = fc.record({ bytes: count, kept: count, sha256, segment: count, offset: count });

const result = fc
  .tuple(
    count,
    orAbsent('operation', count),
    fc.record({ name: text, outcome: fc.constantFrom('ok' as const, 'error' as const, 'unknown' as const) }),
    count,
    orAbsent('request', reference),
    orAbsent('response', reference),
    body,
  )
  .map(([session, answered, head, durationUs, request, response, said]): EntryFields => {
    return { type: 'result', session, ...answered, ...head, durationUs, ...request, ...response, ...said };
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
function lineOf(given: LineHead, fields: EntryFields, bodies?: BodyBytes): { line: string; isPut: boolean } {
  const lines = new PendingLines();
  const isPut = putEntry(lines, given, fields, bodies);
  return { line: (isPut ? lines.end() : lines.add(lineText(given, fields))).toString('utf8'), isPut };
}

test('operations and results of any protocol are the bytes of the text that JSON.stringify gives', () => {
  fc.assert(
    fc.property(head, fc.oneof(operation, result), (given, fields) => {
      expect(lineOf(given, fields)).toEqual({ line: JSON.stringify({ ...given, at: AT, ...fields }), isPut: true });
    }),
  );
});

const HEAD: LineHead = { seq: 7, prev: '0'.repeat(64), at: Buffer.from(AT), mono: 12 };
const OPERATION = {
  type: 'operation',
  session: 1,
  operation: 1,
  name: 'GET',
  verdict: 'allow',
  policies: [],
  shape: null,
  body: { path: '/' },
} as const satisfies EntryFields;

test('a list of policies that was seen before is not taken for another one', () => {
  for (const policies of [['a'], ['b'], [], ['a']]) {
    expect(JSON.parse(lineOf(HEAD, { ...OPERATION, policies }).line)).toMatchObject({ policies });
  }
});

test('other entries, and operations longer than a block, are as JSON.stringify gives them', () => {
  const note: EntryFields = { type: 'note', session: 1, name: 'COM_PING' };
  for (const fields of [
    note,
    { ...OPERATION, body: { path: 'ü'.repeat(100_000) } },
    { ...OPERATION, why: '\u0001'.repeat(16_000) },
    { ...OPERATION, shape: 'f'.repeat(70_000) },
  ]) {
    expect(lineOf(HEAD, fields)).toEqual({ line: JSON.stringify({ ...HEAD, at: AT, ...fields }), isPut: false });
  }
});

test('a body that its protocol calls too long is not made JSON twice', () => {
  const never = (): never => {
    throw new Error('it is not put');
  };
  expect(lineOf(HEAD, OPERATION, { bytesMax: () => Number.POSITIVE_INFINITY, put: never }).isPut).toBe(false);
});

test('a line that was begun and not ended leaves nothing behind', () => {
  const lines = new PendingLines();
  expect(putEntry(lines, HEAD, OPERATION)).toBe(true);
  expect(lines.waitingBytes).toBe(0);
  expect(putEntry(lines, HEAD, OPERATION)).toBe(true);
  expect(lines.end().toString()).toBe(lineText(HEAD, OPERATION));
  expect(lines.waitingBytes).toBe(lineText(HEAD, OPERATION).length + 1);
});
