import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import {
  type Decider,
  jointScope,
  outcomeOf,
  refusalToDecide,
  scopeProblem,
  usesMaxOf,
} from '../../domain/approval-rules.js';
import type { ApprovalKind, ApprovalScope, ApprovalState, DecisionWord } from '../../domain/approval.js';
import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { type ApprovalHead, HEAD_COLUMNS, lockGrant } from './approval-asking.js';
import { settledAs, UPDATED } from './approval-move.js';
import { atState, isDuplicate } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import {
  approvalDecisionEntity,
  type ApprovalDecisionRow,
  approvalEntity,
  type ApprovalRow,
} from '../entities/approval.js';
import { gatewayEntity } from '../entities/gateway.js';
import { grantEntity, type GrantRow } from '../entities/grant.js';
import { principalEntity } from '../entities/principal.js';
import { moveGrant } from '../grants/grant-move.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

export interface ApprovalFilter {
  readonly principalId?: string | undefined;
  readonly state?: ApprovalState | undefined;
  readonly kind?: ApprovalKind | undefined;
  readonly targetName?: string | undefined;
  readonly grantId?: GrantId | undefined;
  /** Only ids before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface DecisionOrder {
  readonly id: ApprovalId;
  readonly decider: Decider & { readonly name: string };
  /** The key or sign-in by which the decider is known: `api-key:<id>`. */
  readonly decidedWith: string;
  readonly decision: DecisionWord;
  readonly reason: string | null;
  readonly scope: ApprovalScope | null;
  /** As the rules ask for it. */
  readonly whyNoRowLimit: string | null;
}

/** How an approval stands after a decision. */
export interface DecisionOutcome {
  readonly id: ApprovalId;
  readonly state: ApprovalState;
  /** The requested grant that it is about, as it was before; null when it is about a statement. */
  readonly requested: Pick<GrantRow, 'id' | 'ttlSeconds'> | null;
}

/**
 * An approval with what people have said to it. Whether its client waits is null where it is not known: of a gateway that
 * is dead, or does not reach the state database.
 */
export type Decided<Row extends ApprovalHead = ApprovalHead> = Row & {
  readonly decisions: readonly ApprovalDecisionRow[];
};

/** Changes that became visible later than they were made are found by looking back this far. */
const COMMIT_MS_MAX = 5_000;
/** More changes than people make in a few seconds. */
export const CHANGES_MAX = 5_000;

/** Approvals as the api sees them. */
export class ApprovalRepository {
  constructor(private readonly dataSource: StateAccess) {}

  async find(id: ApprovalId): Promise<Decided<ApprovalRow> | undefined> {
    const row = await atState(() => this.dataSource.getRepository(approvalEntity).findOneBy({ id }));
    if (row === null) return undefined;
    const [decided] = await this.#withDecisions([row]);
    return decided;
  }

  /** The newest first, without the whole questions. */
  async list(filter: ApprovalFilter): Promise<readonly Decided[]> {
    const rows = await atState(() =>
      filtered(this.#heads(), filter).orderBy('approval.id', 'DESC').limit(filter.limit).getMany(),
    );
    return this.#withDecisions(rows);
  }

  /**
   * What changed since a time on the database's clock, the oldest change first; some of it may be known already. With
   * {@link CHANGES_MAX} of them there may be more.
   */
  async changedSince(ms: number): Promise<readonly Decided[]> {
    const rows = await atState(() =>
      this.#heads()
        .where('approval.changed_at >= :since', { since: ms - COMMIT_MS_MAX })
        .orderBy('approval.changed_at', 'ASC')
        .limit(CHANGES_MAX)
        .getMany(),
    );
    return this.#withDecisions(rows);
  }

  /** The time on the database's clock. */
  async nowMs(): Promise<number> {
    const [row]: readonly { readonly now: unknown }[] = await atState(() =>
      this.dataSource.query(`SELECT ${NOW_MS_SQL} AS now`),
    );
    return Number(row?.now);
  }

  /**
   * Takes a person's decision and settles the approval when it is the one that was missing, in one transaction. An
   * approved grant may be opened from then on, and its time counts from then. Approvals of people who are disabled by then
   * do not count.
   * @throws BrokerError `approval_not_found`, `approval_of_own_request`, `approval_not_an_approver`,
   *   `approval_already_decided`, `approval_timed_out`, `approval_cancelled`, `approval_answered_by_you`,
   *   `approval_scope_invalid`
   */
  async decide(order: DecisionOrder): Promise<DecisionOutcome> {
    const asked = await atState(() =>
      this.dataSource.getRepository(approvalEntity).findOne({
        where: { id: order.id },
        select: { id: true, kind: true, grantId: true },
      }),
    );
    if (asked === null) throw new BrokerError('approval_not_found');
    const { kind, grantId } = asked;
    return inTransaction(this.dataSource, async (manager) => {
      const grant = kind === 'grant' ? await lockGrant(manager, grantId) : undefined;
      const state = await decideLocked(manager, order);
      return { id: order.id, state, requested: grant ?? null };
    });
  }

  #heads(): SelectQueryBuilder<ApprovalRow> {
    return this.dataSource.createQueryBuilder(approvalEntity, 'approval').select(HEAD_COLUMNS);
  }

