import { textClaim } from '../../domain/identity/json-claims.js';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Claims } from '../../domain/identity/verified-identity.js';
import { type JwtParts, jwtParts } from '../issuer/jwt-parts.js';
import { oidcRefused } from './oidc-checks.js';

const ISSUED_AHEAD_SECONDS_MAX = 60;
const ISSUED_AGO_SECONDS_MAX = 600;
const AUTHENTICATION_TOLERANCE_SECONDS = 60;
const KEY_MEMBERS = ['jwk', 'jku', 'x5u'];
const SUBJECT = /^[^\p{C}\p{Z}]{1,512}$/u;

/**
 * Reads an id token as it came, before the library does: once each member, signed as the settings allow, with all that a
 * sign-in needs. Its signature, issuer, audience, nonce and times are the library's to verify.
 * @throws BrokerError `signin_refused`
 */
export function readIdToken(token: string, provider: OidcProvider): JwtParts {
  const parts = jwtParts(token);
  if (typeof parts === 'string') throw oidcRefused(parts);
  checkHeader(parts.header, provider, 'jwt');
  const times = Object.hasOwn(parts.payload, 'auth_time') ? ['exp', 'iat', 'auth_time'] : ['exp', 'iat'];
  checkPresent(parts.payload, ['iss', 'sub', 'nonce'], times);
  if (!Object.hasOwn(parts.payload, 'aud')) throw oidcRefused('claim_missing');
  return parts;
}

/** `type`: what `typ` must be; that of an id token may be absent (RFC 7519 5.1). */
export function checkHeader(header: Claims, { algorithms }: OidcProvider, type: 'jwt' | 'logout+jwt'): void {
  if (Object.hasOwn(header, 'crit')) throw oidcRefused('critical_header');
  if (KEY_MEMBERS.some((member) => Object.hasOwn(header, member))) throw oidcRefused('key_in_header');
  if (!algorithms.some((algorithm) => algorithm === header['alg'])) throw oidcRefused('algorithm');
  const isAbsent = !Object.hasOwn(header, 'typ');
  const said = textClaim(header, 'typ')
    ?.toLowerCase()
    .replace(/^application\//, '');
  if (isAbsent ? type !== 'jwt' : said !== type) throw oidcRefused('type');
}

/** These are there: texts and times. A subject, where there is one, can be stored and shown. */
export function checkPresent(claims: Claims, texts: readonly string[], times: readonly string[]): void {
  if (![...texts, ...times].every((name) => Object.hasOwn(claims, name))) throw oidcRefused('claim_missing');
  if (!texts.every((name) => typeof claims[name] === 'string')) throw oidcRefused('claim_malformed');
  if (!times.every((name) => typeof claims[name] === 'number')) throw oidcRefused('claim_malformed');
  if (Object.hasOwn(claims, 'sub') && !SUBJECT.test(textClaim(claims, 'sub') ?? '')) throw oidcRefused('subject');
}

/**
 * The time of issue, which the library does not look at.
 * @throws BrokerError `signin_refused`
 */
export function checkIssuedAt(claims: Claims, nowMs: number): void {
  const issuedAt = Number(claims['iat']);
  const now = nowMs / 1000;
  if (issuedAt > now + ISSUED_AHEAD_SECONDS_MAX) throw oidcRefused('issued_ahead');
  if (issuedAt < now - ISSUED_AGO_SECONDS_MAX) throw oidcRefused('issued_long_ago');
}

/** When a sign-in began, and how long before that the person may have proved who they are. */
export interface AuthenticationTime {
  readonly begunAtMs: number;
  readonly maxAgeSeconds: number | null;
}

/**
 * When the person proved who they are, in milliseconds since the epoch; null where the provider does not say and need not.
 * The age counts from the beginning of the sign-in, since that is what the provider was asked then.
 * @throws BrokerError `signin_refused`
 */
export function authenticatedAtMs(
  claims: Claims,
  { begunAtMs, maxAgeSeconds }: AuthenticationTime,
  nowMs: number,
): number | null {
  const saidSeconds = claims['auth_time'];
  if (saidSeconds === undefined && maxAgeSeconds === null) return null;
  if (typeof saidSeconds !== 'number') throw oidcRefused('authentication_age');
  const atMs = saidSeconds * 1000;
  const toleranceMs = AUTHENTICATION_TOLERANCE_SECONDS * 1000;
  const isTooOld = maxAgeSeconds !== null && atMs < begunAtMs - maxAgeSeconds * 1000 - toleranceMs;
  if (isTooOld || atMs > nowMs + toleranceMs || atMs < 0) throw oidcRefused('authentication_age');
  return Math.round(atMs);
}
