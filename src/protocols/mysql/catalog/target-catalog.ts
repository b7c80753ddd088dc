import type { CatalogSnapshot, CodeTouch } from '../../sql/catalog.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { definitionCounts } from './definition-counts.js';
import { readSnapshot } from './read-snapshot.js';

export interface TargetCatalogOptions {
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  /** Those of the grants' access; what their code leads to is read as well. */
  readonly databases: readonly string[];
  readonly clock: Clock;
  readonly refreshMsMax?: number;
}

/** What one reading of the catalog found. */
interface Taken {
  readonly snapshot: CatalogSnapshot;
  /** What the target had counted before the reading began; undefined when it counts nothing. */
  readonly definitions: string | undefined;
  /** The reading began after this change. */
  readonly afterChange: number;
}

/** One reading of the catalog that runs. */
interface Reading {
  readonly startedAtMs: number;
  readonly afterChange: number;
  readonly taken: Promise<Taken>;
}

const REFRESH_MS_MAX = 10_000;
/** Readings that may be outdated before they are done, for one who asks. */
const TRIES_MAX = 10;

/**
 * The tables and the stored code of one target, as far as some databases lead, read through the broker's own account.
 * Snapshots are immutable; all who ask at the same time share one reading. Known changes of the target are numbered, so
 * that each who asks can say which of them a snapshot must have been read after.
 */
export class TargetCatalog {
  readonly #options: TargetCatalogOptions;
  readonly #databases: readonly string[];
  /** What texts touch, as found for the snapshot before. */
  #code: ReadonlyMap<string, CodeTouch> = new Map();
  #current: Taken | undefined;
  #reading: Reading | undefined;
  #lastChange = 0;
  /** Nobody uses what was read before this change. */
  #outdatedBefore = 0;
  #readMs = 0;

  constructor(options: TargetCatalogOptions) {
    this.#options = options;
    this.#databases = [...new Set(options.databases)].sort();
  }

  /** The number of the last change that is known. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** How long the last reading took, in milliseconds. */
  get readMs(): number {
    return this.#readMs;
  }

  /** What was read last, if that is at most so old and was read after a change. */
  fresh(maxAgeMs: number, afterChange = 0): CatalogSnapshot | undefined {
    return this.#lately(maxAgeMs, afterChange)?.snapshot;
  }

  /**
   * A snapshot that is at most so old, by the time its reading began, and was read after a change, which may be another
   * one by then.
   * @throws BrokerError when the target does not answer, or not in time: then nothing is known, and nothing assumed
   */
  async snapshot(maxAgeMs: number, afterChange: () => number = () => 0): Promise<CatalogSnapshot> {
    const askedAtMs = this.#options.clock.nowMs();
    const oldestMs = askedAtMs - maxAgeMs;
    let mayFail = true;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const needed = this.#needed(afterChange());
      if (this.#current !== undefined && isAfter(this.#current, oldestMs, needed)) return this.#current.snapshot;
      const running = this.#reading;
      if (running !== undefined && (running.afterChange < needed || running.startedAtMs < oldestMs)) {
        await running.taken.catch(() => {}); // the one who asked for that one hears of it
        continue;
      }
      try {
        const taken = await (running ?? this.#begin()).taken;
        if (taken.afterChange >= this.#needed(afterChange())) return taken.snapshot;
      } catch (error) {
        // What somebody else began may have failed for a reason of its own, such as a connection that had died before.
        const isSoon = this.#options.clock.nowMs() - askedAtMs < this.#refreshMsMax / 2;
        if (running === undefined || !mayFail || !isSoon) throw error;
        mayFail = false;
      }
    }
    throw new BrokerError('target_unreachable', {
      detail: "The target's catalog changes faster than the broker can read it.",
    });
  }

  /**
   * A snapshot of the target as it is now: what was read lately where the target says that it was told to define nothing
   * since, and that asks one statement; else a new one.
   * @throws BrokerError as {@link snapshot} does
   */
  async present(maxAgeMs: number): Promise<CatalogSnapshot> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      await this.#reading?.taken.catch(() => {}); // it may do
      const taken = this.#lately(maxAgeMs, this.#lastChange);
      if (taken?.definitions !== undefined) {
        const counted = await this.#options.withAdmin(definitionCounts).catch(() => undefined);
        if (counted === taken.definitions && taken.afterChange === this.#lastChange) return taken.snapshot;
      }
      if (this.#reading === undefined) break;
    }
    return this.snapshot(0);
  }

  /** The target may have been changed; gives the number of that change. */
  changed(): number {
    this.#lastChange += 1;
    return this.#lastChange;
  }

  /** What was read before the last change is not used any more, nor what is being read. */
  outdate(): void {
    this.#outdatedBefore = this.#lastChange;
  }

  get #refreshMsMax(): number {
    return this.#options.refreshMsMax ?? REFRESH_MS_MAX;
  }

  #needed(afterChange: number): number {
    return Math.max(afterChange, this.#outdatedBefore);
  }

  #lately(maxAgeMs: number, afterChange: number): Taken | undefined {
    const taken = this.#current;
    const oldestMs = this.#options.clock.nowMs() - maxAgeMs;
    return taken !== undefined && isAfter(taken, oldestMs, this.#needed(afterChange)) ? taken : undefined;
  }

  #begin(): Reading {
    const startedAtMs = this.#options.clock.nowMs();
    const afterChange = this.#lastChange;
    const taken = this.#read(startedAtMs, afterChange).finally(() => {
      this.#reading = undefined;
    });
    const reading: Reading = { startedAtMs, afterChange, taken };
    this.#reading = reading;
    return reading;
  }

  async #read(startedAtMs: number, afterChange: number): Promise<Taken> {
    const startedUs = this.#options.clock.monotonicUs();
    try {
      const taken = await this.#options.withAdmin((admin) => this.#inTime(admin, startedAtMs, afterChange));
      this.#current = taken;
      return taken;
    } catch (error) {
      this.#current = undefined;
      throw error;
    } finally {
      this.#readMs = (this.#options.clock.monotonicUs() - startedUs) / 1000;
    }
  }

  async #inTime(admin: AdminConnection, startedAtMs: number, afterChange: number): Promise<Taken> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      admin.close(); // whatever waits for it is told so
    }, this.#refreshMsMax);
    try {
      const definitions = await definitionCounts(admin);
      const wish = { takenAtMs: startedAtMs, databases: this.#databases, codeBefore: this.#code };
      const { snapshot, code } = await readSnapshot(admin, wish);
      this.#code = code;
      return { snapshot, definitions, afterChange };
    } catch (error) {
      if (!isLate) throw error;
      throw new BrokerError('target_unreachable', {
        detail: "The broker could not read the target's catalog in time.",
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function isAfter({ snapshot, afterChange }: Taken, oldestMs: number, change: number): boolean {
  return snapshot.takenAtMs >= oldestMs && afterChange >= change;
}
