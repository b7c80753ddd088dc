import type { Redis } from 'ioredis';
import type { OneTimeStore } from '../idp/one-time-store.js';
import { atRedis } from './at-redis.js';

/** {@link OneTimeStore} in Redis: taking is one GETDEL and claiming one SET NX, so that processes cannot both be first. */
export class OneTimeValues implements OneTimeStore {
  /** The connection must be one for commands, which fail within seconds while Redis is away. */
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    await atRedis(() => this.redis.set(this.#keyOf(key), value, 'PX', ttlMs));
  }

  async take(key: string): Promise<string | undefined> {
    return (await atRedis(() => this.redis.getdel(this.#keyOf(key)))) ?? undefined;
  }

  async claim(key: string, ttlMs: number): Promise<boolean> {
    return (await atRedis(() => this.redis.set(this.#keyOf(key), '1', 'PX', ttlMs, 'NX'))) === 'OK';
  }

  #keyOf(key: string): string {
    return `${this.prefix}:once:${key}`;
  }
}
