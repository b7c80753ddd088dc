import type { EntityManager } from 'typeorm';
import {
  type Answer,
  type Decider,
  jointScope,
  outcomeOf,
  refusalToDecide,
  scopeProblem,
  usesMaxOf,
} from '../../domain/approval-rules.js';
import type { ApprovalScope, ApprovalState, DecisionWord } from '../../domain/approval.js';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import type { ApprovalId } from '../../kernel/brand.js';
import { BrokerError, type BrokerErrorOptions } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import { type ApprovalHead, HEAD_COLUMNS } from './approval-asking.js';
import { settledAs, UPDATED } from './approval-move.js';
import { atState, isDuplicate } from '../state/at-state.js';
import { approvalDecisionEntity, type ApprovalDecisionRow, approvalEntity } from '../entities/approvals/approval.js';
import { grantEntity } from '../entities/grants/grant.js';
import { personOf, principalEntity, type PrincipalRow } from '../entities/identity/principal.js';
import { noteApprovalEvents } from '../events/approval-events.js';
import { moveGrant } from '../grants/grant-move.js';
import { personWith } from '../identity/person-reading.js';
import type { StateAccess } from '../state/state-transaction.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';

export interface DecisionOrder {
  readonly id: ApprovalId;
  readonly decider: Omit<Decider, 'person'> & { readonly name: string };
  /** By which sign-in the decider is known, as `signInText` says. */
  readonly decidedWith: string;
  readonly decision: DecisionWord;
  readonly reason: string | null;
  readonly scope: ApprovalScope | null;
  /** The revision that the decider has read; null: whichever it is. */
  readonly revision: number | null;
  /** As the rules ask for it. */
  readonly whyNoRowLimit: string | null;
}

/** Everybody's decisions on some approvals, in the order they were made. */
export async function decisionsOf(
  at: StateAccess,
  ids: readonly ApprovalId[],
): Promise<readonly ApprovalDecisionRow[]> {
  if (ids.length === 0) return [];
  return atState(() =>
    at
      .createQueryBuilder(approvalDecisionEntity, 'decision')
      .where('decision.approvalId IN (:...ids)', { ids })
      .orderBy('decision.decidedAtMs', 'ASC')
      .addOrderBy('decision.principalId', 'ASC')
      .getMany(),
  );
}

/** Who answers for a requester: as the question has it, and as an operator has set it since. */
export function sponsorsOf({ sponsor }: Pick<ApprovalHead, 'sponsor'>, now: string | null): readonly Sponsor[] {
  const set = now === null ? [] : [{ name: now, isClaim: false }];
  return sponsor === null ? set : [sponsor, ...set];
}

/** The approval's row is locked until the transaction ends, so decisions on it come one after the other. */
export async function decideLocked(manager: EntityManager, order: DecisionOrder): Promise<ApprovalState> {
  const { approval, nowMs } = await lockApproval(manager, order.id);
  const earlier = await decisionsOf(manager, [order.id]);
  const known = await principalsIn(manager, [approval.principalId, order.decider.id, ...earlier.map(deciderOf)]);
  const answers = earlier.map((row) => answerOf(row, known));
  await requireMayDecide(manager, { approval, nowMs, answers, known }, order);
  const { revision } = approval;
  if (order.revision !== null && order.revision !== revision) {
    throw new BrokerError('approval_changed', { fields: { revision } });
  }
  requireScopeFits(approval, order);
  const personId = personIdOf(order.decider.id, known);
  await insertDecision(manager, order, personId);
  const given = { ...order, principalId: order.decider.id, personId, groups: order.decider.groups };
  const counted = [...answers.filter(({ principalId }) => !isDisabled(principalId, known)), given];
  const state = outcomeOf(approval.summary.terms, counted);
  await settle(manager, approval, {
    state,
    scope: jointScope(counted.map(({ scope }) => scope)),
    reason: order.reason,
  });
  const { decider, decision, reason } = order;
  const answer = { by: decider.name, decision, reason };
  await noteApprovalEvents(manager, [order.id], { type: 'approval.decided', answer });
  return state;
}

/** The approval, and nobody changes it until this transaction ends. @throws BrokerError `approval_not_found` */
export async function lockApproval(
  manager: EntityManager,
  id: ApprovalId,
): Promise<{ readonly approval: ApprovalHead; readonly nowMs: number }> {
  const { entities, raw } = await manager
    .createQueryBuilder(approvalEntity, 'approval')
    .select(HEAD_COLUMNS)
    .addSelect(NOW_MS_SQL, 'nowMs')
    .setLock('pessimistic_write')
    .where('approval.id = :id', { id })
    .getRawAndEntities<{ nowMs: unknown }>();
  const [approval] = entities;
  if (approval === undefined) throw new BrokerError('approval_not_found');
  return { approval, nowMs: Number(raw[0]?.nowMs) };
}

/** What is known now of the principals that an approval has to do with, by their ids. */
type Known = ReadonlyMap<string, Pick<PrincipalRow, 'id' | 'personId' | 'sponsor' | 'disabledAtMs'>>;

async function principalsIn(manager: EntityManager, ids: readonly string[]): Promise<Known> {
  const rows = await manager
    .createQueryBuilder(principalEntity, 'principal')
    .select(['principal.id', 'principal.personId', 'principal.sponsor', 'principal.disabledAtMs'])
    .where('principal.id IN (:...ids)', { ids: [...new Set(ids)] })
    .getMany();
  return new Map(rows.map((row) => [row.id, row]));
}

