import * as fc from 'fast-check';
import { anyText } from './any-text.js';
import type { BytesReference } from '../../src/recording/entries/entries.js';
import { type LineHead, lineText } from '../../src/recording/entries/entry-bytes.js';
import { EntryReader } from '../../src/recording/entries/entry-reader.js';
import { UsualLineReader, type UsualForm } from '../../src/recording/entries/usual-line.js';
import type { RecordedProtocols } from '../../src/recording/recorded-protocol.js';

/** Values for lines that are read in place, and the readings of one line, which have to say the same. */

const AT = '2026-01-31T12:00:00.000001Z';
export const PREV = 'ab'.repeat(32);
const HEAD: LineHead = { seq: 12, prev: PREV, at: Buffer.from(AT), mono: 3_000 };

/** Most are usual: so are the lines that are made of them then. */
export function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: other });
}

export const count = mostly(fc.oneof(fc.nat(), fc.nat(9)), fc.maxSafeInteger().map(Math.abs));
export const ordinal = fc.oneof(fc.integer({ min: 1 }), fc.constantFrom(1, 9, 10, 999_999_999_999_999));

const sql = fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', '/', '\n', '\t', ' ', '\u007f', '😀', '\u2028') });
export const plain = mostly(sql, anyText);

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
export const reference: fc.Arbitrary<BytesReference> = fc.record({
  bytes: count,
  kept: count,
  sha256: digest,
  segment: count,
  offset: count,
});

/** A line with these fields, in the place where `readUsual` and `readAny` expect it. */
export function lineOf(fields: object): string {
  return lineText(HEAD, fields);
}

/** The line after something small was put into it, anywhere, or taken out. */
export function changed(line: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const bits = fc.constantFrom('', '"', '\\', '\\u0061', '\\/', '0', '00', '-', '.5', 'e1', ' ', ',', '{', '}', ']');
  const put = fc.oneof(bits, fc.string({ maxLength: 3 }));
  return fc
    .tuple(line, put, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2))
    .map(([text, piece, place, dropped]) => {
      const at = Math.floor(place * text.length);
      return `${text.slice(0, at)}${piece}${text.slice(at + dropped)}`;
    })
    .filter((text) => Buffer.from(text).toString() === text && !text.includes('\n'));
}

/** What is read of a line in place, beside other lines as it stands in a recording, with its time and its bytes. */
export function readUsual(form: UsualForm, line: string) {
  const reader = new UsualLineReader(form);
  const before = Buffer.from('{"seq":11}\n');
  const lines = Buffer.concat([before, Buffer.from(`${line}\n{"seq":13}\n`)]);
  reader.begin(lines, Buffer.from(`${'0'.repeat(64)}${PREV}`));
  const read = reader.read(before.length, HEAD.seq, PREV.length);
  if (read === undefined) return undefined;
  return {
    ...read,
    at: lines.toString('latin1', reader.timeAt, reader.timeAt + AT.length),
    end: reader.end - before.length,
  };
}

/** The same, read as any line is after the first of a recording; undefined where that says that it is wrong. */
export function readAny(protocols: RecordedProtocols, opened: object, line: string) {
  const reader = new EntryReader(protocols);
  reader.parse(Buffer.from(JSON.stringify({ seq: 1, prev: '0'.repeat(64), at: AT, mono: 0, ...opened })));
  const parsed = reader.parse(Buffer.from(line));
  if (!('entry' in parsed)) return undefined;
  const { entry, written } = parsed;
  if (entry.seq !== HEAD.seq || entry.prev !== PREV || JSON.stringify(written) !== line) return undefined;
  const { type, mono, at } = entry;
  const end = Buffer.byteLength(line);
  if (type === 'operation') return { type, mono, at, end, session: entry.session, operation: entry.operation };
  if (type !== 'result') return undefined;
  const { session, operation, request, response } = entry;
  return { type, mono, at, end, session, operation, request, response };
}
