import { newId } from '../../domain/ids.js';
import type { GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { countsWith } from '../../persistence/statements/statement-counts.js';
import type { StatementGrantRow } from '../../persistence/entities/recordings/statement-index.js';
import type { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { cutText } from '../../persistence/statements/indexed-statement.js';
import type { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { fileDigest } from '../../recording/chain/file-digest.js';
import type { Entry, TypedEntry } from '../../recording/entries/entries.js';
import type { EntryReader } from '../../recording/entries/entry-reader.js';
import { parsedLine, rawLines, readerOf } from '../../recording/look/raw-lines.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import { SealedFile } from '../../recording/seal/sealed-file.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import type { EntrySource } from '../../recording/verify/reader.js';
import { usOf } from './entry-time.js';
import { StatementReader, unfinishedIn } from './statement-reader.js';

/** So many statements go into the index at once: no transaction may last longer than the state database is waited for. */
const BATCH_MAX = 250;
/** So many entries are read between two signs of life, whatever is in them. */
const ENTRIES_MAX = 20_000;
const TITLE_MAX = 200;
const REFERENCE_MAX = 500;

/** What is counted of indexing. */
export interface IndexMetrics {
  indexed(statements: number): void;
  /** How many sealed recordings are not in the index as a whole. */
  unindexed(recordings: number): void;
}

export interface StatementIndexerOptions {
  readonly index: StatementIndexRepository;
  readonly recordings: RecordingRepository;
  readonly store: RecordingStore;
  readonly recorded: RecordedProtocols;
  readonly protocols: readonly TargetProtocol[];
  readonly metrics: IndexMetrics;
}

/** `fromStart`: what is in the index of the recording is taken out, and all of it is read again. */
export interface IndexReading {
  readonly fromStart?: boolean;
}

/** `indexed`: to the end that it has now. `busy`: another process reads it. `empty`: there is nothing to read yet. */
export type IndexOutcome = 'indexed' | 'busy' | 'empty';

/**
 * Brings the statements of recordings into the index. What is there is never read twice: each batch says with its
 * statements, in one transaction, up to which entry it goes.
 */
export class StatementIndexer {
  readonly #options: StatementIndexerOptions;
  readonly #reader = newId();
  #isStopping = false;

  constructor(options: StatementIndexerOptions) {
    this.#options = options;
  }

  /** Ends what is under way after its next batch. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Reads on in a recording that goes on. */
  async live(grantId: GrantId, reading: IndexReading = {}): Promise<IndexOutcome> {
    return this.#read(grantId, await this.#options.store.liveEntries(grantId), reading);
  }

  /**
   * Reads a sealed recording to its end.
   * @throws BrokerError `recording_mismatch` when the file is not the one that was sealed, `recording_not_found` when the
   *   state database does not know it, `recording_unavailable`
   */
  async sealed(grantId: GrantId, reading: IndexReading = {}): Promise<IndexOutcome> {
    const { store, recordings, index } = this.#options;
    const row = await recordings.find(grantId);
    if (row === undefined)
      throw new BrokerError('recording_not_found', { detail: 'The state database does not have this recording.' });
    const file = await store.openSealed(grantId);
    try {
      if ((await fileDigest(file)) !== row.sha256)
        throw new BrokerError('recording_mismatch', { detail: 'It is not the file that was sealed.' });
      const sealed = await SealedFile.in(file);
      if (!(sealed instanceof SealedFile))
        throw new BrokerError('recording_unavailable', { detail: 'The sealed file is damaged.' });
      const outcome = await this.#read(grantId, (fromSeq) => sealed.lines(fromSeq), reading);
      if (outcome === 'indexed') await index.finish(grantId);
      return outcome;
    } finally {
      await file.close();
    }
  }

  async #read(grantId: GrantId, source: EntrySource, { fromStart = false }: IndexReading): Promise<IndexOutcome> {
    const { index } = this.#options;
    const recording = await this.#open(grantId, source);
    if (recording === undefined) return 'empty';
    if (!(await this.#claim(grantId, recording))) return 'busy';
    try {
      if (fromStart) await index.clear(grantId);
      return await this.#readClaimed(grantId, recording);
    } finally {
      await index.release(grantId, this.#reader).catch(() => undefined); // it runs out by itself
    }
  }

  /** What nobody has read yet is made known to the index first. Not each time: even an insert that is ignored takes one of the table's numbers. */
  async #claim(grantId: GrantId, { opened }: ReadRecording): Promise<boolean> {
    const { index } = this.#options;
    if (await index.claim(grantId, this.#reader)) return true;
    if ((await index.find(grantId)) !== undefined) return false;
    await index.begin(grantOf(grantId, opened));
    return index.claim(grantId, this.#reader);
  }

  async #readClaimed(grantId: GrantId, recording: ReadRecording): Promise<IndexOutcome> {
    const { index } = this.#options;
    const known = await index.find(grantId);
    if (known === undefined) return 'busy';
    const outcome = known.doneSeq < 0 ? undefined : await this.#readOn(known, recording);
    if (outcome !== undefined) return outcome;
    await index.clear(grantId);
    const grant = await index.find(grantId);
    return (grant && (await this.#readOn(grant, recording))) ?? 'busy';
  }

  /** @returns undefined when the entry that was read last is not there any more: after a loss of power, or damage, others stand there */
  async #readOn(from: StatementGrantRow, { source, reader, opened }: ReadRecording): Promise<IndexOutcome | undefined> {
    const unfinished = unfinishedIn(from.unfinished);
    const statements = new StatementReader(this.#followerOf(opened, unfinished.memory), unfinished);
    const store = this.#storing(from, statements);
    let isThere = from.doneSeq === 0;
    for await (const lines of rawLines(source, Math.max(from.doneSeq, 1))) {
      for (const line of lines) {
        const { entry } = parsedLine(reader, line);
        if (!isThere) {
          if (entry.prev !== from.donePrev) return undefined;
          isThere = true;
          continue;
        }
        statements.take(entry);
        if (!store.isDue(entry)) continue;
        if (!(await store.now()) || this.#isStopping) return 'busy';
      }
    }
    if (!isThere) return undefined;
    return (await store.now()) ? 'indexed' : 'busy';
  }

  /** Stores what was taken so far, a batch at a time. */
  #storing(from: StatementGrantRow, statements: StatementReader) {
    const { index, metrics } = this.#options;
    let grant = from;
    let last: Pick<Entry, 'seq' | 'prev'> | undefined;
    return {
      /** Takes the entry that was taken last. */
      isDue(entry: Pick<Entry, 'seq' | 'prev'>): boolean {
        last = entry;
        return statements.size >= BATCH_MAX || entry.seq - grant.doneSeq >= ENTRIES_MAX;
      },
      /** @returns false: another has read on since */
      async now(): Promise<boolean> {
        if (last === undefined || last.seq === grant.doneSeq) return true;
        const batch = statements.batch(last);
        const isStored = await index.apply(grant, batch);
        if (isStored) metrics.indexed(batch.statements.length);
        grant = { ...grant, doneSeq: batch.doneSeq, counts: countsWith(grant.counts, batch) };
        return isStored;
      },
    };
  }

  #followerOf(opened: TypedEntry<'grant.opened'>, memory: Readonly<Record<string, unknown>> | null) {
    const known = this.#options.protocols.find(({ name }) => name === opened.target.protocol);
    return known?.indexed?.follower(opened, memory);
  }

  /** @throws BrokerError `recording_mismatch` when it is another grant's */
  async #open(grantId: GrantId, source: EntrySource): Promise<ReadRecording | undefined> {
    const found = await readerOf(source, this.#options.recorded);
    if (found === undefined) return undefined;
    const { entry } = found.first;
    if (entry.type !== 'grant.opened' || entry.grant !== grantId)
      throw new BrokerError('recording_mismatch', { detail: `It is not the recording of grant ${grantId}.` });
    return { source, reader: found.reader, opened: entry };
  }
}

/** The recording that is being read, and a reader that has seen its first entry. */
interface ReadRecording {
  readonly source: EntrySource;
  readonly reader: EntryReader;
  readonly opened: TypedEntry<'grant.opened'>;
}

function grantOf(grantId: GrantId, { at, principal, sponsor, target, task }: TypedEntry<'grant.opened'>) {
  return {
    grantId,
    principal: principal.name,
    sponsor: sponsor === undefined ? null : { name: sponsor.name, isClaim: sponsor.isClaim },
    target: target.name,
    protocol: target.protocol,
    title: cutText(task.title, TITLE_MAX),
    reference: task.reference === undefined ? null : cutText(task.reference, REFERENCE_MAX),
    openedAtUs: usOf(at),
  };
}
