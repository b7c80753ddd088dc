import { closeSync, fdatasyncSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { CHAIN_START, chainHash } from '../chain/chain.js';
import { referencesOf, type EntryFields } from '../entries/entries.js';
import { type BodyBytes, type LineHead, lineText, putEntry } from '../entries/entry-bytes.js';
import { closingLine } from '../format-1/closing-line.js';
import { ClosingReserve } from './closing-reserve.js';
import { GroupCommit } from './group-commit.js';
import { OPEN, openOwnSync, syncDirectory } from './own-files.js';
import { PendingLines } from './pending-lines.js';
import { ENTRIES_NAME } from './layout.js';
import { DEFAULT_LIMITS, type RecordingLimits } from '../entries/limits.js';
import { recoverLive, type Recovered } from './recovery.js';
import { ResponseCapture } from './response-capture.js';
import { SegmentWriter } from './segment-writer.js';
import { systemErrorCode, unavailable } from './system-error.js';
import { TimestampFormatter } from '../entries/timestamp.js';
import type { Written } from './write-sync.js';

/**
 * What an entry has survived when its `released` callback runs. `process`: it is in the operating system's hands and
 * outlives this process. `disk`: it is on the disk and outlives the machine's power.
 */
export type Durability = 'process' | 'disk';

/** `bytes`: usual entries are put together byte by byte. `json`: every entry by JSON.stringify. docs/measured-tricks.md */
export type EntryWay = 'bytes' | 'json';

export interface RecordingWriterOptions {
  /** `<root>/<grantId>`; its parent is made when missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly durability: Durability;
  /** How the lines of entries are made, the same bytes either way. Default: `bytes`, the quick one. */
  readonly entriesAs?: EntryWay;
  /** How the target's protocol puts its bodies together; absent: as JSON. */
  readonly bodies?: BodyBytes;
  /** What differs from `DEFAULT_LIMITS`. */
  readonly limits?: Partial<RecordingLimits>;
}

/** Counters since the writer was made. */
export interface RecordingWriterStats {
  readonly entries: number;
  readonly entryBytes: number;
  /** System calls that wrote entries; responses are counted apart. */
  readonly entryWrites: number;
  readonly responseBytes: number;
  readonly responseWrites: number;
  readonly syncs: number;
}

const FRESH: Recovered = {
  format: 2,
  seq: 0,
  hash: CHAIN_START,
  monoUs: 0,
  entriesBytes: 0,
  segment: 0,
  segmentBytes: 0,
  responseBytes: 0,
  tornBytes: 0,
};

/** How long the entry of a result may wait for another entry to be written with. */
const RESULT_LAG_MS = 10;

/**
 * Appends the entries of one grant. What is appended in one turn of the event loop is written at its end by one system
 * call; only then the entries' `released` callbacks run, in order: forward a statement in its callback, never before.
 * In a turn that has only results, which nothing waits for, they are left for the next turn's call, 10 ms at most.
 * After any failed write the writer stays failed: nothing is released any more, and `append` throws.
 */
export class RecordingWriter {
  readonly #reserve: ClosingReserve;
  readonly #clock: Clock;
  readonly #limits: RecordingLimits;
  readonly #entriesAs: EntryWay;
  readonly #bodies: BodyBytes | undefined;
  /** Of the lines; all lines of a recording are of one format. */
  readonly #format: 1 | 2;
  readonly #entriesFd: number;
  /** Bytes that `reopen` and earlier recoveries cut from the torn end. */
  readonly tornBytes: number;

  // The chain, and the lines of this turn.
  #seq: number;
  #previousHash: string;
  /** The last line while its hash is not made: that is needed with the next line only, after what is released. */
  #unhashed: Buffer | undefined;
  #monoZeroUs: number;
  /** The time of day at the monotonic clock's zero, as it was found in this turn; NaN before its first line. */
  #originUs = Number.NaN;
  readonly #timestamps = new TimestampFormatter();
  readonly #lines = new PendingLines();
  #released: (() => void)[] = [];
  #isWriteDue = false;
  /** Something else than results came in this turn. */
  #urgent = false;
  #lagTimer: NodeJS.Timeout | undefined;
  readonly #onWriteDue = (): void => {
    this.#isWriteDue = false;
    this.#originUs = Number.NaN;
    if (this.#failure !== undefined) return;
    if (this.#urgent) this.#flush();
    else this.#lag();
  };
  readonly #onLagEnd = (): void => {
    this.#lagTimer = undefined;
    if (this.#failure === undefined) this.#flush();
  };

  readonly #segments: SegmentWriter;
  /** Only with durability `disk`. */
  readonly #commit: GroupCommit | undefined;

  #failure: BrokerError | undefined;
  #listeners: ((failure: BrokerError) => void)[] = [];
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #stats = { entries: 0, entryBytes: 0, entryWrites: 0, responseBytes: 0, responseWrites: 0 };
  #bytesWritten: number;

  private constructor(options: RecordingWriterOptions, entriesFd: number, recovered: Recovered) {
    this.#reserve = new ClosingReserve(options.directory);
    this.#clock = options.clock;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#entriesAs = options.entriesAs ?? 'bytes';
    this.#bodies = options.bodies;
    this.#format = recovered.format;
    this.#entriesFd = entriesFd;
    this.tornBytes = recovered.tornBytes;
    this.#seq = recovered.seq;
    this.#previousHash = recovered.hash;
    this.#monoZeroUs = options.clock.monotonicUs() - recovered.monoUs;
    const keepForSync = options.durability === 'disk';
    this.#segments = new SegmentWriter({ directory: options.directory, limits: this.#limits, recovered, keepForSync });
    this.#commit = keepForSync
      ? new GroupCommit({ entriesFd, segments: this.#segments, onFailure: (cause) => this.#fail(cause) })
      : undefined;
    this.#bytesWritten = recovered.entriesBytes + recovered.responseBytes;
  }

  /** Makes the directory, the entries file and the reserve. Refuses a directory that exists: `recording_unavailable`. */
  static async create(options: RecordingWriterOptions): Promise<RecordingWriter> {
    try {
      await mkdir(dirname(options.directory), { recursive: true });
      await mkdir(options.directory, { mode: 0o700 });
      await ClosingReserve.make(options.directory, options.limits?.reserveBytes ?? DEFAULT_LIMITS.reserveBytes);
      const fd = openOwnSync(options.directory, ENTRIES_NAME, OPEN.create);
      await syncDirectory(options.directory);
      await syncDirectory(dirname(options.directory));
      return new RecordingWriter(options, fd, FRESH);
    } catch (error) {
      const exists = systemErrorCode(error) === 'EEXIST';
      throw unavailable(exists ? 'There is a recording of this grant already.' : 'It could not be created.', error);
    }
  }

  /**
   * Goes on with the recording of a writer that died: cuts its torn end (`tornBytes`) and continues the chain. The
   * writer before must be dead; two writers on one directory break the chain.
   */
  static reopen(options: RecordingWriterOptions): RecordingWriter {
    try {
      const recovered = recoverLive(options.directory);
      const fd = openOwnSync(options.directory, ENTRIES_NAME, OPEN.append);
      return new RecordingWriter(options, fd, recovered);
    } catch (error) {
      if (error instanceof BrokerError) throw error;
      throw unavailable('It could not be opened again.', error);
    }
  }

  /** Set once, by the first write that failed. */
  get failure(): BrokerError | undefined {
    return this.#failure;
  }

  /** Bytes of entries and responses in the live directory. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get stats(): RecordingWriterStats {
    return { ...this.#stats, syncs: this.#commit?.syncs ?? 0 };
  }

  /** Tells the listener once, when the writer fails or at once when it has. */
  onFailure(listener: (failure: BrokerError) => void): void {
    if (this.#failure === undefined) this.#listeners.push(listener);
    else listener(this.#failure);
  }

  /**
   * Adds an entry and gives its number. `released` runs when the entry is as durable as `durability` says, never inside
   * this call; it must not throw. Throws `recording_unavailable` on a failed writer, and `payload_too_large` for an entry
   * over `entryBytesMax`, which is then not part of the recording.
   */
  append(fields: EntryFields, released?: () => void): number {
    if (this.#failure !== undefined) throw this.#failure;
    assert(!this.#closed, 'nothing is appended to a closed recording');
    this.#chain(fields);
    if (released !== undefined) this.#released.push(released);
    this.#urgent ||= released !== undefined || !mayLag(fields);
    if (this.#lines.waitingBytes > this.#limits.bufferedBytesMax) {
      const failure = this.#write();
      if (failure !== undefined) throw failure;
    }
    if (!this.#isWriteDue) {
      this.#isWriteDue = true;
      setImmediate(this.#onWriteDue);
    }
    return this.#seq;
  }

  /** A capture for the responses of one session, one after the other. */
  captureResponse(): ResponseCapture {
    return new ResponseCapture(this.#segments, this.#limits.responseBytesPerStatementMax);
  }

  /** Writes what is buffered now and releases it as at the end of a turn. Throws when the writer has failed or fails. */
  flushNow(): void {
    if (this.#failure === undefined) this.#flush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Adds an entry of the recording's end and writes it now. Where `append` fails for want of space, it gives up the
   * reserve, cuts the unfinished line and writes again; so it works on a writer that a full disk has failed, too.
   * Entries that were never released may be missing then; whole lines that reached the file stay.
   */
  appendClosing(fields: EntryFields): number {
    if (this.#failure === undefined) {
      try {
        const seq = this.append(fields);
        this.flushNow();
        return seq;
      } catch (error) {
        // Only a write that failed is tried again below.
        if (error !== this.#failure) throw error;
      }
    }
    assert(!this.#closed, 'nothing is appended to a closed recording');
    return this.#reserve.write(this.#failure, (recovered) => this.#appendInReserve(fields, recovered));
  }

  /** Flushes, waits for the disk where `durability` asks for it, and gives the files back. Throws what the flush throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      // What is released here may append once more.
      while (this.#lines.waitingBytes > 0 && this.#failure === undefined) {
        this.flushNow();
        await this.#commit?.idle();
      }
      if (this.#commit !== undefined && this.#reserve.isGivenUp) fdatasyncSync(this.#entriesFd);
    } finally {
      await this.#commit?.idle();
      this.#closed = true;
      clearTimeout(this.#lagTimer);
      closeSync(this.#entriesFd);
      this.#segments.close();
    }
  }

  #chain(fields: EntryFields): void {
    const monotonicUs = this.#clock.monotonicUs();
    if (this.#seq === 0) this.#monoZeroUs = monotonicUs;
    if (Number.isNaN(this.#originUs)) this.#originUs = this.#clock.nowUs() - monotonicUs;
    this.#hashLast();
    const head = {
      seq: this.#seq + 1,
      prev: this.#previousHash,
      at: this.#timestamps.format(this.#originUs + monotonicUs),
      mono: monotonicUs - this.#monoZeroUs,
    };
    const line = this.#put(head, fields);
    for (const reference of referencesOf(fields)) if (reference.kept > 0) this.#segments.queue(reference);
    this.#unhashed = line;
    this.#seq += 1;
    this.#stats.entries += 1;
  }

  /** Gives the line's bytes, which stay until the next entry is put there. */
  #put(head: LineHead, fields: EntryFields): Buffer {
    const { entryBytesMax } = this.#limits;
    if (this.#format === 1) return this.#add(lineText(head, closingLine(fields)));
    if (this.#entriesAs === 'bytes' && putEntry(this.#lines, head, fields, this.#bodies)) {
      if (this.#lines.lineBytes > entryBytesMax) throw tooLarge();
      return this.#lines.end();
    }
    return this.#add(lineText(head, fields));
  }

  #add(text: string): Buffer {
    if (isOver(text, this.#limits.entryBytesMax)) throw tooLarge();
    return this.#lines.add(text);
  }

  /** Before the line's bytes are gone. */
  #hashLast(): void {
    if (this.#unhashed === undefined) return;
    this.#previousHash = chainHash(this.#unhashed);
    this.#unhashed = undefined;
  }

  /** Writes the responses of the results that wait, so that their lines can be written later by one call with others. */
  #lag(): void {
    try {
      this.#writeResponses();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#hashLast();
    if (this.#lines.waitingBytes > 0) this.#lagTimer ??= setTimeout(this.#onLagEnd, RESULT_LAG_MS);
  }

  #flush(): void {
    if (this.#write() !== undefined) return;
    this.#urgent = false;
    const released = this.#released;
    this.#released = [];
    if (this.#commit !== undefined) this.#commit.cover(released);
    else for (const callback of released) callback();
    this.#hashLast();
    if (this.#lines.waitingBytes === 0) this.#lines.clear(); // or a callback has appended something
  }

  /** Responses first: a line that is in the file never refers to bytes that are not. */
  #write(): BrokerError | undefined {
    if (this.#lines.waitingBytes === 0) return undefined;
    try {
      this.#writeResponses();
      this.#writeLines();
      return undefined;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #writeResponses(): void {
    const responses = this.#segments.write();
    this.#bytesWritten += responses.bytes;
    this.#stats.responseBytes += responses.bytes;
    this.#stats.responseWrites += responses.writes;
  }

  #writeLines(): void {
    const written: Written = this.#lines.write(this.#entriesFd);
    this.#bytesWritten += written.bytes;
    this.#stats.entryBytes += written.bytes;
    this.#stats.entryWrites += written.writes;
  }

  #fail(cause: unknown): BrokerError {
    if (this.#failure !== undefined) return this.#failure;
    const failure = unavailable(`Writing failed (${systemErrorCode(cause) ?? 'unknown'}).`, cause);
    this.#failure = failure;
    this.#lines.clear();
    this.#unhashed = undefined;
    this.#released = [];
    this.#commit?.stop();
    this.#segments.drop();
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(failure);
    return failure;
  }

  #appendInReserve(fields: EntryFields, recovered: Recovered | undefined): number {
    if (recovered !== undefined) {
      this.#seq = recovered.seq;
      this.#previousHash = recovered.hash;
      this.#unhashed = undefined;
      this.#bytesWritten = recovered.entriesBytes + recovered.responseBytes;
    }
    this.#chain(fields);
    this.#writeLines();
    this.#hashLast();
    this.#lines.clear();
    return this.#seq;
  }
}

/** Nothing waits for what only says what has come. */
function mayLag({ type }: EntryFields): boolean {
  return type === 'result' || type === 'stream';
}

function tooLarge(): BrokerError {
  return new BrokerError('payload_too_large', { detail: 'The entry is larger than a recording takes.' });
}

/** UTF-8 takes at most three bytes for a unit of the string, so most lines need no count. */
function isOver(line: string, bytesMax: number): boolean {
  return line.length * 3 > bytesMax && Buffer.byteLength(line) > bytesMax;
}
