import type { QueryDeepPartialEntity } from 'typeorm';
import { CLOSE_ERROR, type CloseReason, GRANT_TRANSITIONS, type GrantState } from '../../domain/grant.js';
import type { GrantId } from '../../kernel/brand.js';
import { cancelForGrant } from '../approvals/approval-move.js';
import { noteGrantEvent } from '../events/grant-events.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import type { StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

export interface GrantMove {
  readonly id: GrantId;
  readonly to: GrantState;
  /** What else changes with the state. */
  readonly set?: QueryDeepPartialEntity<GrantRow>;
  /** A further condition on the row, in SQL, besides the states it may come from. */
  readonly and?: string;
}

/**
 * Moves a grant to a state if it stands in one that GRANT_TRANSITIONS allows: the WHERE clause is the lock. The event of it is
 * written with it.
 * @returns false when someone else moved it first
 */
export async function moveGrant(at: StateAccess, { id, to, set, and = 'TRUE' }: GrantMove): Promise<boolean> {
  return inTransaction(at, async (manager) => {
    const moved = await updateRows(manager, grantEntity, {
      set: { ...set, state: to },
      where: `id = :id AND state IN (:...from) AND ${and}`,
      parameters: { id, from: GRANT_TRANSITIONS[to] },
    });
    if (moved === 1) await noteGrantEvent(manager, id);
    return moved === 1;
  });
}

export interface GrantClose {
  readonly id: GrantId;
  readonly reason: CloseReason;
  /** The name of the one who asked for it; null for a deadline or a fault. */
  readonly by: string | null;
  readonly nowMs: number;
  /** As in {@link GrantMove}. */
  readonly and?: string;
}

const IS_UNTAKEN = "state = 'requested' AND gateway_id IS NULL";

/**
 * Ends a grant for a reason: to `closing`, or, when no gateway has taken it yet and so nothing is there to end, to
 * `refused`. One statement decides which, so that a gateway that takes the grant meanwhile cannot slip between. What it
 * asked of people is cancelled with it, and what was approved and not used yet.
 * @returns false when it was not open any more
 */
export async function closeGrant(
  at: StateAccess,
  { id, reason, by, nowMs, and = 'TRUE' }: GrantClose,
): Promise<boolean> {
  return inTransaction(at, async (manager) => {
    const closed = await updateRows(manager, grantEntity, {
      set: {
        closeReason: reason,
        closedBy: by,
        closingAtMs: nowMs,
        refuseCode: () => `IF(${IS_UNTAKEN}, :refuseCode, NULL)`,
        // Last, because the server assigns from left to right and the line above reads the old state.
        state: () => `IF(${IS_UNTAKEN}, 'refused', 'closing')`,
      },
      where: `id = :id AND state IN (:...from) AND ${and}`,
      parameters: { id, from: GRANT_TRANSITIONS.closing, refuseCode: CLOSE_ERROR[reason] },
    });
    if (closed !== 1) return false;
    await cancelForGrant(manager, id);
    await noteGrantEvent(manager, id);
    return true;
  });
}
