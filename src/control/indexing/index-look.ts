import type { GrantId } from '../../kernel/brand.js';
import { brokerErrorOf } from '../../kernel/errors.js';
import type { GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';
import type { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import type { Looking } from '../reaper/reaper-timer.js';
import type { ReaperLog } from '../reaper/reaper.js';
import type { IndexMetrics, StatementIndexer } from './statement-indexer.js';

/** Recordings that could not be read are tried again after so long; most of them are damaged or away. */
const RETRY_MS = 10 * 60_000;
/** A recording that another worker reads is looked at again after so long. */
const BUSY_MS = 30_000;
const DUE_AT_ONCE = 20;
/** Sizes of live recordings that are remembered; at more all of them are forgotten. */
const SIZES_MAX = 10_000;

export interface IndexLookOptions {
  readonly indexer: StatementIndexer;
  readonly index: StatementIndexRepository;
  readonly sweep: GrantSweepRepository;
  readonly store: RecordingStore;
  readonly log: ReaperLog;
  readonly metrics: IndexMetrics;
}

/** Finds what is to be brought into the index: it needs no Redis and may run in any number of workers. */
export class IndexLook {
  readonly #options: IndexLookOptions;
  /** By grant, how many bytes of entries were read. */
  readonly #sizes = new Map<GrantId, number>();
  #isStopping = false;

  constructor(options: IndexLookOptions) {
    this.#options = options;
  }

  /** Live recordings, those that have grown. */
  get live(): Looking {
    return { look: () => this.#lookAtLive() };
  }

  /** Sealed recordings, each once. They are apart, since a large one takes long. */
  get sealed(): Looking {
    return { look: () => this.#lookAtSealed() };
  }

  /** What is under way ends after its next batch; the next look goes on from there. */
  stop(): void {
    this.#isStopping = true;
    this.#options.indexer.stop();
  }

  async #lookAtLive(): Promise<void> {
    const { sweep } = this.#options;
    for (
      let found = await sweep.recording(undefined);
      found.length > 0;
      found = await sweep.recording(found.at(-1)?.id)
    ) {
      for (const { id } of found) {
        if (this.#isStopping) return;
        await this.#readLive(id);
      }
    }
  }

  async #readLive(id: GrantId): Promise<void> {
    const { store, indexer, log } = this.#options;
    const bytes = await store.liveBytes(id);
    if (bytes === undefined || bytes === this.#sizes.get(id)) return;
    try {
      if ((await indexer.live(id)) !== 'indexed') return;
      if (this.#sizes.size >= SIZES_MAX) this.#sizes.clear();
      this.#sizes.set(id, bytes);
    } catch (error) {
      const { code } = brokerErrorOf(error);
      // It was sealed meanwhile.
      if (code === 'recording_not_found') return;
      log.warn({ grantId: id, code, err: error }, 'a live recording could not be indexed; it is tried again');
    }
  }

  async #lookAtSealed(): Promise<void> {
    const { index, metrics } = this.#options;
    const missing = await index.missing();
    metrics.unindexed(missing);
    if (missing === 0) return;
    for (let due = await index.due(DUE_AT_ONCE); due.length > 0; due = await index.due(DUE_AT_ONCE)) {
      for (const id of due) {
        if (this.#isStopping) return;
        await this.#readSealed(id);
      }
      metrics.unindexed(await index.missing());
    }
  }

  async #readSealed(id: GrantId): Promise<void> {
    const { index, indexer, log } = this.#options;
    try {
      if ((await indexer.sealed(id)) !== 'indexed' && !this.#isStopping) await index.postpone(id, BUSY_MS);
    } catch (error) {
      const { code } = brokerErrorOf(error);
      if (code === 'recording_not_found') {
        log.warn({ grantId: id, code }, 'a sealed recording is not where it was; its statements cannot be indexed');
        return index.giveUp(id);
      }
      log.warn({ grantId: id, code, err: error }, 'a sealed recording could not be indexed; it is tried again later');
      if (code === 'state_unavailable') throw error;
      await index.postpone(id, RETRY_MS);
    }
  }
}
