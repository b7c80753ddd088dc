import type { Entry } from '../entries/entries.js';
import { EntryReader, type ReadEntry } from '../entries/entry-reader.js';
import { NO_PROTOCOLS, type RecordedProtocols } from '../recorded-protocol.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { LineSplitter, seqOfLine } from '../chain/lines.js';
import { BrokerError } from '../../kernel/errors.js';

/**
 * Opens the lines of a recording, from a line on whose number is at most `fromSeq`, and from the first for 1. A source
 * that can jump begins near to the entry. Each call is a new reading.
 */
export type EntrySource = (fromSeq: number) => AsyncIterable<Buffer>;

export interface EntryPage {
  readonly entries: readonly ReadEntry[];
  /** Of the lines; undefined while there is none. */
  readonly format: 1 | 2 | undefined;
  /** True when more lines follow the last of this page. */
  readonly more: boolean;
}

export interface EntryPageOptions {
  /** Begins after this entry; 0 for the start. */
  readonly afterSeq: number;
  readonly limit: number;
}

/** Entries may hold large statements: a page of them ends before it is larger than this, but has one at least. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * One page of entries. The source jumps near to the first; lines before it are skipped by their newlines, not parsed. A
 * last line without its newline is still being written and left out. It checks each line's envelope, not the chain: see
 * `verifyRecording`.
 */
export async function readEntries(source: EntrySource, page: EntryPageOptions): Promise<EntryPage> {
  const fromSeq = page.afterSeq + 1;
  try {
    const parser = await parserFor(source, fromSeq, NO_PROTOCOLS);
    return await pageOf(source(fromSeq), parser, page);
  } catch (error) {
    // Where lines were damaged, the jump may have been led astray; their count from the first cannot be.
    if (fromSeq === 1 || !(error instanceof BrokerError) || error.code !== 'recording_unavailable') throw error;
    return pageOf(source(1), new EntryReader(NO_PROTOCOLS), page);
  }
}

/** The first line says in which format the others are, and whose. */
async function parserFor(source: EntrySource, fromSeq: number, protocols: RecordedProtocols): Promise<EntryReader> {
  const parser = new EntryReader(protocols);
  if (fromSeq === 1) return parser;
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  const onLine = (line: Buffer): boolean => {
    parseEntry(parser, line, 1);
    return false;
  };
  for await (const chunk of source(1)) {
    if (!splitter.push(chunk, onLine)) break;
  }
  return parser;
}

async function pageOf(
  chunks: AsyncIterable<Buffer>,
  parser: EntryReader,
  { afterSeq, limit }: EntryPageOptions,
): Promise<EntryPage> {
  const entries: ReadEntry[] = [];
  let seq = 0;
  let bytes = 0;
  let more = false;
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  const onLine = (line: Buffer): boolean => {
    seq = seq === 0 ? firstSeq(line, afterSeq) : seq + 1;
    const first = seq === 1 ? parseEntry(parser, line, 1) : undefined;
    if (seq <= afterSeq) return true;
    bytes += line.length;
    if (entries.length === limit || (entries.length > 0 && bytes > PAGE_BYTES_MAX)) {
      more = true;
      return false;
    }
    entries.push(first ?? parseEntry(parser, line, seq));
    return true;
  };
  for await (const chunk of chunks) {
    if (!splitter.push(chunk, onLine)) break;
  }
  if (splitter.overlong) throw unreadableEntry(seq + 1);
  return { entries, format: parser.format, more };
}

/** Every entry of a recording in order, bodies and all of protocols that are given. Memory: the lines of one chunk. */
export async function* eachEntry(
  source: EntrySource,
  protocols: RecordedProtocols = NO_PROTOCOLS,
): AsyncGenerator<Entry> {
  for await (const { entry } of eachLine(source, protocols)) yield entry;
}

/**
 * As {@link eachEntry}, each with its line as it stands in the file, from the entry `fromSeq` on. The source jumps near to
 * it; lines before it are not parsed.
 */
export async function* eachLine(
  source: EntrySource,
  protocols: RecordedProtocols,
  fromSeq = 1,
): AsyncGenerator<ReadEntry> {
  let seq = 0;
  const parser = await parserFor(source, fromSeq, protocols);
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  for await (const chunk of source(fromSeq)) {
    const entries: ReadEntry[] = [];
    const whole = splitter.push(chunk, (line) => {
      seq = seq > 0 || fromSeq === 1 ? seq + 1 : firstSeq(line, fromSeq - 1);
      if (seq >= fromSeq) entries.push(parseEntry(parser, line, seq));
      return true;
    });
    yield* entries;
    if (!whole) throw unreadableEntry(seq + 1);
  }
}

/** Of the line that the source begins with: the first of the recording, or one before the page. */
function firstSeq(line: Buffer, afterSeq: number): number {
  const seq = seqOfLine(line);
  if (seq === undefined || seq > afterSeq + 1) throw unreadableEntry(afterSeq + 1);
  return seq;
}

function parseEntry(parser: EntryReader, line: Buffer, seq: number): ReadEntry {
  const parsed = parser.parse(line);
  if ('entry' in parsed && parsed.entry.seq === seq) return parsed;
  throw unreadableEntry(seq);
}

/** What is said of a line that is no entry. */
export function unreadableEntry(entry: number): BrokerError {
  return new BrokerError('recording_unavailable', { detail: `Entry ${entry} of the recording cannot be read.` });
}
