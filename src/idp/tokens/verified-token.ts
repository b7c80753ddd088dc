import { createHash } from 'node:crypto';
import { type Sponsor } from '../../domain/identity/sign-in.js';
import { type VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { type Clock } from '../../kernel/clock.js';

/** Who sent a bearer token, after every check. The token itself is not in it. */
export interface VerifiedToken extends VerifiedIdentity {
  /** Its `jti`. */
  readonly tokenId: string | null;
  /** Who answers for the agent, as the token claims. */
  readonly sponsor: Sponsor | null;
}

/** A token is verified again after this, or when it expires. */
export const VERIFIED_MS_MAX = 30_000;
const TOKENS_MAX = 10_000;

/**
 * Tokens that were verified a moment ago, by their SHA-256, so that a request does not cost a signature. A token that
 * is not good is never in it.
 */
export class VerifiedTokenCache {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, { readonly verified: VerifiedToken; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(token: string): VerifiedToken | undefined {
    const key = keyOf(token);
    const entry = this.#tokens.get(key);
    if (entry === undefined) return undefined;
    if (this.#clock.nowMs() < entry.untilMs) return entry.verified;
    this.#tokens.delete(key);
    return undefined;
  }

  put(token: string, verified: VerifiedToken, expiresAtMs: number): void {
    const untilMs = Math.min(expiresAtMs, this.#clock.nowMs() + VERIFIED_MS_MAX);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= TOKENS_MAX && oldest !== undefined) this.#tokens.delete(oldest);
    this.#tokens.set(keyOf(token), { verified, untilMs });
  }

  clear(): void {
    this.#tokens.clear();
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
