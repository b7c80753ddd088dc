import type { EntityManager } from 'typeorm';
import { refusalToWithdraw } from '../../domain/approval-rules.js';
import type { ApprovalState, Withdrawal } from '../../domain/approval.js';
import { assert } from '../../kernel/assert.js';
import type { ApprovalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { approvalDecisionEntity, type ApprovalDecisionRow, approvalEntity } from '../entities/approvals/approval.js';
import { approvalWithdrawalEntity, type ApprovalWithdrawalRow } from '../entities/approvals/approval-withdrawal.js';
import { personOf, principalEntity } from '../entities/identity/principal.js';
import { noteApprovalEvents } from '../events/approval-events.js';
import { moveGrant } from '../grants/grant-move.js';
import { personWith } from '../identity/person-reading.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';
import type { ApprovalHead } from './approval-asking.js';
import { decisionsOf, lockApproval } from './approval-decision.js';
import { settledAs, UPDATED } from './approval-move.js';

/** Of one approval; the last one ends the question, however many people it still waits for. */
const WITHDRAWALS_MAX = 20;

export interface WithdrawalOrder {
  readonly id: ApprovalId;
  readonly by: { readonly id: string; readonly name: string };
  /** By which sign-in the person is known, as `signInText` says. */
  readonly withdrawnWith: string;
  readonly reason: string;
  /** The revision that the person has read; null: whichever it is. */
  readonly revision: number | null;
}

/** Approvals that were taken back, of some questions, in the order in which that happened. */
export async function withdrawalsOf(
  at: StateAccess,
  ids: readonly ApprovalId[],
): Promise<readonly ApprovalWithdrawalRow[]> {
  if (ids.length === 0) return [];
  return atState(() =>
    at
      .createQueryBuilder(approvalWithdrawalEntity, 'withdrawal')
      .where('withdrawal.approvalId IN (:...ids)', { ids })
      .orderBy('withdrawal.approvalId', 'ASC')
      .addOrderBy('withdrawal.number', 'ASC')
      .getMany(),
  );
}

export function withdrawalOf({
  principalName,
  reason,
  withdrawnWith,
  withdrawnAtMs,
}: ApprovalWithdrawalRow): Withdrawal {
  return { principal: principalName, reason, withdrawnWith, atMs: withdrawnAtMs };
}

/**
 * Takes back what the person has approved. The approval's row is locked until the transaction ends; what decides against
 * its use is the WHERE clause, as of every other change of its state.
 */
export async function withdrawLocked(manager: EntityManager, order: WithdrawalOrder): Promise<ApprovalState> {
  const { approval, nowMs } = await lockApproval(manager, order.id);
  const own = await ownApproval(manager, order);
  const { state, uses, usesMax, expiresAtMs, revision } = approval;
  const isUsedUp = usesMax !== null && uses >= usesMax;
  const refusal = refusalToWithdraw({ state, isExpired: expiresAtMs <= nowMs, isUsedUp, isOwn: own !== undefined });
  if (refusal !== null) throw new BrokerError(refusal, { fields: { state } });
  if (order.revision !== null && order.revision !== revision) {
    throw new BrokerError('approval_changed', { fields: { revision } });
  }
  assert(own !== undefined, 'who has approved nothing was refused');
  const number = await moveDecision(manager, own, order);
  const settled = await settle(manager, approval, { number, reason: order.reason });
  const answer = { by: order.by.name, decision: 'withdraw', reason: order.reason } as const;
  await noteApprovalEvents(manager, [order.id], { type: 'approval.withdrawn', answer });
  return settled;
}

/** The approval that the person has given, by whichever of their principals. */
async function ownApproval(
  manager: EntityManager,
  { id, by }: WithdrawalOrder,
): Promise<ApprovalDecisionRow | undefined> {
  const principal = await manager
    .createQueryBuilder(principalEntity, 'principal')
    .select(['principal.id', 'principal.personId'])
    .where('principal.id = :id', { id: by.id })
    .getOne();
  const { principals } = await personWith(manager, by, principal === null ? by.id : personOf(principal));
  const decisions = await decisionsOf(manager, [id]);
  return decisions.find(({ principalId, decision }) => decision === 'approve' && principals.has(principalId));
}

/** @returns the number of this withdrawal */
async function moveDecision(
  manager: EntityManager,
  { approvalId, principalId, principalName, personId, scope, decidedWith, decidedAtMs }: ApprovalDecisionRow,
  { reason, withdrawnWith }: WithdrawalOrder,
): Promise<number> {
  const before = await withdrawalsOf(manager, [approvalId]);
  const number = before.length + 1;
  await manager
    .createQueryBuilder()
    .delete()
    .from(approvalDecisionEntity)
    .where('approval_id = :approvalId AND principal_id = :principalId', { approvalId, principalId })
    .execute();
  await manager
    .createQueryBuilder()
    .insert()
    .into(approvalWithdrawalEntity)
    .values({
      approvalId,
      number,
      principalId,
      principalName,
      personId,
      scope,
      decidedWith,
      decidedAtMs,
      reason,
      withdrawnWith,
      withdrawnAtMs: () => NOW_MS_SQL,
    })
    .updateEntity(false)
    .execute();
  return number;
}

/** What had been approved is withdrawn. What still waits for others goes on waiting, and the person may answer again. */
async function settle(
  manager: EntityManager,
  { id, state, kind, grantId }: ApprovalHead,
  { number, reason }: { readonly number: number; readonly reason: string },
): Promise<ApprovalState> {
  const isOver = state === 'approved' || number >= WITHDRAWALS_MAX;
  const isPending = `state = 'pending' AND expires_at > ${NOW_MS_SQL}`;
  const changed = await updateRows(manager, approvalEntity, {
    set: isOver ? { ...settledAs('withdrawn'), ...(kind === 'grant' ? { openKey: null } : {}) } : UPDATED,
    where: `id = :id AND ${state === 'approved' ? "state = 'approved' AND uses < uses_max" : isPending}`,
    parameters: { id },
  });
  if (changed !== 1) throw new BrokerError(state === 'approved' ? 'approval_already_used' : 'approval_timed_out');
  if (isOver && kind === 'grant') {
    const set = { refuseCode: 'grant_approval_withdrawn', refuseDetail: reason } as const;
    await moveGrant(manager, { id: grantId, to: 'refused', set, and: 'gateway_id IS NULL' });
  }
  return isOver ? 'withdrawn' : 'pending';
}
