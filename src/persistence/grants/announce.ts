import type { GrantState } from '../../domain/grant.js';
import type { GrantId } from '../../kernel/brand.js';

/** Told of every change of a grant's state after it is stored. Best effort: who listens asks the database as well. */
export type AnnounceGrant = (id: GrantId, state: GrantState) => void;
