import type { FileHandle } from 'node:fs/promises';
import { BrokerError } from '../../kernel/errors.js';
import { fileChunks, type FileRange } from '../chain/file-chunks.js';
import { lineNear } from '../chain/line-search.js';
import { EntryReader } from '../entries/entry-reader.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { unreadableEntry, type EntrySource } from '../verify/reader.js';
import { ENTRIES_NAME } from '../write/layout.js';
import { OPEN, openOwn } from '../write/own-files.js';

const NEWLINE = 0x0a;
/** Recordings of which a place is remembered; at more all of them are forgotten. */
const PLACES_MAX = 10_000;

/**
 * Where the last whole line of each live recording began when it was last read to its end. Readers of what is new there
 * begin at it, and need not look for it: where lines are long, a search may end many of them before.
 */
export class LivePlaces {
  readonly #places = new Map<string, number>();

  of(grant: string): number | undefined {
    return this.#places.get(grant);
  }

  note(grant: string, place: number): void {
    if (this.#places.size >= PLACES_MAX) this.#places.clear();
    this.#places.set(grant, place);
  }
}

/**
 * The lines of a live recording, given only when the first says that they are this grant's: a recording that stands in
 * another's place must not be read as that one. A recording without a whole line has nothing to give yet.
 */
export function liveEntries(grant: string, directory: string, places: LivePlaces): EntrySource {
  return async function* lines(fromSeq) {
    const file = await openOwn(directory, ENTRIES_NAME, OPEN.read);
    try {
      const whole = { offset: 0, size: (await file.stat()).size };
      const first = await firstLine(file, whole);
      if (first === undefined) return;
      requireGrant(grant, first);
      const offset = await lineNear(file, whole, fromSeq, places.of(grant));
      const last = new LastLine(offset);
      for await (const chunk of fileChunks(file, { offset, size: whole.size - offset })) {
        last.take(chunk);
        yield chunk;
      }
      places.note(grant, last.place);
    } finally {
      await file.close();
    }
  };
}

/** Follows where the last line begins that is whole. */
class LastLine {
  #place: number;
  /** Where the line begins of which more is to come. */
  #next: number;
  #at: number;

  constructor(start: number) {
    this.#place = start;
    this.#next = start;
    this.#at = start;
  }

  get place(): number {
    return this.#place;
  }

  take(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end !== -1) {
      const before = end === 0 ? -1 : chunk.lastIndexOf(NEWLINE, end - 1);
      this.#place = before === -1 ? this.#next : this.#at + before + 1;
      this.#next = this.#at + end + 1;
    }
    this.#at += chunk.length;
  }
}

async function firstLine(file: FileHandle, range: FileRange): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of fileChunks(file, range)) {
    const end = chunk.indexOf(NEWLINE);
    parts.push(end === -1 ? chunk : chunk.subarray(0, end));
    if (end !== -1) return Buffer.concat(parts);
    bytes += chunk.length;
    if (bytes > LINE_BYTES_MAX) throw unreadableEntry(1);
  }
  return undefined;
}

function requireGrant(grant: string, line: Buffer): void {
  const parsed = new EntryReader(NO_PROTOCOLS).parse(line);
  if (!('entry' in parsed) || parsed.entry.type !== 'grant.opened') throw unreadableEntry(1);
  if (parsed.entry.grant !== grant) {
    throw new BrokerError('recording_mismatch', {
      detail: `It is the recording of grant ${parsed.entry.grant}, not of ${grant}.`,
    });
  }
}
