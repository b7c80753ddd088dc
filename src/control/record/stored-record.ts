import type { RecordEntryRow } from '../../persistence/entities/administrative-record.js';
import type { RecordHead, RecordReader, StoredCheckpoint } from '../../persistence/record/record-reader.js';
import { chainHash } from '../../recording/chain/chain.js';
import { entryIn } from '../../record/entry-line.js';
import type { RecordLine } from '../../record/record-report.js';

/** Read at a time: a page of entries of usual size is a few hundred kilobytes. */
const PAGE_ENTRIES = 500;

/** A part of the record as it is stored: after one entry, up to another. */
export interface RecordRange {
  readonly after: number;
  readonly to: number;
  /** Up to which entry checkpoints are looked for: also of entries that should be there and are not. */
  readonly signedTo: number;
}

/** Where the record ends. */
export interface RecordEnd {
  readonly head: RecordHead | undefined;
  readonly signedTo: number;
  /** The last entry that is stored. */
  readonly lastSeq: number;
}

/** In this order: what was there before the head was read is not after the head, unless somebody made it so. */
export async function recordEnd(reader: RecordReader): Promise<RecordEnd> {
  const last = await reader.lastCheckpoint();
  const lastSeq = await reader.lastSeq();
  return { head: await reader.head(), signedTo: last?.seq ?? 0, lastSeq };
}

/** The entries of a range in order, each followed by its checkpoint where there is one; page by page. */
export async function* storedRecord(
  reader: RecordReader,
  { after, to, signedTo }: RecordRange,
): AsyncGenerator<RecordLine> {
  const checkpoints = new CheckpointsInOrder(reader, { after, to: Math.max(to, signedTo) });
  for (let seq = after; seq < to;) {
    const rows = await reader.between({ after: seq, to }, PAGE_ENTRIES);
    if (rows.length === 0) break;
    for (const row of rows) {
      yield* checkpoints.before(row.seq);
      yield { line: row.line, wrong: whatIsWrong(row) };
      seq = row.seq;
    }
  }
  // Those of the last entry, and of entries that are not there any more.
  yield* checkpoints.before(Number.POSITIVE_INFINITY);
}

/** What lists are filtered by must be what the line says, or an entry could be hidden from them. */
function whatIsWrong({ seq, atMs, act, principalName, subjectKind, subjectName, line, hash }: RecordEntryRow) {
  if (chainHash(line) !== hash) return 'was changed: its hash is another one than is stored with it.';
  const entry = entryIn(line);
  if (entry === undefined) return undefined; // the check of its form says so
  const isSame =
    entry.seq === seq &&
    Date.parse(entry.at) === atMs &&
    entry.act === act &&
    entry.who.name === principalName &&
    entry.subject.kind === subjectKind &&
    entry.subject.name === subjectName;
  return isSame ? undefined : 'is stored under a number, a time or a name that is not its own.';
}

/** Hands out checkpoints in the order of their entries, a page ahead. */
class CheckpointsInOrder {
  readonly #reader: RecordReader;
  readonly #to: number;
  #after: number;
  #page: StoredCheckpoint[] = [];
  #isLast = false;

  constructor(reader: RecordReader, { after, to }: Pick<RecordRange, 'after' | 'to'>) {
    this.#reader = reader;
    this.#after = after;
    this.#to = to;
  }

  /** Those of entries before this one. */
  async *before(seq: number): AsyncGenerator<RecordLine> {
    for (;;) {
      if (this.#page.length === 0 && !this.#isLast) await this.#read();
      const [next] = this.#page;
      if (next === undefined || next.seq >= seq) return;
      this.#page.shift();
      yield { checkpoint: next.jws };
    }
  }

  async #read(): Promise<void> {
    const range = { after: this.#after, to: this.#to };
    this.#page = [...(await this.#reader.checkpointsBetween(range, PAGE_ENTRIES))];
    this.#isLast = this.#page.length < PAGE_ENTRIES;
    this.#after = this.#page.at(-1)?.seq ?? this.#after;
  }
}
