import { claimAt, claimHas, textsOf } from '../../domain/identity/claim-path.js';
import { textClaim } from '../../domain/identity/json-claims.js';
import { type OidcProvider, type RequiredClaim } from '../../domain/identity/oidc-provider.js';
import { type Sponsor } from '../../domain/identity/sign-in.js';
import { type Claims, type ClaimValue } from '../../domain/identity/verified-identity.js';
import { BrokerError } from '../../kernel/errors.js';
import { type JwtParts } from '../issuer/jwt-parts.js';

/** Why a bearer token was refused: in the log, and in the error's field `check`. */
export const TOKEN_CHECKS = [
  'too_large',
  'malformed',
  'encrypted',
  'duplicate_member',
  'issuer',
  'audience',
  'other_audience',
  'algorithm',
  'type',
  'critical_header',
  'key_in_header',
  'key_unknown',
  'signature',
  'provider_unavailable',
  'claim_missing',
  'claim_malformed',
  'expired',
  'not_yet_valid',
  'issued_ahead',
  'too_old',
  'lifetime',
  'id_token',
  'bound',
  'required_claim',
  'subject',
  'sponsor',
] as const;
export type TokenCheck = (typeof TOKEN_CHECKS)[number];

/** The refusal of a token; it says nothing of what the token has. */
export function tokenRefused(check: TokenCheck, cause?: unknown): BrokerError {
  return new BrokerError('token_refused', { fields: { check }, ...(cause === undefined ? {} : { cause }) });
}

const SUBJECT_CHARACTERS_MAX = 512;
const SPONSOR_CHARACTERS_MAX = 128;
/** Claims of id tokens (OpenID Connect Core 1.0, 2 and 3.3.2.11), of which none may be used as a bearer token. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];
/** Header members that would bring the key along, or say where to fetch it. */
const KEY_MEMBERS = ['jwk', 'jku', 'x5u'];
const NO_TYPE = 'none';

/** What is wrong with a token's head, by the provider's settings. */
export function headerFault({ header }: JwtParts, provider: OidcProvider): TokenCheck | undefined {
  if (Object.hasOwn(header, 'crit')) return 'critical_header';
  if (KEY_MEMBERS.some((member) => Object.hasOwn(header, member))) return 'key_in_header';
  if (!provider.algorithms.some((algorithm) => algorithm === header['alg'])) return 'algorithm';
  return provider.tokenTypes.includes(typeOf(header)) ? undefined : 'type';
}

/** In small letters, and without the prefix that may be left out (RFC 7515 4.1.9). */
function typeOf(header: Claims): string {
  if (!Object.hasOwn(header, 'typ')) return NO_TYPE;
  return (
    textClaim(header, 'typ')
      ?.toLowerCase()
      .replace(/^application\//, '') ?? ''
  );
}

/** What is wrong with the claims of a token whose signature and times are verified. */
export function claimsFault(claims: Claims, provider: OidcProvider): TokenCheck | undefined {
  const audience = audienceFault(claims['aud'], provider);
  if (audience !== undefined) return audience;
  if (ID_TOKEN_CLAIMS.some((name) => Object.hasOwn(claims, name))) return 'id_token';
  if (Object.hasOwn(claims, 'cnf')) return 'bound'; // RFC 7800: only for a sender who proves that it has the key
  const { exp, iat } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number') return 'claim_malformed';
  if (exp - iat > provider.tokenSecondsMax) return 'lifetime';
  if (!isSubject(claims['sub'])) return 'subject';
  const misses = Object.entries(provider.requiredClaims).some(([path, wanted]) => !hasClaim(claims, path, wanted));
  return misses ? 'required_claim' : undefined;
}

/** A subject that can be stored and shown: short, and without what hides. */
export function isSubject(subject: ClaimValue | undefined): subject is string {
  return typeof subject === 'string' && subject.length <= SUBJECT_CHARACTERS_MAX && /^[^\p{C}\p{Z}]+$/u.test(subject);
}

export function audienceFault(aud: ClaimValue | undefined, provider: OidcProvider): TokenCheck | undefined {
  const audiences = textsOf(aud ?? null);
  if (!audiences.includes(provider.audience ?? undefined)) return 'audience';
  const known = [provider.audience, ...provider.otherAudiences];
  return audiences.every((one) => one !== undefined && known.includes(one)) ? undefined : 'other_audience';
}

function hasClaim(claims: Claims, path: string, wanted: RequiredClaim): boolean {
  const value = claimAt(claims, path);
  if (typeof wanted === 'object' && 'present' in wanted) return value !== undefined && value !== null && value !== '';
  return claimHas(value, wanted);
}

/**
 * Who answers for the agent, as the token says; null where it says nothing.
 * @throws BrokerError `token_refused`, check `sponsor`, when what it says is no name
 */
export function sponsorOf(claims: Claims, { sponsorClaim }: OidcProvider): Sponsor | null {
  const value = claimAt(claims, sponsorClaim ?? 'act.sub');
  if (value === undefined || value === null) return null;
  if (!isSubject(value) || value.length > SPONSOR_CHARACTERS_MAX) throw tokenRefused('sponsor');
  return { name: value, isClaim: true };
}
