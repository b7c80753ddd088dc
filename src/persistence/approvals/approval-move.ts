import type { DataSource, EntityManager, QueryDeepPartialEntity } from 'typeorm';
import type { ApprovalState } from '../../domain/approval.js';
import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { atState } from '../state/at-state.js';
import { approvalEntity, type ApprovalRow } from '../entities/approvals/approval.js';
import { noteApprovalEvents } from '../events/approval-events.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay, inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** What every change of an approval writes, so that anyone who looks for changes finds it. */
export const CHANGED = {
  revision: () => 'revision + 1',
  changedAtMs: () => NOW_MS_SQL,
} as const satisfies QueryDeepPartialEntity<ApprovalRow>;

/** What a change of a question that stays open writes: anyone who was told of it is told of the change. */
export const UPDATED = {
  ...CHANGED,
  noticeAtMs: () => `IF(notified_at IS NULL OR state <> 'pending', notice_at, ${NOW_MS_SQL})`,
} as const satisfies QueryDeepPartialEntity<ApprovalRow>;

/** What settling an approval writes besides that: when, and that somebody must be told. */
export function settledAs(state: ApprovalState) {
  return {
    ...CHANGED,
    state,
    settledAtMs: () => NOW_MS_SQL,
    noticeAtMs: () => NOW_MS_SQL,
  } as const satisfies QueryDeepPartialEntity<ApprovalRow>;
}

/** Its time is up, on the state database's clock. */
export const IS_OVERDUE = `state = 'pending' AND expires_at <= ${NOW_MS_SQL}`;

/** An approval that is still good for something: a question that waits, or an approval with uses left. */
const IS_OPEN = "(state = 'pending' OR (state = 'approved' AND uses < uses_max))";

/** pending → timed out, for questions about statements whose time is up. @returns how many those were */
export async function timeOutStatements(at: DataSource | EntityManager, ids: readonly ApprovalId[]): Promise<number> {
  if (ids.length === 0) return 0;
  return inTransaction(at, async (manager) => {
    const overdue = await lockedIds(manager, ids, `kind = 'statement' AND ${IS_OVERDUE}`);
    await settleLocked(manager, overdue, 'timed-out');
    return overdue.length;
  });
}

/**
 * Cancels what a grant asked and what was approved and not used. Only together with the grant's end, in one transaction
 * that has changed the grant's row before: a question is asked with that row locked, so none can come after.
 */
export async function cancelForGrant(manager: EntityManager, grantId: GrantId): Promise<number> {
  // By ids, because a range of an index would be locked against questions of other grants.
  const open = await atState(() =>
    manager
      .createQueryBuilder(approvalEntity, 'approval')
      .select('approval.id')
      .where('approval.grantId = :grantId AND approval.open_key IS NOT NULL', { grantId })
      .orderBy('approval.id', 'ASC')
      .getMany(),
  );
  if (open.length === 0) return 0;
  const parameters = { ids: open.map(({ id }) => id) };
  const cancelled = await lockedIds(manager, parameters.ids, IS_OPEN);
  await settleLocked(manager, cancelled, 'cancelled');
  // What was denied answers nothing any more; keys that are left say that a grant is not over.
  await updateRows(manager, approvalEntity, { set: { openKey: null }, where: 'id IN (:...ids)', parameters });
  return cancelled.length;
}

/** Those of the approvals that meet a condition; nobody changes them until the transaction ends. */
async function lockedIds(
  manager: EntityManager,
  ids: readonly ApprovalId[],
  condition: string,
): Promise<readonly ApprovalId[]> {
  const rows = await atState(() =>
    manager
      .createQueryBuilder(approvalEntity, 'approval')
      .select('approval.id')
      .setLock('pessimistic_write')
      .where(`approval.id IN (:...ids) AND ${condition}`, { ids })
      .orderBy('approval.id', 'ASC')
      .getMany(),
  );
  return rows.map(({ id }) => id);
}

/** Settles approvals whose rows are locked, and writes the events of it. */
async function settleLocked(
  manager: EntityManager,
  ids: readonly ApprovalId[],
  state: 'timed-out' | 'cancelled',
): Promise<void> {
  if (ids.length === 0) return;
  await updateRows(manager, approvalEntity, {
    set: { ...settledAs(state), openKey: null },
    where: 'id IN (:...ids)',
    parameters: { ids },
  });
  const type = state === 'timed-out' ? 'approval.timed_out' : 'approval.cancelled';
  await noteApprovalEvents(manager, ids, { type });
}

/**
 * Takes one use of an approval: true for as many callers as its scope allows, and no more. Ending the grant cancels it
 * in the same transaction, so an approval that can be used is one of a grant that is active.
 */
export async function useApproval(dataSource: DataSource, id: ApprovalId): Promise<boolean> {
  // The grant's end locks the same row and entries of its indexes, not always in the same order.
  const used = await againIfItGaveWay(() =>
    updateRows(dataSource, approvalEntity, {
      set: {
        ...CHANGED,
        // Before `uses`, because the server assigns from left to right: the last use lets the statement be asked again.
        openKey: () => 'IF(uses + 1 >= uses_max, NULL, open_key)',
        uses: () => 'uses + 1',
      },
      where: "id = :id AND kind = 'statement' AND state = 'approved' AND uses < uses_max",
      parameters: { id },
    }),
  );
  return used === 1;
}
