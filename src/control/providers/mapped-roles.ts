import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { type GivenRoles, SessionRoles } from '../identity/session-roles.js';
import type { StoredSession } from '../sign-in/sessions/stored-session.js';
import type { MappedPrincipals } from './mapped-principals.js';

/**
 * What a session gives by the mapping in force: a change of it counts at the next request. A session that began with a
 * one-time link has what its principal has by itself.
 */
export class MappedRoles extends SessionRoles {
  constructor(private readonly mapped: MappedPrincipals) {
    super();
  }

  async of({ identity }: StoredSession, { roles, groups, kind }: PrincipalRow): Promise<GivenRoles | undefined> {
    if (identity === null) return { roles, groups };
    const now = await this.mapped.mappedNow(identity, 'people');
    if (now?.kind !== kind) return undefined;
    return { roles: now.roles, groups: groupsTogether(now.groups, groups) };
  }
}

/** Those that the mapping gives, and those that an operator gave besides. */
export function groupsTogether(mapped: readonly string[], own: readonly string[]): readonly string[] {
  return [...new Set([...mapped, ...own])];
}
