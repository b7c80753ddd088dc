import { LineSplitter, seqOfLine } from '../chain/lines.js';
import { EntryReader, type ReadEntry } from '../entries/entry-reader.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import { type EntrySource, unreadableEntry } from '../verify/reader.js';

/** A line without its newline, and the number that its place gives it. */
export interface RawLine {
  readonly seq: number;
  readonly line: Buffer;
}

/**
 * The lines of a recording from the entry `fromSeq` on as they are, not parsed, in the batches in which they are read. A
 * last line without its newline is still being written and left out.
 * @throws BrokerError `recording_unavailable` where the source does not begin near that entry
 */
export async function* rawLines(source: EntrySource, fromSeq: number): AsyncGenerator<readonly RawLine[]> {
  let seq = 0;
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  for await (const chunk of source(fromSeq)) {
    const lines: RawLine[] = [];
    const whole = splitter.push(chunk, (line) => {
      seq = seq > 0 || fromSeq === 1 ? seq + 1 : firstSeq(line, fromSeq);
      if (seq >= fromSeq) lines.push({ seq, line });
      return true;
    });
    if (lines.length > 0) yield lines;
    if (!whole) throw unreadableEntry(seq + 1);
  }
}

function firstSeq(line: Buffer, fromSeq: number): number {
  const seq = seqOfLine(line);
  if (seq === undefined || seq > fromSeq) throw unreadableEntry(fromSeq);
  return seq;
}

/** A reader of lines from anywhere in a recording, which has seen its first. Undefined while there is none. */
export async function readerOf(
  source: EntrySource,
  protocols: RecordedProtocols,
  options?: { readonly anyForm: boolean },
): Promise<OpenedReader | undefined> {
  const reader = new EntryReader(protocols, options);
  for await (const [first] of rawLines(source, 1)) {
    if (first !== undefined) return { reader, first: parsedLine(reader, first) };
  }
  return undefined;
}

export interface OpenedReader {
  readonly reader: EntryReader;
  /** `grant.opened`. */
  readonly first: ReadEntry;
}

/** @throws BrokerError `recording_unavailable` for a line that is no entry, or not the one of its place */
export function parsedLine(reader: EntryReader, { line, seq }: RawLine): ReadEntry {
  const parsed = reader.parse(line);
  if ('entry' in parsed && parsed.entry.seq === seq) return parsed;
  throw unreadableEntry(seq);
}

/** The number of the last whole line; 0 while there is none. Reads only the end. */
export async function lastSeq(source: EntrySource): Promise<number> {
  let last = 0;
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  for await (const chunk of source(Number.MAX_SAFE_INTEGER)) {
    const whole = splitter.push(chunk, (line) => {
      last = last > 0 ? last + 1 : (seqOfLine(line) ?? 0);
      return true;
    });
    if (!whole) throw unreadableEntry(last + 1);
  }
  return last;
}
