import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { claimsOfJson, textClaim } from '../../domain/identity/json-claims.js';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Claims } from '../../domain/identity/verified-identity.js';
import { type Clock } from '../../kernel/clock.js';
import { type IssuerPool } from '../issuer/issuer-pool.js';
import { type JwtParts, jwtParts } from '../issuer/jwt-parts.js';
import { audienceFault, claimsFault, headerFault, sponsorOf, type TokenCheck, tokenRefused } from './token-checks.js';
import { type VerifiedToken, VerifiedTokenCache } from './verified-token.js';

/** How much the clocks of a provider and this machine may differ. */
export const TOKEN_TOLERANCE_SECONDS = 30;

export interface TokenVerifierParts {
  readonly issuers: IssuerPool;
  /** The providers in force; those that are not for agents do not count. */
  readonly providers: () => readonly OidcProvider[];
  readonly clock: Clock;
}

/** Verifies agents' bearer tokens: JWTs that a configured issuer signed for this broker (RFC 7519, RFC 9068). */
export class TokenVerifier {
  readonly #parts: TokenVerifierParts;
  readonly #verified: VerifiedTokenCache;
  readonly #resolvers = new WeakMap<JSONWebKeySet, JWTVerifyGetKey>();

  constructor(parts: TokenVerifierParts) {
    this.#parts = parts;
    this.#verified = new VerifiedTokenCache(parts.clock);
  }

  /**
   * Who sent the token.
   * @throws BrokerError `token_refused`, with `check` of {@link TOKEN_CHECKS}
   */
  async verify(token: string): Promise<VerifiedToken> {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    const parts = jwtParts(token);
    if (typeof parts === 'string') throw tokenRefused(parts);
    const provider = this.#providerOf(parts);
    const fault = headerFault(parts, provider);
    if (fault !== undefined) throw tokenRefused(fault);
    const claims = await this.#signedClaims(token, parts, provider);
    const claimed = claimsFault(claims, provider);
    if (claimed !== undefined) throw tokenRefused(claimed);
    const verified = verifiedOf(claims, provider);
    this.#verified.put(token, verified, Number(claims['exp']) * 1000);
    return verified;
  }

  /** To be called when a provider has changed: what was verified by its old settings is verified again. */
  forget(): void {
    this.#verified.clear();
  }

  /** Two providers may have one issuer and differ in their audience. */
  #providerOf({ payload }: JwtParts): OidcProvider {
    const ofIssuer = this.#parts
      .providers()
      .filter((provider) => provider.for.includes('agents') && provider.issuer === payload['iss']);
    const provider = ofIssuer.find((one) => audienceFault(payload['aud'], one) !== 'audience');
    if (provider === undefined) throw tokenRefused(ofIssuer.length === 0 ? 'issuer' : 'audience');
    return provider;
  }

  async #signedClaims(token: string, { header }: JwtParts, provider: OidcProvider): Promise<Claims> {
    const keys = await this.#keysOf(provider, textClaim(header, 'kid'));
    const { clock } = this.#parts;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: provider.issuer,
        audience: provider.audience ?? [],
        algorithms: [...provider.algorithms],
        requiredClaims: ['exp', 'iat', 'sub'],
        maxTokenAge: provider.tokenSecondsMax,
        clockTolerance: TOKEN_TOLERANCE_SECONDS,
        currentDate: new Date(clock.nowMs()),
      });
      const claims = claimsOfJson(payload);
      if (claims !== undefined) return claims;
    } catch (cause) {
      throw tokenRefused(checkOfJose(cause), cause);
    }
    throw tokenRefused('malformed');
  }

  async #keysOf(provider: OidcProvider, keyId: string | null): Promise<JWTVerifyGetKey> {
    let set: JSONWebKeySet;
    try {
      set = await this.#parts.issuers.issuerOf(provider).keys.keysFor(keyId);
    } catch (cause) {
      throw tokenRefused('provider_unavailable', cause);
    }
    const known = this.#resolvers.get(set);
    if (known !== undefined) return known;
    const resolver = createLocalJWKSet(set);
    this.#resolvers.set(set, resolver);
    return resolver;
  }
}

function checkOfJose(error: unknown): TokenCheck {
  if (error instanceof errors.JWTExpired) return error.claim === 'iat' ? 'too_old' : 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return checkOfClaim(error.claim, error.reason);
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'key_unknown';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JOSENotSupported || error instanceof errors.JWKInvalid) return 'key_unknown';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed';
  // A key that is too short, or of another kind than its algorithm, is refused with a TypeError.
  if (error instanceof TypeError) return 'key_unknown';
  return 'malformed';
}

function checkOfClaim(claim: string, reason: string): TokenCheck {
  if (reason === 'missing') return 'claim_missing';
  if (reason === 'invalid') return 'claim_malformed';
  switch (claim) {
    case 'iss':
      return 'issuer';
    case 'aud':
      return 'audience';
    case 'nbf':
      return 'not_yet_valid';
    case 'iat':
      return 'issued_ahead';
    default:
      return 'claim_malformed';
  }
}

function verifiedOf(claims: Claims, provider: OidcProvider): VerifiedToken {
  return {
    provider: provider.name,
    kind: 'oidc',
    issuer: provider.issuer,
    subject: textClaim(claims, 'sub') ?? '',
    claims,
    authAtMs: null,
    acr: null,
    amr: [],
    email: null,
    displayName: null,
    untilMs: Number(claims['exp']) * 1000,
    providerSession: null,
    tokenId: textClaim(claims, 'jti'),
    sponsor: sponsorOf(claims, provider),
  };
}
