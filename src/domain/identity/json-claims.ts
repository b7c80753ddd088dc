import { type Claims, type ClaimValue, type ProviderKind, type VerifiedIdentity } from './verified-identity.js';

const DEPTH_MAX = 16;

/** Parsed JSON as claims; undefined when it is no object, is nested too deep, or has what JSON cannot say. */
export function claimsOfJson(value: unknown): Claims | undefined {
  return isMembers(value, 0) ? value : undefined;
}

function isMembers(value: unknown, depth: number): value is Claims {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > DEPTH_MAX) return false;
  return Object.values(value).every((inner) => isClaimValue(inner, depth + 1));
}

function isClaimValue(value: unknown, depth: number): value is ClaimValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return depth <= DEPTH_MAX && value.every((inner) => isClaimValue(inner, depth + 1));
  return isMembers(value, depth);
}

/** A person's claims without an e-mail address that the provider has not verified: no rule may trust it. */
export function withVerifiedEmail(claims: Claims): Claims {
  if (claims['email_verified'] === true || !Object.hasOwn(claims, 'email')) return claims;
  const { email: _, ...others } = claims;
  return others;
}

/** An identity that nobody has verified, to try the mapping on. */
export function identityForTrial(provider: string, kind: ProviderKind, claims: Claims): VerifiedIdentity {
  return {
    provider,
    kind,
    issuer: textClaim(claims, 'iss') ?? '',
    subject: textClaim(claims, 'sub') ?? '',
    claims,
    authAtMs: null,
    acr: null,
    amr: [],
    email: null,
    displayName: null,
    untilMs: null,
    providerSession: null,
  };
}

/** The claim of that name, where it is a text. */
export function textClaim(claims: Claims, name: string): string | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : null;
  return typeof value === 'string' ? value : null;
}
