import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText as text } from '../../../../test/support/any-text.js';
import type { EntryFields } from '../../../recording/entries/entries.js';
import { EntryReader } from '../../../recording/entries/entry-reader.js';
import { type LineHead, lineText, putEntry } from '../../../recording/entries/entry-bytes.js';
import { recordedProtocols } from '../../../recording/recorded-protocol.js';
import { grantOpened } from '../../../recording/testing/recordings.js';
import { PendingLines } from '../../../recording/write/pending-lines.js';
import { BODY_BYTES } from './body-bytes.js';
import { isMysqlEntry } from './body-schemas.js';
import { isUsualBody } from './body-shape.js';
import type { ResultBody, StatementBody } from './bodies.js';
import { MYSQL_RECORDED } from './recorded.js';

const count = fc.nat();
const ordinal = fc.integer({ min: 1 });
const plain = fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', '~', '\u007f', '\n', '\u00e9'), maxLength: 300 });
const orAbsent = <T>(name: string, given: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(given, { nil: undefined }).map((some) => (some === undefined ? {} : { [name]: some }));

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeInteger());
const value = fc
  .tuple(
    fc.record({ type: text }),
    fc.constantFrom({}, { unsigned: true as const }),
    fc.record({ value: fc.oneof(text, plain, number, fc.constant(null)) }),
    fc.constantFrom({}, { encoding: 'base64' as const }),
  )
  .map(([type, sign, bound, encoding]) => ({ ...type, ...sign, ...bound, ...encoding }));

const statement = fc
  .tuple(
    fc.record({ database: fc.option(text) }),
    fc.oneof(fc.constant({}), fc.record({ prepared: ordinal, values: fc.array(value, { maxLength: 12 }) })),
    fc.oneof(
      fc.record({ text }),
      fc.record({ text: plain }),
      fc.record({ textBase64: fc.base64String() }),
      fc.record({ textBase64: fc.base64String(), characterSet: text }),
    ),
  )
  .map(([scene, executed, sent]): StatementBody => ({ ...scene, ...executed, ...sent }));

const counter = fc.oneof(count, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String));
const part = fc.oneof(
  fc.record({ kind: fc.constant('rows' as const), columns: count, rows: count, warnings: count }),
  fc.record({ kind: fc.constant('ok' as const), affectedRows: counter, lastInsertId: counter, warnings: count }),
);
const result = fc
  .tuple(
    fc.record({ results: fc.array(part, { maxLength: 3 }) }),
    orAbsent('error', fc.record({ errno: count, sqlState: text, message: text })),
  )
  .map(([answer, failed]): ResultBody => ({ ...answer, ...failed }));

const fields = fc.oneof(
  fc.tuple(ordinal, statement).map(([operation, body]): EntryFields => {
    const judged = { verdict: 'allow', policies: [], shape: null } as const;
    return { type: 'operation', session: 1, operation, name: 'COM_QUERY', ...judged, body };
  }),
  fc.tuple(count, result).map(([durationUs, body]): EntryFields => {
    return { type: 'result', session: 1, name: 'COM_QUERY', outcome: 'ok', durationUs, body };
  }),
);

const AT = '2026-01-31T12:00:00.000001Z';
const HEAD: LineHead = { seq: 2, prev: '0'.repeat(64), at: Buffer.from(AT), mono: 12 };

/** The line of an entry, and whether it was put together as bytes. */
function lineOf(entry: EntryFields): { readonly line: Buffer; readonly isPut: boolean } {
  const lines = new PendingLines();
  const isPut = putEntry(lines, HEAD, entry, BODY_BYTES);
  return { line: isPut ? lines.end() : lines.add(lineText(HEAD, entry)), isPut };
}

test('bodies of statements and results are the bytes of the text that JSON.stringify gives', () => {
  fc.assert(
    fc.property(fields, (given) => {
      const { line, isPut } = lineOf(given);
      expect({ line: line.toString('utf8'), isPut }).toEqual({
        line: JSON.stringify({ ...HEAD, at: AT, ...given }),
        isPut: true,
      });
    }),
  );
});

test('what is written is read as it was, by the quick way as by the schema', () => {
  const parser = new EntryReader(recordedProtocols([MYSQL_RECORDED]));
  const opened = JSON.stringify({ seq: 1, prev: '0'.repeat(64), at: AT, mono: 0, ...grantOpened });
  expect(parser.parse(Buffer.from(opened))).toHaveProperty('entry');
  const exact = new EntryReader(recordedProtocols([{ ...MYSQL_RECORDED, isUsualBody: () => false }]));
  exact.parse(Buffer.from(opened));
  fc.assert(
    fc.property(fields, (given) => {
      const { line } = lineOf(given);
      const read = parser.parse(line);
      if (!('entry' in read)) throw new Error(read.wrong);
      const wanted: unknown = JSON.parse(JSON.stringify({ ...HEAD, at: AT, ...given }));
      expect(read.entry).toEqual(wanted);
      expect(exact.parse(line)).toEqual(read);
      expect(isMysqlEntry(read.entry)).toBe(true);
    }),
  );
});

test('the quick way takes nothing that the schema refuses', () => {
  const wrong: readonly (readonly ['operation' | 'result', object])[] = [
    ['operation', { database: null, text: 'x', more: 1 }],
    ['operation', { database: null }],
    ['operation', { database: 1, text: 'x' }],
    ['operation', { database: null, text: 'x', prepared: 0 }],
    ['operation', { database: null, text: 'x', values: [{ type: 'X' }] }],
    ['operation', { database: null, text: 'x', textBase64: '' }],
    ['operation', { database: null, text: 'x', bulk: { types: [], rows: [] } }],
    ['result', { results: [{ kind: 'rows', columns: 1, rows: -1, warnings: 0 }] }],
    ['result', { results: [{ kind: 'ok', affectedRows: 'many', lastInsertId: 0, warnings: 0 }] }],
    ['result', { results: [], more: 1 }],
    ['result', {}],
  ];
  for (const [type, body] of wrong) {
    expect(isUsualBody(type, body), JSON.stringify(body)).toBe(false);
    expect(MYSQL_RECORDED.bodies[type]?.safeParse(body).success, JSON.stringify(body)).toBe(false);
  }
});

test('rows of values and statements longer than a block are left to JSON.stringify', () => {
  const bulk = { types: [{ type: 'X' }], rows: [['x']] };
  expect(BODY_BYTES.bytesMax('operation', { database: null, text: 'x', bulk })).toBeUndefined();
  expect(BODY_BYTES.bytesMax('operation', { database: null, text: 'x'.repeat(20_000) })).toBe(Infinity);
  expect(BODY_BYTES.bytesMax('operation', { database: null, text: 'x'.repeat(9_000) })).toBeLessThan(64 * 1024);
});
