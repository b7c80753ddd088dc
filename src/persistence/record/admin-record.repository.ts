import type { DataSource, EntityManager } from 'typeorm';
import type { EntryFacts } from '../../record/entry.js';
import { StateTransaction } from '../state/state-transaction.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { appendEntry } from './record-append.js';

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

  /** What it reads is what is committed: a head that another process moved meanwhile is no reason to give way. */
  #transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return againIfItGaveWay(() => this.dataSource.transaction('READ COMMITTED', work));
  }
}
