import type { Redis } from 'ioredis';
import type { DeviceNames } from '../../../contracts/sign-in/device.js';
import type { VerifiedIdentity } from '../../../domain/identity/verified-identity.js';
import type { PrincipalId } from '../../../kernel/brand.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { atRedis } from '../../../messaging/at-redis.js';
import type { ValueSigner } from '../../../messaging/value-signer.js';
import type { AccessChange } from '../../../queue/announcements.js';
import { accessChannel } from '../../../queue/jobs.js';
import { isRenewalDue, leftMs, type SessionTimes } from './session-limits.js';
import {
  hashOfSecret,
  isDeviceSecret,
  isSecret,
  newDeviceSecret,
  newSecret,
  type OpenSession,
  publicIdOf,
  sessionIn,
  type StoredSession,
} from './stored-session.js';

const SESSIONS_OF_ONE_MAX = 10;
/** Sessions whose text is remembered, so that it is not read again. */
const READ_MAX = 1_000;
const CLAIMS_BYTES_MAX = 16 * 1024;
const USER_AGENT_CHARACTERS_MAX = 300;

/**
 * Stores a session and forgets those that have ended by themselves; of more than the most that one may have, the oldest
 * end. KEYS: the session, the set of the principal's. ARGV: value, milliseconds, hash, time, how many, prefix of sessions, the
 * milliseconds of the longest session. A third key is that of a session in which this one was allowed: once that has ended,
 * nothing is stored.
 * @returns how many sessions ended, or -1
 */
const OPEN_SCRIPT = `
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 0 then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
local there = {}
for _, hash in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if redis.call('EXISTS', ARGV[6] .. hash) == 1 then there[#there + 1] = hash else redis.call('ZREM', KEYS[2], hash) end
end
local ended = 0
for place = 1, #there - tonumber(ARGV[5]) do
  redis.call('DEL', ARGV[6] .. there[place])
  redis.call('ZREM', KEYS[2], there[place])
  ended = ended + 1
end
return ended`;

/** Who gets a session, and how. */
export interface NewSession {
  readonly principal: PrincipalId;
  /** The principal's number of now. */
  readonly epoch: number;
  /** Null: a one-time link lets them in. */
  readonly identity: VerifiedIdentity | null;
  /** Where it ends at the latest, whatever else is said. */
  readonly untilMs: number | null;
  readonly address: string;
  readonly userAgent: string;
  /** Given for the command line: its secret is a bearer's, and no cookie. */
  readonly device?: DeviceNames;
  /** The session in which a command line was let in. */
  readonly allowedIn?: Pick<OpenSession, 'hash'>;
  /** When the person proved who they are, where the identity does not say; default: now. */
  readonly authAtMs?: number;
}

export interface SessionsOptions {
  /** A connection for commands: they fail within seconds while Redis is away. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly limits: SessionTimes;
  readonly clock: Clock;
  readonly signer: ValueSigner;
}

/**
 * The sessions of people, in Redis. A session is named by the SHA-256 of its secret, so that nobody who reads Redis can use
 * one, and signed, so that nobody who writes there can make one. It ends by being idle, by its age, by being ended, or by Redis losing it. Every end is announced to every api.
 */
export class Sessions {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limits: SessionTimes;
  readonly #clock: Clock;
  readonly #signer: ValueSigner;
  /** What the texts of sessions meant that were read last, by their hash. */
  readonly #read = new Map<string, { readonly signed: string; readonly session: OpenSession }>();

  constructor({ redis, prefix, limits, clock, signer }: SessionsOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#limits = limits;
    this.#clock = clock;
    this.#signer = signer;
  }

