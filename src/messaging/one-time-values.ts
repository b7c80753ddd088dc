import type { Redis } from 'ioredis';
import type { OneTimeStore } from '../idp/one-time-store.js';
import { atRedis } from './at-redis.js';
import type { ValueSigner } from './value-signer.js';

/** {@link OneTimeStore} in Redis: taking is one GETDEL and claiming one SET NX, so that processes cannot both be first. Values are signed. */
export class OneTimeValues implements OneTimeStore {
  /** The connection must be one for commands, which fail within seconds while Redis is away. */
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly signer: ValueSigner,
  ) {}

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    const name = this.#keyOf(key);
    await atRedis(() => this.redis.set(name, this.signer.sign(name, value), 'PX', ttlMs));
  }

  /** The value, which stays. */
  async read(key: string): Promise<string | undefined> {
    const name = this.#keyOf(key);
    const signed = await atRedis(() => this.redis.get(name));
    return signed === null ? undefined : this.signer.read(name, signed);
  }

  async take(key: string): Promise<string | undefined> {
    const name = this.#keyOf(key);
    const signed = await atRedis(() => this.redis.getdel(name));
    return signed === null ? undefined : this.signer.read(name, signed);
  }

  async claim(key: string, ttlMs: number): Promise<boolean> {
    return (await atRedis(() => this.redis.set(this.#keyOf(key), '1', 'PX', ttlMs, 'NX'))) === 'OK';
  }

  #keyOf(key: string): string {
    return `${this.prefix}:once:${key}`;
  }
}
