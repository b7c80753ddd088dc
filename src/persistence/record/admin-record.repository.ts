import type { DataSource, EntityManager } from 'typeorm';
import type { EntryFacts } from '../../record/entry.js';
import { StateTransaction } from '../state/state-transaction.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { appendEntry } from './record-append.js';
import { appendCounted, type CountedKeys, endOldest, isFirst } from './record-repeats.js';

/** What an act gives and what the record has of it; null: nothing happened that is an act. */
export interface RecordedResult<T> {
  readonly result: T;
  readonly entry: EntryFacts | null;
}

/** Writes the administrative record. */
export class AdminRecordRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BrokerError `state_unavailable`, `record_unavailable` */
  async append(facts: EntryFacts): Promise<void> {
    await this.#transaction((manager) => appendEntry(manager, facts));
  }

  /**
   * Does an act and writes its entry, both or neither. The act may be done again when the server made it give way, so
   * nothing outside of the database may happen in it.
   * @throws BrokerError `state_unavailable`, `record_unavailable`, and what the act throws, without an entry then
   */
  async together<T>(act: (at: StateTransaction) => Promise<RecordedResult<T>>): Promise<T> {
    return this.#transaction(async (manager) => {
      const { result, entry } = await act(new StateTransaction(manager));
      if (entry !== null) await appendEntry(manager, entry);
      return result;
    });
  }

  /**
   * Writes an entry of what may be repeated, unless there is one of the same key from the last minutes.
   * @returns whether it wrote one
   */
  async appendOnce(keyHash: string, facts: EntryFacts): Promise<boolean> {
    return this.#transaction(async (manager) => {
      const isNew = await isFirst(manager, keyHash);
      if (isNew) await appendEntry(manager, facts);
      return isNew;
    });
  }

  /** Writes an entry of the first of its key; those that follow within minutes have an entry together, with their count. */
  async appendCounted(
    keys: CountedKeys,
    facts: { readonly own: EntryFacts; readonly shared: EntryFacts },
  ): Promise<void> {
    await this.#transaction((manager) => appendCounted(manager, keys, facts));
  }

  /** Writes the entry of the repetition that has been over for longest, or forgets one that needs none. False: none is over. */
  async endRepeat(): Promise<boolean> {
    return this.#transaction(endOldest);
  }

  /** What it reads is what is committed: a head that another process moved meanwhile is no reason to give way. */
  #transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return againIfItGaveWay(() => this.dataSource.transaction('READ COMMITTED', work));
  }
}
