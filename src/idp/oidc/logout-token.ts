import { createHash } from 'node:crypto';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { textClaim } from '../../domain/identity/json-claims.js';
import { type Claims, type ClaimValue } from '../../domain/identity/verified-identity.js';
import { type Clock } from '../../kernel/clock.js';
import { type JwtParts, jwtParts } from '../issuer/jwt-parts.js';
import { type OidcIssuer } from '../issuer/oidc-issuer.js';
import { type OneTimeStore } from '../one-time-store.js';
import { checkHeader, checkPresent } from './id-token-checks.js';
import { type OidcCheck, oidcRefused } from './oidc-checks.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const AGE_SECONDS_MAX = 120;
const TOLERANCE_SECONDS = 30;

/** Whose sessions the provider wants ended: one person's, or one session. */
export interface LogoutSubject {
  readonly issuer: string;
  readonly subject: string | null;
  /** `sid`, as a verified identity has it in `providerSession`. */
  readonly providerSession: string | null;
}

/** `issuer`: of the provider that sent it. `store`: remembers which tokens were used. */
export interface LogoutTokenOptions {
  readonly issuer: OidcIssuer;
  readonly store: OneTimeStore;
  readonly clock: Clock;
}

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6): its own type, this client alone, the event, no
 * nonce, two minutes old at most, and each once.
 * @throws BrokerError `signin_refused`, `signin_provider_unavailable`, what the store throws
 */
export async function verifyLogoutToken(
  token: string,
  { issuer, store, clock }: LogoutTokenOptions,
): Promise<LogoutSubject> {
  const parts = jwtParts(token);
  if (typeof parts === 'string') throw oidcRefused(parts);
  const { provider } = issuer;
  const { header, payload } = parts;
  checkHeader(header, provider, 'logout+jwt');
  checkPresent(payload, ['iss', 'jti'], ['iat', 'exp']);
  if (payload['iss'] !== provider.issuer) throw oidcRefused('issuer');
  if (!isAudience(payload['aud'], provider.clientId)) throw oidcRefused('audience');
  checkLogout(payload);
  await verifySignature(token, parts, issuer, clock);
  const id = createHash('sha256')
    .update(JSON.stringify([provider.issuer, payload['jti']]))
    .digest('hex');
  // Longer than such a token is good for, so that it never comes back.
  const isFirst = await store.claim(`logout:${id}`, (AGE_SECONDS_MAX + 2 * TOLERANCE_SECONDS) * 1000);
  if (!isFirst) throw oidcRefused('logout_replayed');
  return {
    issuer: provider.issuer,
    subject: textClaim(payload, 'sub'),
    providerSession: textClaim(payload, 'sid'),
  };
}

function checkLogout(claims: Claims): void {
  if (Object.hasOwn(claims, 'nonce')) throw oidcRefused('logout_nonce');
  const events = claims['events'];
  if (!isMembers(events) || !Object.hasOwn(events, EVENT) || !isMembers(events[EVENT]))
    throw oidcRefused('logout_event');
  if (textClaim(claims, 'sub') === null && textClaim(claims, 'sid') === null) throw oidcRefused('logout_subject');
}

function isAudience(aud: ClaimValue | undefined, clientId: string | null): boolean {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.length === 1 && typeof clientId === 'string' && audiences[0] === clientId;
}

async function verifySignature(token: string, { header }: JwtParts, issuer: OidcIssuer, clock: Clock): Promise<void> {
  const keys = await issuer.keys.keysFor(textClaim(header, 'kid'));
  try {
    await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: issuer.provider.issuer,
      algorithms: [...issuer.provider.algorithms],
      maxTokenAge: AGE_SECONDS_MAX,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(clock.nowMs()),
    });
  } catch (error) {
    throw oidcRefused(checkOfJose(error));
  }
}

function checkOfJose(error: unknown): OidcCheck {
  if (error instanceof errors.JWTExpired) return error.claim === 'iat' ? 'issued_long_ago' : 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'iat' ? 'issued_ahead' : 'not_yet_valid';
  return error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'key_unknown';
}

function isMembers(value: ClaimValue | undefined): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
