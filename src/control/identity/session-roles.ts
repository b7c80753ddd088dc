import type { Role } from '../../domain/principal.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import type { StoredSession } from '../sign-in/sessions/stored-session.js';

/** What a principal may be in a session. */
export interface GivenRoles {
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
}

/** Computes at each request what a session gives: neither roles nor groups are kept in it. */
export abstract class SessionRoles {
  /** Undefined when the session gives nothing any more, and ends. */
  abstract of(session: StoredSession, principal: PrincipalRow): Promise<GivenRoles | undefined>;
}
