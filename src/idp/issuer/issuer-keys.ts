import { type JSONWebKeySet } from 'jose';
import { type Clock } from '../../kernel/clock.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { hasKey } from './key-set.js';

/** A set is read again when it is older than this, so that a key that was taken back stops working. */
export const KEYS_FRESH_MS = 300_000;
/** While the provider is away, the last good set serves no longer than this. */
export const KEYS_GOOD_MS = 3_600_000;
/** Between two readings: a token with an unknown key costs the provider no more. */
export const KEYS_PAUSE_MS = 30_000;

/** The last reading of an issuer's keys. */
export interface KnownKeys {
  readonly count: number;
  readonly readAtMs: number;
}

/** The keys of one issuer, as it published them last. */
export class IssuerKeys {
  readonly #read: () => Promise<JSONWebKeySet>;
  readonly #clock: Clock;
  #set: { readonly keys: JSONWebKeySet; readonly readAtMs: number } | undefined;
  #triedAtMs: number | undefined;
  #reading: Promise<void> | undefined;
  #failure: unknown;

  constructor(read: () => Promise<JSONWebKeySet>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * The keys to look for `keyId` in. They are read again when they are old or do not have it, at most every 30 seconds.
   * @throws BrokerError `signin_provider_unavailable` when there are none that are good enough
   */
  async keysFor(keyId: string | null): Promise<JSONWebKeySet> {
    if (this.#wantsReading(keyId)) await this.#readOnce();
    const { keys, readAtMs } = this.#set ?? {};
    if (keys === undefined || readAtMs === undefined || this.#clock.nowMs() - readAtMs > KEYS_GOOD_MS) {
      throw this.#failure instanceof Error ? this.#failure : providerUnavailable('connection_failed');
    }
    return keys;
  }

  /** What was read last; null: nothing was. */
  get known(): KnownKeys | null {
    return this.#set === undefined ? null : { count: this.#set.keys.keys.length, readAtMs: this.#set.readAtMs };
  }

  #wantsReading(keyId: string | null): boolean {
    const nowMs = this.#clock.nowMs();
    const isFresh = this.#set !== undefined && nowMs - this.#set.readAtMs <= KEYS_FRESH_MS;
    if (isFresh && this.#set !== undefined && (keyId === null || hasKey(this.#set.keys, keyId))) return false;
    if (this.#reading !== undefined) return true;
    return this.#triedAtMs === undefined || nowMs - this.#triedAtMs >= KEYS_PAUSE_MS;
  }

  /** Everybody who comes meanwhile waits for the same reading. */
  #readOnce(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    this.#triedAtMs = this.#clock.nowMs();
    try {
      this.#set = { keys: await this.#read(), readAtMs: this.#clock.nowMs() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error; // the last good set may still serve
    }
  }
}
