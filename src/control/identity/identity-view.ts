import type { ApiKeyView, KnownPrincipalView, PrincipalView } from '../../contracts/identity/principal.js';
import type { ApiKeyRow } from '../../persistence/entities/identity/api-key.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { timeOf, timeOrNull } from '../http/time.js';

/** What goes out of a principal, with the names of the others of the same person. */
export function principalViewOf(row: PrincipalRow, samePersonAs: readonly string[]): PrincipalView {
  const { id, name, kind, roles, groups, mappedGroups, provider, email, displayName, sponsor } = row;
  return {
    id,
    name,
    kind,
    roles,
    groups,
    mappedGroups: mappedGroups ?? [],
    provider,
    email,
    displayName,
    samePersonAs,
    sponsor,
    signedInAt: timeOrNull(row.signedInAtMs),
    createdAt: timeOf(row.createdAtMs),
    disabledAt: timeOrNull(row.disabledAtMs),
  };
}

/** What else is known of a principal. */
export interface PrincipalFacts {
  readonly samePersonAs: readonly string[];
  /** How many keys of it work. */
  readonly keys: number;
  /** Names of others that may be the same person. */
  readonly alike: readonly string[];
}

export function knownPrincipalViewOf(
  row: PrincipalRow,
  { samePersonAs, keys, alike }: PrincipalFacts,
): KnownPrincipalView {
  return { ...principalViewOf(row, samePersonAs), keys, alike };
}

/** What goes out of a key: never its hash. */
export function apiKeyViewOf(key: ApiKeyRow): ApiKeyView {
  const { id, label, createdAtMs, lastUsedAtMs, expiresAtMs, scope, revokedAtMs, revokedByName, madeByName } = key;
  return {
    id,
    label,
    createdAt: timeOf(createdAtMs),
    lastUsedAt: timeOrNull(lastUsedAtMs),
    expiresAt: timeOrNull(expiresAtMs),
    scope,
    revokedAt: timeOrNull(revokedAtMs),
    revokedBy: revokedByName,
    madeBy: madeByName,
  };
}
