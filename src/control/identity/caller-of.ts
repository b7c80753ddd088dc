import { permissionsOf } from '../../domain/principal.js';
import { personOf, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import type { Caller } from '../http/access.js';
import type { GivenRoles } from './session-roles.js';

/** Somebody who has signed in, with what that gives them now; nobody else answers for them. */
export function signedInCaller(principal: PrincipalRow, given: GivenRoles, signIn: Caller['signIn']): Caller {
  const { id, name, kind } = principal;
  const permissions = permissionsOf(given.roles);
  return { id, name, kind, ...given, permissions, person: personOf(principal), signIn, sponsor: null };
}
