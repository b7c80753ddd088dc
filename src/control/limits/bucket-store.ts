import type { ThrottlerStorage } from '@nestjs/throttler';
import type { BucketAnswer, BucketSize } from '../../domain/bucket.js';
import type { Clock } from '../../kernel/clock.js';
import { ALLOWANCES, isAllowance } from './allowances.js';
import { secondsUntil } from './rate-headers.js';
import { LocalBuckets } from './local-buckets.js';

/** After Redis did not answer, everything is counted here for so long, before one call asks it again. */
const LOCAL_MS = 2_000;

/** Buckets that all processes share. */
export interface SharedBuckets {
  take(key: string, size: BucketSize, wanted: number): Promise<BucketAnswer>;
}

/** What the store says about itself; pino's loggers fit. */
export interface StoreLog {
  warn(fields: object, message: string): void;
}

export interface BucketStoreOptions {
  readonly shared: SharedBuckets;
  readonly clock: Pick<Clock, 'monotonicUs'>;
  readonly log: StoreLog;
}

/**
 * Where requests are counted: in Redis with all processes together, and in this process alone while Redis is away or slow.
 * Refusing everything then would let held statements time out while people cannot decide; a limit that each process keeps
 * for itself is a limit all the same.
 */
export class BucketStore implements ThrottlerStorage {
  readonly #shared: SharedBuckets;
  readonly #local: LocalBuckets;
  readonly #clock: Pick<Clock, 'monotonicUs'>;
  readonly #log: StoreLog;
  /** When Redis may be asked again; undefined while it answers. */
  #awayUntilUs: number | undefined;

  constructor({ shared, clock, log }: BucketStoreOptions) {
    this.#shared = shared;
    this.#local = new LocalBuckets(clock);
    this.#clock = clock;
    this.#log = log;
  }

  /** Takes a unit out of an allowance's bucket, or only looks with 0 units. Never fails. */
  async take(name: string, owner: string, size: BucketSize, wanted = 1): Promise<BucketAnswer> {
    const key = `${name}:${owner}`;
    const isShared = isAllowance(name) && ALLOWANCES[name].isShared;
    if (!isShared || !this.#mayAsk()) return this.#local.take(key, size, wanted);
    try {
      const answer = await this.#shared.take(key, size, wanted);
      this.#awayUntilUs = undefined;
      return answer;
    } catch (error) {
      if (this.#awayUntilUs === undefined) {
        const reason = error instanceof Error ? error.message : 'unknown';
        this.#log.warn({ reason }, 'limits are counted by this process alone');
      }
      this.#stayLocal();
      return this.#local.take(key, size, wanted);
    }
  }

  /**
   * {@link take} as @nestjs/throttler asks for it; `key` is the owner. Times are seconds: until there is one more unit. The
   * time to block is not used, for a bucket says itself when there is a unit again.
   */
  async increment(key: string, ttl: number, limit: number, _block: number, name: string) {
    const { isTaken, left, nextMs } = await this.take(name, key, { units: limit, periodMs: ttl });
    const seconds = secondsUntil(nextMs);
    return {
      totalHits: isTaken ? limit - left : limit + 1,
      timeToExpire: seconds,
      isBlocked: !isTaken,
      timeToBlockExpire: isTaken ? 0 : seconds,
    };
  }

  /** One call at a time finds out whether Redis is back; the others do not wait for it. */
  #mayAsk(): boolean {
    if (this.#awayUntilUs === undefined) return true;
    if (this.#clock.monotonicUs() < this.#awayUntilUs) return false;
    this.#stayLocal();
    return true;
  }

  #stayLocal(): void {
    this.#awayUntilUs = this.#clock.monotonicUs() + LOCAL_MS * 1000;
  }
}
