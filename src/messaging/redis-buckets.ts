import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type BucketAnswer, bucketAnswer, type BucketSize } from '../domain/bucket.js';

/**
 * `takeFrom` of domain/bucket.ts, as one step of Redis and by its clock: all processes count in the same bucket. A key is
 * gone once its bucket is full, so there are never more of them than callers of the last period.
 * KEYS: the bucket. ARGV: units, period in us, wanted units. Gives whether they were taken, and the us until it is full.
 */
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local period, wanted = tonumber(ARGV[2]), tonumber(ARGV[3])
local last = now + period
local from = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, now), last)
local to = from + wanted * math.floor(period / tonumber(ARGV[1]))
if to > last then return {0, from - now} end
if wanted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', to), 'PX', math.ceil((to - now) / 1000))
end
return {1, to - now}
`;
/** How long a caller waits for Redis before it is counted without it. */
const ANSWER_MS_MAX = 500;
const answerSchema = z.tuple([z.union([z.literal(0), z.literal(1)]), z.int().nonnegative()]);

/** Buckets that all processes share. */
export class RedisBuckets {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Takes units, or only looks with 0. @throws Error when Redis does not answer in time, or not as it should */
  async take(key: string, size: BucketSize, wanted: number): Promise<BucketAnswer> {
    const { units, periodMs } = size;
    const name = `${this.#prefix}:limit:${key}`;
    const told = await this.#inTime(this.#redis.eval(TAKE, 1, name, units, periodMs * 1000, wanted));
    const [isTaken, missingUs] = answerSchema.parse(told);
    return bucketAnswer(isTaken === 1, missingUs, size);
  }

  /** A connection whose server has stopped is given up with all that waits in it; a new one says when it is back. */
  #inTime(sent: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        reject(new Error(`Redis did not answer in ${ANSWER_MS_MAX} ms`));
        this.#redis.disconnect(true);
      };
      // What arrived while this process was busy is read before the immediate runs: it is no sign of a slow Redis.
      let immediate: NodeJS.Immediate | undefined;
      const timer = setTimeout(() => (immediate = setImmediate(late)), ANSWER_MS_MAX);
      const settle = (): void => {
        clearTimeout(timer);
        clearImmediate(immediate);
      };
      sent.finally(settle).then(resolve, reject);
    });
  }
}