function deciderOf({ principalId }: ApprovalDecisionRow): string {
  return principalId;
}

/** Whose principal it is now, not when it decided: two that were found to be one person since then count as one. */
function answerOf(row: ApprovalDecisionRow, known: Known): Answer {
  return { ...row, personId: personIdOf(row.principalId, known) };
}

function personIdOf(principalId: string, known: Known): string {
  const found = known.get(principalId);
  return found === undefined ? principalId : personOf(found);
}

/** What was approved with a key that had to be taken away is not approved. */
function isDisabled(principalId: string, known: Known): boolean {
  const disabledAtMs = known.get(principalId)?.disabledAtMs ?? null;
  return disabledAtMs !== null;
}

interface Case {
  readonly approval: ApprovalHead;
  readonly nowMs: number;
  readonly answers: readonly Answer[];
  readonly known: Known;
}

async function requireMayDecide(
  manager: EntityManager,
  { approval, nowMs, answers, known }: Case,
  { decider }: DecisionOrder,
): Promise<void> {
  const { state, principalId: requesterId, expiresAtMs, summary } = approval;
  const { terms } = summary;
  const asked = {
    state,
    isExpired: expiresAtMs <= nowMs,
    requesterId,
    sponsors: sponsorsOf(approval, known.get(requesterId)?.sponsor ?? null),
    terms,
    answers,
    nowMs,
  };
  const person = await personWith(manager, decider, personIdOf(decider.id, known));
  const refusal = refusalToDecide(asked, { ...decider, person });
  if (refusal !== null) throw new BrokerError(refusal, refusalDetails(refusal, approval));
}

function refusalDetails(refusal: ErrorCode, { state, summary: { terms } }: ApprovalHead): BrokerErrorOptions {
  switch (refusal) {
    case 'approval_not_an_approver':
      return { fields: { state }, detail: groupsNeeded(terms.approvers) };
    case 'reauthentication_required':
      return { fields: { state, seconds: terms.reauthenticateSeconds } };
    default:
      return { fields: { state } };
  }
}

function groupsNeeded(groups: readonly string[]): string {
  return groups.length === 0 ? 'It takes the role approver.' : `Its groups are ${groups.join(', ')}.`;
}

function requireScopeFits({ kind, shapeKey }: ApprovalHead, { decision, scope, whyNoRowLimit }: DecisionOrder): void {
  const scoped = { kind, hasShape: shapeKey !== null, whyNoRowLimit };
  const problem = scope === null ? null : scopeProblem(scoped, decision, scope);
  if (problem !== null) throw new BrokerError('approval_scope_invalid', { detail: problem });
}

async function insertDecision(
  manager: EntityManager,
  { id, decider, decidedWith, decision, reason, scope }: DecisionOrder,
  personId: string,
): Promise<void> {
  try {
    await manager
      .createQueryBuilder()
      .insert()
      .into(approvalDecisionEntity)
      .values({
        approvalId: id,
        principalId: decider.id,
        principalName: decider.name,
        personId,
        groups: [...decider.groups],
        decision,
        reason,
        scope,
        decidedWith,
        decidedAtMs: () => NOW_MS_SQL,
      })
      .updateEntity(false)
      .execute();
  } catch (error) {
    if (isDuplicate(error)) throw new BrokerError('approval_answered_by_you', { cause: error });
    throw error;
  }
}

interface Settlement {
  readonly state: ApprovalState;
  readonly scope: ApprovalScope;
  readonly reason: string | null;
}

/** The WHERE clause is what decides against the time: a decision that comes too late takes itself back. */
async function settle(manager: EntityManager, approval: ApprovalHead, settlement: Settlement): Promise<void> {
  const { id, kind } = approval;
  const { state, scope } = settlement;
  const isGrant = kind === 'grant';
  const approved = { scope, usesMax: usesMaxOf(scope), ...(isGrant ? { uses: 1 } : {}) };
  const settled = await updateRows(manager, approvalEntity, {
    set: {
      ...(state === 'pending' ? UPDATED : settledAs(state)),
      ...(state === 'approved' ? approved : {}),
      ...(isGrant && state !== 'pending' ? { openKey: null } : {}),
    },
    where: `id = :id AND state = 'pending' AND expires_at > ${NOW_MS_SQL}`,
    parameters: { id },
  });
  if (settled !== 1) throw new BrokerError('approval_timed_out');
  if (isGrant && state === 'approved') await letOpen(manager, approval);
  if (isGrant && state === 'denied') {
    const set = { refuseCode: 'grant_denied', refuseDetail: settlement.reason } as const;
    await moveGrant(manager, { id: approval.grantId, to: 'refused', set, and: 'gateway_id IS NULL' });
  }
}

async function letOpen(manager: EntityManager, { id, grantId }: ApprovalHead): Promise<void> {
  const isLetOpen = await updateRows(manager, grantEntity, {
    set: { approvedAtMs: () => NOW_MS_SQL, deadlineAtMs: () => `${NOW_MS_SQL} + ttl_seconds * 1000` },
    where: "id = :grantId AND state = 'requested' AND approval_id = :id AND approved_at IS NULL",
    parameters: { id, grantId },
  });
  if (isLetOpen !== 1) throw new BrokerError('approval_cancelled');
}
