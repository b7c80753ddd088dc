import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getOptionsToken, getStorageToken } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import type { ApiConfig } from '../../config/api.js';
import type { Clock } from '../../kernel/clock.js';
import { connectForCounts } from '../../messaging/redis.js';
import { RedisBuckets } from '../../messaging/redis-buckets.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { OperationsModule } from '../operations/operations.module.js';
import { throttlersOf } from './allowance-options.js';
import { BucketStore } from './bucket-store.js';
import { FailureLimit } from './failure-limit.js';
import { LimitRefusal } from './limit-refusal.js';

/** A connection of its own: it gives up on Redis after moments, and nothing waits behind it. */
const COUNTS_REDIS = Symbol('CountsRedis');

/** How often callers may call. The guards themselves stand in identity.module.ts, around the one that finds the caller. */
@Module({
  imports: [OperationsModule],
  providers: [
    {
      provide: COUNTS_REDIS,
      inject: [API_CONFIG],
      useFactory: ({ REDIS_URL }: ApiConfig) => {
        const redis = connectForCounts(REDIS_URL, new Logger('Limits'));
        redis.connect().catch(() => undefined); // it goes on trying, and has told why
        return redis;
      },
    },
    {
      provide: BucketStore,
      inject: [COUNTS_REDIS, API_CONFIG, CLOCK],
      useFactory: (redis: Redis, { QUEUE_PREFIX }: ApiConfig, clock: Clock) =>
        new BucketStore({ shared: new RedisBuckets(redis, QUEUE_PREFIX), clock, log: new Logger('Limits') }),
    },
    { provide: getStorageToken(), useExisting: BucketStore },
    { provide: getOptionsToken(), inject: [API_CONFIG], useFactory: (config: ApiConfig) => throttlersOf(config) },
    LimitRefusal,
    FailureLimit,
  ],
  exports: [BucketStore, getOptionsToken(), getStorageToken(), LimitRefusal, FailureLimit],
})
export class LimitsModule implements OnApplicationShutdown {
  constructor(@Inject(COUNTS_REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
