import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText as text } from '../../../../test/support/any-text.js';
import { rounds } from '../../../../test/support/rounds.js';
import type { EntryFields } from '../../../recording/entries/entries.js';
import { type LineHead, lineText } from '../../../recording/entries/entry-bytes.js';
import { EntryReader } from '../../../recording/entries/entry-reader.js';
import { UsualLineReader } from '../../../recording/entries/usual-line.js';
import { recordedProtocols } from '../../../recording/recorded-protocol.js';
import { grantOpened } from '../../../recording/testing/recordings.js';
import { STATEMENT_COMMANDS, type ResultPart } from './bodies.js';
import { MYSQL_RECORDED } from './recorded.js';

const AT = '2026-01-31T12:00:00.000001Z';
const PREV = 'ab'.repeat(32);
const HEAD: LineHead = { seq: 12, prev: PREV, at: Buffer.from(AT), mono: 3_000 };

/** Most are usual: so are the lines that are made of them then. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: other });

const count = mostly(fc.oneof(fc.nat(), fc.nat(9)), fc.maxSafeInteger().map(Math.abs));
const ordinal = fc.oneof(fc.integer({ min: 1 }), fc.constantFrom(1, 9, 10, 999_999_999_999_999));
const sql = fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', '/', '\n', '\t', ' ', '\u007f', '😀', '\u2028') });
const plain = mostly(sql, text);
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const value = fc.record(
  {
    type: fc.constantFrom('LONGLONG', 'VAR_STRING'),
    unsigned: fc.constant(true as const),
    value: mostly(fc.oneof(plain, count, fc.constant(null)), fc.constantFrom(0.5, -1, 1e21)),
    encoding: fc.constant('base64' as const),
  },
  { requiredKeys: ['type', 'value'] },
);
const statement = fc.record(
  { database: fc.option(plain), prepared: ordinal, values: fc.array(value, { maxLength: 2 }), text: plain },
  { requiredKeys: ['database', 'text'] },
);
const operation = fc.record(
  {
    type: fc.constant('operation' as const),
    session: ordinal,
    operation: ordinal,
    name: fc.constantFrom(...STATEMENT_COMMANDS),
    verdict: fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const),
    policies: fc.array(plain, { maxLength: 3 }),
    shape: fc.option(plain),
    why: plain,
    body: statement,
  },
  { requiredKeys: ['type', 'session', 'operation', 'name', 'verdict', 'policies', 'shape', 'body'] },
);

const part = mostly<ResultPart>(
  fc.oneof(
    fc.record({ kind: fc.constant('rows' as const), columns: count, rows: count, warnings: count }),
    fc.record({ kind: fc.constant('ok' as const), affectedRows: count, lastInsertId: count, warnings: count }),
  ),
  fc.constant({ kind: 'ok' as const, affectedRows: 1, lastInsertId: '18446744073709551615', warnings: 0 }),
);
const failed = { error: { errno: 1064, sqlState: '42000', message: 'syntax' } };
const reference = fc.record({ bytes: count, kept: count, sha256: digest, segment: count, offset: count });
const result = fc.record(
  {
    type: fc.constant('result' as const),
    session: ordinal,
    operation: ordinal,
    name: plain,
    outcome: fc.constantFrom('ok' as const, 'error' as const, 'unknown' as const),
    durationUs: mostly(count, fc.constant(1.5)),
    request: reference,
    response: reference,
    body: fc
      .tuple(fc.array(part, { maxLength: 2 }), mostly<object>(fc.constant({}), fc.constant(failed)))
      .map(([results, error]) => ({ results, ...error })),
  },
  { requiredKeys: ['type', 'session', 'name', 'outcome', 'durationUs', 'body'] },
);
const entry: fc.Arbitrary<EntryFields> = fc.oneof(operation, result);

const protocols = recordedProtocols([MYSQL_RECORDED]);
const opened = JSON.stringify({ seq: 1, prev: '0'.repeat(64), at: AT, mono: 0, ...grantOpened });

/** Beside other lines, as it stands in a recording. */
function readUsual(line: string) {
  const reader = new UsualLineReader(MYSQL_RECORDED);
  const before = Buffer.from('{"seq":11}\n');
  reader.begin(Buffer.concat([before, Buffer.from(`${line}\n{"seq":13}\n`)]), Buffer.from(`${'0'.repeat(64)}${PREV}`));
  const read = reader.read(before.length, HEAD.seq, 64);
  return read === undefined ? undefined : { read, at: reader.timeAt - before.length, end: reader.end - before.length };
}

