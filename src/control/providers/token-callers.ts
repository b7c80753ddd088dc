import { createHash } from 'node:crypto';
import type { OidcProvider } from '../../domain/identity/oidc-provider.js';
import { permissionsOf } from '../../domain/principal.js';
import type { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { TokenVerifier } from '../../idp/tokens/token-verifier.js';
import type { VerifiedToken } from '../../idp/tokens/verified-token.js';
import type { Clock } from '../../kernel/clock.js';
import { personOf } from '../../persistence/entities/principal.js';
import type { Caller } from '../http/access.js';
import type { CallerCache } from '../identity/caller-cache.js';
import { groupsTogether } from './mapped-roles.js';
import type { BroughtPrincipal, MappedPrincipals } from './mapped-principals.js';
import type { KnownProviders, ProviderCache } from './provider-cache.js';
import { oidcProviderIn } from './stored-settings.js';

const KNOWN_MS_MAX = 5_000;

export interface TokenCallersParts {
  readonly cache: ProviderCache;
  readonly issuers: IssuerPool;
  readonly mapped: MappedPrincipals;
  readonly callers: CallerCache;
  readonly clock: Clock;
}

/** Who stands behind an agent's bearer token: no query for one that was used a moment ago. */
export class TokenCallers {
  readonly #parts: TokenCallersParts;
  readonly #verifier: TokenVerifier;
  #page: KnownProviders | undefined;
  #providers: readonly OidcProvider[] = [];

  constructor(parts: TokenCallersParts) {
    this.#parts = parts;
    const { issuers, clock } = parts;
    this.#verifier = new TokenVerifier({ issuers, providers: () => this.#providers, clock });
  }

  /**
   * `asOfNow`: what was known of the principal a moment ago is not enough.
   * @throws BrokerError `token_refused`, `signin_not_mapped`, `signin_name_taken`, `signin_principal_disabled`,
   *   `state_unavailable`
   */
  async find(token: string, asOfNow: boolean): Promise<Caller> {
    const { callers, clock, mapped } = this.#parts;
    const key = `token:${createHash('sha256').update(token).digest('hex')}`;
    const known = asOfNow ? undefined : callers.find(key, clock.nowMs());
    if (known !== undefined) return known;
    const { generation } = callers;
    await this.#learnProviders();
    const verified = await this.#verifier.verify(token);
    const caller = callerOf(verified, await mapped.ofToken(verified));
    const nowMs = clock.nowMs();
    const leftMs = (verified.untilMs ?? nowMs) - nowMs;
    callers.remember(key, caller, { nowMs, generation, ageMs: Math.min(leftMs, KNOWN_MS_MAX) });
    return caller;
  }

  /** What was verified by earlier settings is verified again. */
  async #learnProviders(): Promise<void> {
    const page = await this.#parts.cache.read();
    if (page === this.#page) return;
    const providers = [...page.providers.values()]
      .filter(({ kind, purposes }) => kind === 'oidc' && purposes.includes('agents'))
      .map((row) => oidcProviderIn(row, null));
    if (JSON.stringify(providers) !== JSON.stringify(this.#providers)) this.#verifier.forget();
    this.#providers = providers;
    this.#page = page;
  }
}

function callerOf({ provider, tokenId, sponsor }: VerifiedToken, { principal, mapped }: BroughtPrincipal): Caller {
  const { id, name, kind, groups } = principal;
  const own = principal.sponsor === null ? null : { name: principal.sponsor, isClaim: false };
  return {
    id,
    name,
    kind,
    roles: mapped.roles,
    groups: groupsTogether(mapped.groups, groups),
    permissions: permissionsOf(mapped.roles),
    person: personOf(principal),
    signIn: { by: 'token', provider, tokenId },
    sponsor: own ?? sponsor,
  };
}
