import { IdentityAndTargets1763683200001 } from './migrations/0001-identity-and-targets.js';
import { GrantsAndRecordings1763683200002 } from './migrations/0002-grants-and-recordings.js';

/** Forward only, in this order. A migration that was released is never edited. */
export const MIGRATIONS = [IdentityAndTargets1763683200001, GrantsAndRecordings1763683200002];
