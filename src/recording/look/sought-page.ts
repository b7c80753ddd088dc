import type { Verdict } from '../../domain/verdict.js';
import type { Entry, EntryType } from '../entries/entries.js';
import type { ReadEntry } from '../entries/entry-reader.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { type EntrySource, readEntries } from '../verify/reader.js';
import { lastSeq, type OpenedReader, parsedLine, type RawLine, rawLines, readerOf } from './raw-lines.js';

export interface EntryFilter {
  readonly types?: ReadonlySet<EntryType> | undefined;
  readonly verdict?: Verdict | undefined;
  readonly session?: number | undefined;
}

export interface SoughtPageOptions extends EntryFilter {
  /** Entries after this one; 0 for the start. */
  readonly afterSeq: number;
  /** Entries before this one. */
  readonly beforeSeq?: number | undefined;
  /** The last of them and not the first. */
  readonly backwards: boolean;
  readonly limit: number;
}

export interface SoughtPage {
  /** In the recording's order. */
  readonly entries: readonly ReadEntry[];
  /** Of the lines; undefined while there is none. */
  readonly format: 1 | 2 | undefined;
  /** Where a page forwards goes on after, and one backwards before; null where nothing is left. */
  readonly next: number | null;
  readonly previous: number | null;
}

/** Entries that one call looks through; a page that found too few goes on with the next call. */
const LOOKED_MAX = 20_000;
/** Lines read first where a page is read backwards, then twice as many, and so on. */
const LOOK_BACK_LINES = 1_000;
/** Entries may hold large statements: a page ends before it is larger than this, but has one at least. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

const NOTHING: SoughtPage = { entries: [], format: undefined, next: null, previous: null };

/** A page of the entries that are sought, forwards or backwards, by a bounded look through the recording. */
export async function soughtPage(source: EntrySource, options: SoughtPageOptions): Promise<SoughtPage> {
  const { afterSeq, limit } = options;
  if (!options.backwards && options.beforeSeq === undefined && hasNoFilter(options)) {
    const { entries, format, more } = await readEntries(source, { afterSeq, limit });
    return { entries, format, next: more ? (entries.at(-1)?.entry.seq ?? null) : null, previous: null };
  }
  const opened = await readerOf(source, NO_PROTOCOLS);
  if (opened === undefined) return NOTHING;
  return options.backwards ? backwards(source, opened, options) : forwards(source, opened, options);
}

async function forwards(
  source: EntrySource,
  { reader }: OpenedReader,
  options: SoughtPageOptions,
): Promise<SoughtPage> {
  const { afterSeq, beforeSeq = Number.POSITIVE_INFINITY, limit } = options;
  const entries: ReadEntry[] = [];
  const page = (next: number | null): SoughtPage => ({ entries, format: reader.format, next, previous: null });
  let bytes = 0;
  let looked = afterSeq;
  for await (const lines of rawLines(source, afterSeq + 1)) {
    for (const raw of lines) {
      if (raw.seq >= beforeSeq) return page(null);
      if (entries.length === limit || looked - afterSeq >= LOOKED_MAX) return page(looked);
      const read = soughtLine(reader, raw, options);
      if (read !== undefined) {
        bytes += raw.line.length;
        if (entries.length > 0 && bytes > PAGE_BYTES_MAX) return page(looked);
        entries.push(read);
      }
      looked = raw.seq;
    }
  }
  return page(null);
}

async function backwards(
  source: EntrySource,
  { reader }: OpenedReader,
  options: SoughtPageOptions,
): Promise<SoughtPage> {
  const { afterSeq, limit } = options;
  const last = await lastSeq(source);
  const before = Math.min(options.beforeSeq ?? Number.POSITIVE_INFINITY, last + 1);
  let tail = new Tail(limit);
  let begin = before;
  for (let count = hasNoFilter(options) ? limit : LOOK_BACK_LINES; begin > afterSeq + 1; count *= 2) {
    const end = begin;
    begin = Math.max(afterSeq + 1, end - count, before - LOOKED_MAX);
    const earlier = new Tail(limit);
    for await (const raw of linesBetween(source, begin, end)) {
      const read = soughtLine(reader, raw, options);
      if (read !== undefined) earlier.add({ read, bytes: raw.line.length });
    }
    tail = earlier.followedBy(tail);
    if (tail.isFull || before - begin >= LOOKED_MAX) break;
  }
  const entries = tail.entries.map(({ read }) => read);
  const rest = tail.isFull ? (entries[0]?.entry.seq ?? begin) : begin;
  return { entries, format: reader.format, next: null, previous: rest > afterSeq + 1 ? rest : null };
}

async function* linesBetween(source: EntrySource, begin: number, end: number): AsyncGenerator<RawLine> {
  for await (const lines of rawLines(source, begin)) {
    for (const raw of lines) {
      if (raw.seq >= end) return;
      yield raw;
    }
  }
}

interface FoundEntry {
  readonly read: ReadEntry;
  readonly bytes: number;
}

/** The last entries that were found, no more than fit into a page. */
class Tail {
  readonly #limit: number;
  readonly #found: FoundEntry[] = [];
  #bytes = 0;
  #isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly FoundEntry[] {
    return this.#found;
  }

  /** Whether there are as many as fit. */
  get isFull(): boolean {
    return this.#isFull || this.#found.length >= this.#limit;
  }

  add(found: FoundEntry): void {
    this.#found.push(found);
    this.#bytes += found.bytes;
    while (this.#found.length > 1 && (this.#found.length > this.#limit || this.#bytes > PAGE_BYTES_MAX)) {
      this.#bytes -= this.#found.shift()?.bytes ?? 0;
      this.#isFull = true;
    }
  }

  /** These and then those, again no more than fit. */
  followedBy(later: Tail): this {
    for (const found of later.#found) this.add(found);
    this.#isFull ||= later.#isFull;
    return this;
  }
}

function hasNoFilter({ types, verdict, session }: EntryFilter): boolean {
  return types === undefined && verdict === undefined && session === undefined;
}

function soughtLine(reader: OpenedReader['reader'], raw: RawLine, filter: EntryFilter): ReadEntry | undefined {
  if (reader.format === 2 && !mayFit(raw.line, filter)) return undefined;
  const read = parsedLine(reader, raw);
  return fits(read.entry, filter) ? read : undefined;
}

/** False for a line that cannot fit: lines have one form of JSON, so that a field of an entry stands in it as here. */
function mayFit(line: Buffer, { types, verdict, session }: EntryFilter): boolean {
  return (
    (verdict === undefined || line.includes(`"verdict":"${verdict}"`)) &&
    (session === undefined || line.includes(`"session":${session}`)) &&
    (types === undefined || [...types].some((type) => line.includes(`"type":"${type}"`)))
  );
}

function fits(entry: Entry, { types, verdict, session }: EntryFilter): boolean {
  return (
    (types === undefined || types.has(entry.type)) &&
    (verdict === undefined || (entry.type === 'operation' && entry.verdict === verdict)) &&
    (session === undefined || ('session' in entry && entry.session === session))
  );
}