  /**
   * Begins a session and gives its secret, which is nowhere else: the cookie of a browser, or the bearer's of a command line.
   * @throws BrokerError `signin_refused` when its claims are too many to keep; `expired_token` when the session in which it
   *   was allowed has ended; `queue_unavailable`
   */
  async open({
    identity,
    userAgent,
    allowedIn,
    ...wanted
  }: NewSession): Promise<{ secret: string; session: OpenSession }> {
    const nowMs = this.#clock.nowMs();
    if (Buffer.byteLength(JSON.stringify(identity?.claims ?? {})) > CLAIMS_BYTES_MAX) {
      throw new BrokerError('signin_refused', { fields: { check: 'claims_too_large' } });
    }
    const stored: StoredSession = {
      ...wanted,
      identity,
      authAtMs: wanted.authAtMs ?? identity?.authAtMs ?? nowMs,
      createdAtMs: nowMs,
      lastSeenMs: nowMs,
      untilMs: earlier(wanted.untilMs, identity?.untilMs ?? null),
      userAgent: userAgent.slice(0, USER_AGENT_CHARACTERS_MAX),
    };
    const secret = wanted.device === undefined ? newSecret() : newDeviceSecret();
    const hash = hashOfSecret(secret);
    const left = leftMs(stored, this.#limits, nowMs);
    if (left <= 0) throw new BrokerError('signin_refused', { fields: { check: 'session_over' } });
    const ended = await atRedis(() => this.#store(hash, stored, { left, allowedIn }));
    if (ended < 0) throw new BrokerError('expired_token');
    if (ended > 0) await this.#announce(stored.principal);
    return { secret, session: { ...stored, hash, id: publicIdOf(hash) } };
  }

  /** What is left of a session if nobody uses it any more. */
  leftMs(session: StoredSession): number {
    return leftMs(session, this.#limits, this.#clock.nowMs());
  }

  /** When a session ends at the latest, however much it is used. */
  latestEndMs({ createdAtMs, untilMs }: StoredSession): number {
    return Math.min(createdAtMs + this.#limits.absoluteMs, untilMs ?? Infinity);
  }

  /** The session of a cookie, or undefined when there is none any more. @throws BrokerError `queue_unavailable` */
  async find(cookie: string): Promise<OpenSession | undefined> {
    const session = isSecret(cookie) ? await this.#findBy(cookie) : undefined;
    return session?.device === undefined ? session : undefined;
  }

  /** The same for the secret of a command line, which no browser has. */
  async findDevice(secret: string): Promise<OpenSession | undefined> {
    const session = isDeviceSecret(secret) ? await this.#findBy(secret) : undefined;
    return session?.device === undefined ? undefined : session;
  }

  async #findBy(secret: string): Promise<OpenSession | undefined> {
    const hash = hashOfSecret(secret);
    const text = await atRedis(() => this.#redis.get(this.#keyOf(hash)));
    return text === null ? undefined : this.#live(text, hash);
  }

  /** Notes that somebody acted, so that the session does not end as idle; one that has ended stays ended. */
  async renew(session: OpenSession): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (!isRenewalDue(session, this.#limits, nowMs)) return;
    const { hash, id: _, ...stored } = session;
    const renewed: StoredSession = { ...stored, lastSeenMs: nowMs };
    const left = Math.ceil(leftMs(renewed, this.#limits, nowMs));
    if (left <= 0) return;
    await atRedis(() => this.#redis.set(this.#keyOf(hash), this.#textOf(hash, renewed), 'PX', left, 'XX'));
  }

  /** The sessions that a principal has, the newest first. @throws BrokerError `queue_unavailable` */
  async listOf(principal: PrincipalId): Promise<readonly OpenSession[]> {
    return atRedis(async () => {
      const hashes = await this.#redis.zrevrange(this.#setOf(principal), 0, -1);
      if (hashes.length === 0) return [];
      const texts = await this.#redis.mget(hashes.map((hash) => this.#keyOf(hash)));
      return hashes.flatMap((hash, place) => {
        const text = texts[place] ?? null;
        const session = text === null ? undefined : this.#live(text, hash);
        return session?.principal === principal ? [session] : [];
      });
    });
  }

  /** Ends sessions of one principal, on every api. @throws BrokerError `queue_unavailable` */
  async end(principal: PrincipalId, sessions: readonly Pick<OpenSession, 'hash'>[]): Promise<void> {
    await this.#endByHash(
      principal,
      sessions.map(({ hash }) => hash),
    );
  }

  /**
   * Ends all sessions that Redis knows of a principal. Those that it has forgotten to whom they belong end by the
   * principal's number, which the caller has raised before. @throws BrokerError `queue_unavailable`
   */
  async endAll(principal: PrincipalId): Promise<void> {
    await this.#endByHash(principal, await atRedis(() => this.#redis.zrange(this.#setOf(principal), 0, -1)));
  }

  async #endByHash(principal: PrincipalId, hashes: readonly string[]): Promise<void> {
    await atRedis(async () => {
      // One transaction: nobody is told of an end that did not come.
      const work = this.#redis.multi();
      if (hashes.length > 0) {
        work.del(...hashes.map((hash) => this.#keyOf(hash)));
        work.zrem(this.#setOf(principal), ...hashes);
      }
      work.publish(accessChannel(this.#prefix), messageOf(principal));
      const results = await work.exec();
      const fault = results?.find(([error]) => error !== null)?.[0];
      if (results === null || fault) throw fault ?? new Error('The transaction was discarded.');
    });
  }

  async #announce(principal: PrincipalId): Promise<void> {
    await atRedis(() => this.#redis.publish(accessChannel(this.#prefix), messageOf(principal)));
  }

  async #store(
    hash: string,
    stored: StoredSession,
    { left, allowedIn }: { readonly left: number; readonly allowedIn: NewSession['allowedIn'] },
  ): Promise<number> {
    const { principal, createdAtMs } = stored;
    const keys = [this.#keyOf(hash), this.#setOf(principal), ...(allowedIn ? [this.#keyOf(allowedIn.hash)] : [])];
    const ended = await this.#redis.eval(
      OPEN_SCRIPT,
      keys.length,
      ...keys,
      this.#textOf(hash, stored),
      Math.ceil(left),
      hash,
      createdAtMs,
      SESSIONS_OF_ONE_MAX,
      this.#keyOf(''),
      this.#limits.absoluteMs,
    );
    return Number(ended);
  }

  #textOf(hash: string, stored: StoredSession): string {
    return this.#signer.sign(this.#keyOf(hash), JSON.stringify(stored));
  }

  /** A text that is the same as at the last request means the same: nothing is computed again. */
  #readAgain(signed: string, hash: string): OpenSession | undefined {
    const text = this.#signer.read(this.#keyOf(hash), signed);
    const session = text === undefined ? undefined : sessionIn(text, hash);
    this.#read.delete(hash);
    if (session === undefined) return undefined;
    const [oldest] = this.#read.keys();
    if (oldest !== undefined && this.#read.size >= READ_MAX) this.#read.delete(oldest);
    this.#read.set(hash, { signed, session });
    return session;
  }

  #live(signed: string, hash: string): OpenSession | undefined {
    const known = this.#read.get(hash);
    const session = known?.signed === signed ? known.session : this.#readAgain(signed, hash);
    if (session === undefined) return undefined;
    return leftMs(session, this.#limits, this.#clock.nowMs()) > 0 ? session : undefined;
  }

  #keyOf(hash: string): string {
    return `${this.#prefix}:sess:${hash}`;
  }

  #setOf(principal: PrincipalId): string {
    return `${this.#prefix}:sess-of:${principal}`;
  }
}

function earlier(first: number | null, second: number | null): number | null {
  if (first === null) return second;
  return second === null ? first : Math.min(first, second);
}

function messageOf(principal: PrincipalId): string {
  const change: AccessChange = { principal };
  return JSON.stringify(change);
}
