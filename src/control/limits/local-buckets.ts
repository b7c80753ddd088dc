import { type BucketAnswer, bucketAnswer, type BucketSize, takeFrom } from '../../domain/bucket.js';
import type { Clock } from '../../kernel/clock.js';

/** Beyond it, who called longest ago is forgotten: their bucket counts as full. */
const BUCKETS_MAX = 20_000;

/** Buckets of this process alone. */
export class LocalBuckets {
  /** When each is full again, on the monotonic clock; who called last stands last. */
  readonly #fullAtUs = new Map<string, number>();
  readonly #clock: Pick<Clock, 'monotonicUs'>;
  readonly #countMax: number;

  constructor(clock: Pick<Clock, 'monotonicUs'>, countMax = BUCKETS_MAX) {
    this.#clock = clock;
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#fullAtUs.size;
  }

  /** Takes units, or only looks with 0. */
  take(key: string, size: BucketSize, wanted: number): BucketAnswer {
    const nowUs = this.#clock.monotonicUs();
    const { isTaken, fullAtUs } = takeFrom(this.#fullAtUs.get(key), size, { nowUs, wanted });
    if (wanted > 0) {
      this.#fullAtUs.delete(key);
      this.#fullAtUs.set(key, fullAtUs);
      const [oldest] = this.#fullAtUs.keys();
      if (oldest !== undefined && this.#fullAtUs.size > this.#countMax) this.#fullAtUs.delete(oldest);
    }
    return bucketAnswer(isTaken, fullAtUs - nowUs, size);
  }
}
