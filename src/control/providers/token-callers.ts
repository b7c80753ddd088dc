import { createHash } from 'node:crypto';
import type { OidcProvider } from '../../domain/identity/oidc-provider.js';
import { permissionsOf } from '../../domain/principal.js';
import type { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { TokenVerifier } from '../../idp/tokens/token-verifier.js';
import type { VerifiedToken } from '../../idp/tokens/verified-token.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { personOf } from '../../persistence/entities/identity/principal.js';
import type { Caller } from '../http/access.js';
import type { CallerCache } from '../identity/caller-cache.js';
import type { AdminNote, AdminRecord } from '../record/admin-record.js';
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
  readonly record: AdminRecord;
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
    const { callers, clock } = this.#parts;
    const key = `token:${createHash('sha256').update(token).digest('hex')}`;
    const known = asOfNow ? undefined : callers.find(key, clock.nowMs());
    if (known !== undefined) return known;
    const { generation } = callers;
    await this.#learnProviders();
    const { verified, caller } = await this.#look(token);
    const nowMs = clock.nowMs();
    const leftMs = (verified.untilMs ?? nowMs) - nowMs;
    callers.remember(key, caller, { nowMs, generation, ageMs: Math.min(leftMs, KNOWN_MS_MAX) });
    return caller;
  }

  /** What is refused has an entry in the administrative record, before the one who tried it is told. */
  async #look(token: string): Promise<{ readonly verified: VerifiedToken; readonly caller: Caller }> {
    const { mapped, record } = this.#parts;
    let verified: VerifiedToken | undefined;
    try {
      verified = await this.#verifier.verify(token);
      return { verified, caller: callerOf(verified, await mapped.ofToken(verified)) };
    } catch (error) {
      if (error instanceof BrokerError && error.row.httpStatus < 500) {
        await record.noteRefusal(refusalNote(error, verified));
      }
      throw error;
    }
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

/** Of a token that did not verify nothing is known, whatever it claims. */
function refusalNote({ code, fields }: BrokerError, verified: VerifiedToken | undefined): AdminNote {
  return {
    act: 'token.refused',
    by: {
      name: verified?.subject ?? null,
      signIn: verified === undefined ? null : `token:${verified.provider}`,
    },
    subject: { kind: 'provider', name: verified?.provider ?? '*' },
    code: typeof fields['check'] === 'string' ? fields['check'] : code,
  };
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
    sponsor: sponsor ?? own,
  };
}