  async #withDecisions<Row extends ApprovalHead>(rows: readonly Row[]): Promise<readonly Decided<Row>[]> {
    const decisions = await decisionsOf(
      this.dataSource,
      rows.map(({ id }) => id),
    );
    const noted = rows.filter(({ state, clientWaits }) => state === 'pending' && clientWaits !== null);
    const alive = await this.#withLiveGateway(noted.map(({ grantId }) => grantId));
    return rows.map((row) => ({
      ...row,
      clientWaits: alive.has(row.grantId) ? row.clientWaits : null,
      decisions: decisions.filter(({ approvalId }) => approvalId === row.id),
    }));
  }

  /**
   * Those of the grants whose gateway has renewed its lease: what it has noted holds. Of the others even that no client
   * waits says nothing: they are about to be ended, so nothing runs when it is sent again.
   */
  async #withLiveGateway(ids: readonly GrantId[]): Promise<ReadonlySet<GrantId>> {
    if (ids.length === 0) return new Set();
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(grantEntity, 'grant')
        .select('grant.id')
        .innerJoin(gatewayEntity.options.name, 'gateway', 'gateway.id = grant.gateway_id')
        .where(`grant.id IN (:...ids) AND gateway.lease_until > ${NOW_MS_SQL}`, { ids: [...new Set(ids)] })
        .getMany(),
    );
    return new Set(found.map(({ id }) => id));
  }
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

/** The approval's row is locked until the transaction ends, so decisions on it come one after the other. */
async function decideLocked(manager: EntityManager, order: DecisionOrder): Promise<ApprovalState> {
  const row = await manager
    .createQueryBuilder(approvalEntity, 'approval')
    .select(HEAD_COLUMNS)
    .addSelect(`approval.expires_at <= ${NOW_MS_SQL}`, 'isExpired')
    .setLock('pessimistic_write')
    .where('approval.id = :id', { id: order.id })
    .getRawAndEntities<{ isExpired: unknown }>();
  const [approval] = row.entities;
  if (approval === undefined) throw new BrokerError('approval_not_found');
  const earlier = await decisionsOf(manager, [order.id]);
  const { terms } = approval.summary;
  requireMayDecide(approval, Number(row.raw[0]?.isExpired) === 1, earlier, order);
  const { whyNoRowLimit } = order;
  const scoped = { kind: approval.kind, hasShape: approval.shapeKey !== null, whyNoRowLimit };
  const problem = order.scope === null ? null : scopeProblem(scoped, order.decision, order.scope);
  if (problem !== null) throw new BrokerError('approval_scope_invalid', { detail: problem });
  await insertDecision(manager, order);
  const answers = [
    ...(await decisionsThatCount(manager, earlier)),
    { ...order, principalId: order.decider.id, groups: order.decider.groups },
  ];
  const state = outcomeOf(terms, answers);
  await settle(manager, approval, {
    state,
    scope: jointScope(answers.map(({ scope }) => scope)),
    reason: order.reason,
  });
  return state;
}

/** Decisions of those who may still act: what was approved with a key that had to be taken away is not approved. */
async function decisionsThatCount(
  manager: EntityManager,
  decisions: readonly ApprovalDecisionRow[],
): Promise<readonly ApprovalDecisionRow[]> {
  if (decisions.length === 0) return [];
  const disabled = await manager
    .createQueryBuilder(principalEntity, 'principal')
    .select('principal.id')
    .where('principal.id IN (:...ids) AND principal.disabled_at IS NOT NULL', {
      ids: decisions.map(({ principalId }) => principalId),
    })
    .getMany();
  const gone = new Set<string>(disabled.map(({ id }) => id));
  return decisions.filter(({ principalId }) => !gone.has(principalId));
}

function requireMayDecide(
  { state, principalId, summary }: ApprovalHead,
  isExpired: boolean,
  answers: readonly ApprovalDecisionRow[],
  { decider }: DecisionOrder,
): void {
  const { terms } = summary;
  const refusal = refusalToDecide({ state, isExpired, requesterId: principalId, terms, answers }, decider);
  if (refusal === null) return;
  const detail = refusal === 'approval_not_an_approver' ? groupsNeeded(terms.approvers) : undefined;
  throw new BrokerError(refusal, { fields: { state }, ...(detail === undefined ? {} : { detail }) });
}

function groupsNeeded(groups: readonly string[]): string {
  return groups.length === 0 ? 'It takes the role approver.' : `Its groups are ${groups.join(', ')}.`;
}

async function insertDecision(
  manager: EntityManager,
  { id, decider, decidedWith, decision, reason, scope }: DecisionOrder,
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

function filtered(query: SelectQueryBuilder<ApprovalRow>, filter: ApprovalFilter): SelectQueryBuilder<ApprovalRow> {
  const conditions: readonly (readonly [string, string, unknown])[] = [
    ['approval.principal_id = :principalId', 'principalId', filter.principalId],
    ['approval.state = :state', 'state', filter.state],
    ['approval.kind = :kind', 'kind', filter.kind],
    ['approval.target_name = :targetName', 'targetName', filter.targetName],
    ['approval.grant_id = :grantId', 'grantId', filter.grantId],
    ['approval.id < :before', 'before', filter.before],
  ];
  for (const [condition, name, value] of conditions) {
    if (value !== undefined) query.andWhere(condition, { [name]: value });
  }
  return query;
}
