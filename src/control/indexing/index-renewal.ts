import { setTimeout as pause } from 'node:timers/promises';
import { isGrantId } from '../../domain/ids.js';
import type { GrantId } from '../../kernel/brand.js';
import { BrokerError, brokerErrorOf } from '../../kernel/errors.js';
import type { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import type { IndexOutcome, StatementIndexer } from './statement-indexer.js';

/** While a worker reads a recording, it is waited for so often and so long. */
const BUSY_PAUSE_MS = 500;
const BUSY_TRIES_MAX = 120;
const KNOWN_AT_ONCE = 500;

export interface IndexRenewalOptions {
  readonly indexer: StatementIndexer;
  readonly index: StatementIndexRepository;
  readonly store: RecordingStore;
  /** How many statements the indexer has put into the index. */
  readonly statements: () => number;
  readonly progress: (done: number, all: number) => void;
  readonly failed: (grantId: GrantId, error: BrokerError) => void;
}

export interface RebuildCounts {
  readonly recordings: number;
  readonly statements: number;
  /** Recordings that were in the index and do not exist any more. */
  readonly removed: number;
  readonly failed: number;
}

/** Makes the index of statements again from the recordings, one after the other, while the broker runs or not. */
export class IndexRenewal {
  readonly #options: IndexRenewalOptions;

  constructor(options: IndexRenewalOptions) {
    this.#options = options;
  }

  /** Of one recording, or of all. */
  async run(only: string | undefined): Promise<RebuildCounts> {
    const { store, index, statements } = this.#options;
    const isWanted = (id: string): id is GrantId => isGrantId(id) && (only === undefined || id === only);
    const sealed = new Set((await store.listSealed()).filter(isWanted));
    const live = (await store.listLive()).filter(isWanted).filter((id) => !sealed.has(id));
    const there = new Set([...sealed, ...live]);
    const removed = await this.#removeOthers(there, only);
    const newestFirst = [...there].toSorted((one, other) => (one < other ? 1 : -1));
    let failed = 0;
    for (const [done, id] of newestFirst.entries()) {
      this.#options.progress(done, newestFirst.length);
      if (!(await this.#again(id, sealed.has(id)))) failed += 1;
    }
    await index.forgetUnusedWordings();
    return { recordings: newestFirst.length - failed, statements: statements(), removed, failed };
  }

  /** @returns false: it could not be read */
  async #again(id: GrantId, isSealed: boolean): Promise<boolean> {
    const { indexer, failed } = this.#options;
    try {
      await this.#whenFree(() =>
        isSealed ? indexer.sealed(id, { fromStart: true }) : indexer.live(id, { fromStart: true }),
      );
      return true;
    } catch (error) {
      const known = brokerErrorOf(error);
      if (known.code === 'state_unavailable') throw error;
      failed(id, known);
      return false;
    }
  }

  async #whenFree(read: () => Promise<IndexOutcome>): Promise<void> {
    for (let tries = 1; (await read()) === 'busy'; tries += 1) {
      if (tries === BUSY_TRIES_MAX) throw new BrokerError('recording_unavailable', { detail: 'A worker reads it.' });
      await pause(BUSY_PAUSE_MS);
    }
  }

  async #removeOthers(there: ReadonlySet<GrantId>, only: string | undefined): Promise<number> {
    const { index } = this.#options;
    let removed = 0;
    let known = await index.grantsAfter('', KNOWN_AT_ONCE);
    for (; known.length > 0; known = await index.grantsAfter(known.at(-1) ?? '', KNOWN_AT_ONCE)) {
      const gone = known.filter((id) => !there.has(id) && (only === undefined || id === only));
      for (const id of gone) await index.remove(id);
      removed += gone.length;
    }
    return removed;
  }
}
