import { type Claims, type ClaimValue, type VerifiedIdentity } from './verified-identity.js';

/**
 * The value that a claim path names. `iss` and `sub` always mean the verified issuer and subject, whatever the provider.
 * Dots lead into nested claims. A name that has dots itself is tried whole before it is split, and the longest name that is
 * there decides: `kubernetes.io.namespace` is the member `namespace` of the claim `kubernetes.io`.
 */
export function claimOf(identity: VerifiedIdentity, path: string): ClaimValue | undefined {
  if (path === 'iss') return identity.issuer;
  if (path === 'sub') return identity.subject;
  return claimAt(identity.claims, path);
}

/** The same without an identity: only what stands in the claims. */
export function claimAt(claims: Claims, path: string): ClaimValue | undefined {
  if (Object.hasOwn(claims, path)) return claims[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(claims, name)) continue;
    const inner = claims[name];
    return isNested(inner) ? claimAt(inner, path.slice(dot + 1)) : undefined;
  }
  return undefined;
}

/** A value that a condition can name. */
export type ScalarClaim = string | number | boolean;

/** What a condition wants: this value, or one of these. */
export type WantedClaim = ScalarClaim | readonly ScalarClaim[];

/** Whether the claim has the value, or one of the values; a list has it when one of its elements has. Types must agree. */
export function claimHas(value: ClaimValue | undefined, wanted: WantedClaim): boolean {
  if (value === undefined) return false;
  const there = isList(value) ? value : [value];
  const fitting: readonly ScalarClaim[] = typeof wanted === 'object' ? wanted : [wanted];
  return fitting.some((one) => there.includes(one));
}

/** The value as texts: a text or a whole number is one, a list is its elements; undefined where something else stands. */
export function textsOf(value: ClaimValue): readonly (string | undefined)[] {
  return isList(value) ? value.map(textOf) : [textOf(value)];
}

function textOf(value: ClaimValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

function isList(value: ClaimValue): value is readonly ClaimValue[] {
  return Array.isArray(value);
}

function isNested(value: ClaimValue | undefined): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
