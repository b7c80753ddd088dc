import { type Permission, permissionsOf } from '../../domain/principal.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ApiKeyRow } from '../../persistence/entities/identity/api-key.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { timeOf } from '../http/time.js';

/** Anyone who has such a key is taken for a person who decides, sees results, or lets others do so. */
const GUARDED: readonly Permission[] = ['approval.decide', 'recording.read', 'principal.write'];

/** How a key is bounded besides by the roles of its principal. */
export type KeyBounds = Pick<ApiKeyRow, 'expiresAtMs' | 'scope'>;

/** What somebody asks for; what is absent is as wide as it may be. */
export interface WantedBounds {
  readonly expiresAtMs: number | undefined;
  readonly scope: readonly Permission[] | undefined;
}

/**
 * The bounds of a new key. A key that its own principal makes with a bounded one ends no later, and may do no more: nobody
 * gets out of a bound by making a key without it.
 * @throws BrokerError `key_expiry_invalid`, `key_scope_invalid`
 */
export function keyBounds(
  wanted: WantedBounds,
  { principal, nowMs, maker }: { readonly principal: PrincipalRow; readonly nowMs: number; readonly maker: KeyBounds },
): KeyBounds {
  return { expiresAtMs: expiryOf(wanted, nowMs, maker.expiresAtMs), scope: scopeOf(wanted, principal, maker.scope) };
}

function expiryOf({ expiresAtMs }: WantedBounds, nowMs: number, latestMs: number | null): number | null {
  if (expiresAtMs === undefined) return latestMs;
  if (expiresAtMs <= nowMs) throw new BrokerError('key_expiry_invalid', { detail: 'That time is over.' });
  if (latestMs !== null && expiresAtMs > latestMs) {
    throw new BrokerError('key_expiry_invalid', { detail: `What makes it ends at ${timeOf(latestMs)}.` });
  }
  return expiresAtMs;
}

function scopeOf(
  { scope }: WantedBounds,
  { name, roles }: PrincipalRow,
  widest: KeyBounds['scope'],
): KeyBounds['scope'] {
  if (scope === undefined) return widest;
  const allowed = narrowedTo(permissionsOf(roles), widest);
  const beyond = scope.filter((permission) => !allowed.has(permission));
  if (beyond.length === 0) return scope;
  throw new BrokerError('key_scope_invalid', {
    detail: `A key of ${name} cannot have ${beyond.join(', ')} here.`,
    fields: { beyond },
  });
}

/** What is left of the permissions of somebody's roles with a key of this scope. */
export function narrowedTo(
  permissions: ReadonlySet<Permission>,
  scope: readonly Permission[] | null,
): ReadonlySet<Permission> {
  return scope === null ? permissions : new Set(scope.filter((permission) => permissions.has(permission)));
}

/** Whether keys of this principal are those of somebody who decides, sees results, or lets others do so. */
export function isGuardedPrincipal({ roles }: PrincipalRow): boolean {
  const permissions = permissionsOf(roles);
  return GUARDED.some((permission) => permissions.has(permission));
}

/**
 * With a narrowed or ending key an operator makes keys for agents only: a further operator would have neither bound.
 * @throws BrokerError `forbidden`
 */
export function requireUnnarrowed(principal: PrincipalRow, used: KeyBounds | undefined): void {
  if (used === undefined || (used.scope === null && used.expiresAtMs === null) || !isGuardedPrincipal(principal))
    return;
  throw new BrokerError('forbidden', {
    detail: 'With a key that has a scope or ends, or on the command line, keys can be made for agents only.',
  });
}
