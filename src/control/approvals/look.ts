import type { Person } from '../../domain/identity/person.js';
import type { Caller } from '../http/access.js';
import type { KnownProtocols } from '../modules/known-protocols.js';

/** Who looks at an approval, and when. */
export interface Look {
  /** Null: the broker itself, which may see all and decide nothing. */
  readonly viewer: Caller | null;
  /** Behind the viewer. */
  readonly person: Person | null;
  readonly nowMs: number;
  readonly protocols: Pick<KnownProtocols, 'find'>;
}