/** What the order of entries and the check of bytes are told, by the reader of all lines; undefined for a wrong line. */
function readAny(line: string) {
  const reader = new EntryReader(protocols);
  reader.parse(Buffer.from(opened));
  const parsed = reader.parse(Buffer.from(line));
  if (!('entry' in parsed)) return undefined;
  const { entry: found, written } = parsed;
  if (found.seq !== HEAD.seq || found.prev !== PREV || JSON.stringify(written) !== line) return undefined;
  const { type, mono } = found;
  if (type === 'operation') return { type, mono, session: found.session, operation: found.operation };
  if (type !== 'result') return undefined;
  const { session, operation: answered, request, response } = found;
  return { type, mono, session, operation: answered, request, response };
}

function expectAlike(line: string): boolean {
  const usual = readUsual(line);
  if (usual === undefined) return false;
  expect(usual.read, line).toEqual(readAny(line));
  expect(usual.end, line).toBe(Buffer.byteLength(line));
  expect(Buffer.from(line).toString('latin1', usual.at, usual.at + AT.length)).toBe(JSON.parse(line).at);
  return true;
}

describe('lines that are read in place', () => {
  it('say what the reader of all lines says', () => {
    let taken = 0;
    fc.assert(
      fc.property(entry, (fields) => {
        if (expectAlike(lineText(HEAD, fields))) taken += 1;
      }),
      { numRuns: rounds(2_000) },
    );
    expect(taken).toBeGreaterThan(rounds(2_000) / 4);
  });

  it('are none that the reader of all lines refuses, whatever is changed in one', () => {
    const bits = fc.constantFrom('', '"', '\\', '\\u0061', '\\/', '0', '00', '-', '.5', 'e1', ' ', ',', '{', '}', ']');
    fc.assert(
      fc.property(
        entry,
        fc.oneof(bits, fc.string({ maxLength: 3 })),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(2),
        (fields, put, place, dropped) => {
          const line = lineText(HEAD, fields);
          const at = Math.floor(place * line.length);
          const changed = `${line.slice(0, at)}${put}${line.slice(at + dropped)}`;
          if (Buffer.from(changed).toString() === changed && !changed.includes('\n')) expectAlike(changed);
        },
      ),
      { numRuns: rounds(5_000) },
    );
  });

  it('are all those that a session of point selects leaves behind', () => {
    const response = { bytes: 130, kept: 130, sha256: 'cd'.repeat(32), segment: 1, offset: 260 };
    const rows = { kind: 'rows', columns: 1, rows: 1, warnings: 0 } as const;
    const head = { session: 1, operation: 3, name: 'COM_QUERY' };
    const [asked, answered]: readonly EntryFields[] = [
      {
        type: 'operation',
        ...head,
        verdict: 'allow',
        policies: ['allow-everything'],
        shape: 'abcdef0123456789',
        body: { database: 'shop', text: 'SELECT c\nFROM "t" -- \\' },
      },
      { type: 'result', ...head, outcome: 'ok', durationUs: 120, response, body: { results: [rows] } },
    ];
    for (const fields of [asked, answered])
      expect(fields !== undefined && expectAlike(lineText(HEAD, fields))).toBe(true);
  });

  it.each([
    ['another number', `{"seq":13,"prev":"${PREV}"`],
    ['another hash before', `{"seq":12,"prev":"${'0'.repeat(64)}"`],
    ['a number twice', `{"seq":12,"seq":12,"prev":"${PREV}"`],
  ])('are none with %s', (_, head) => {
    const rest = `,"at":"${AT}","mono":1,"type":"result","session":1,"name":"x","outcome":"ok","durationUs":1,"body":{"results":[]}}`;
    expect(readUsual(`{"seq":12,"prev":"${PREV}"${rest}`)).toBeDefined();
    expect(readUsual(`${head}${rest}`)).toBeUndefined();
  });

  it('are no operations whose name the protocol does not have', () => {
    const line = lineText(HEAD, {
      type: 'operation',
      session: 1,
      operation: 1,
      name: 'COM_QUERY',
      verdict: 'allow',
      policies: [],
      shape: null,
      body: { database: null, text: 'SELECT 1' },
    });
    expect(readUsual(line)).toBeDefined();
    expect(readUsual(line.replace('COM_QUERY', 'COM_QUIT'))).toBeUndefined();
  });
});
