import type { SelectQueryBuilder } from 'typeorm';
import type { ApprovalKind, ApprovalState } from '../../domain/approval.js';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import { lowestIdAt } from '../../domain/ids.js';
import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { type ApprovalHead, HEAD_COLUMNS, lockGrant } from './approval-asking.js';
import { decideLocked, type DecisionOrder, decisionsOf, sponsorsOf } from './approval-decision.js';
import { withdrawalsOf, withdrawLocked, type WithdrawalOrder } from './approval-withdrawal.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { type ApprovalDecisionRow, approvalEntity, type ApprovalRow } from '../entities/approvals/approval.js';
import type { ApprovalWithdrawalRow } from '../entities/approvals/approval-withdrawal.js';
import { gatewayEntity } from '../entities/processes/gateway.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { principalEntity } from '../entities/identity/principal.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { inTransaction } from '../state/transaction.js';

export interface ApprovalFilter {
  readonly principalId?: string | undefined;
  readonly state?: ApprovalState | undefined;
  /** Only those that wait for nobody any more. */
  readonly settled?: boolean | undefined;
  /** By the time of the question; `from` included, `to` not. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly kind?: ApprovalKind | undefined;
  readonly targetName?: string | undefined;
  readonly grantId?: GrantId | undefined;
  /** Only ids before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
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
  /** Approvals that were taken back. */
  readonly withdrawals: readonly ApprovalWithdrawalRow[];
  /** Who answers for the requester: as the question has it, and as an operator has set it since. */
  readonly sponsors: readonly Sponsor[];
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

  /** Whether the filter finds more than so many; its limit counts for nothing. */
  async hasMoreThan(filter: ApprovalFilter, count: number): Promise<boolean> {
    const [more] = await atState(() =>
      filtered(this.dataSource.createQueryBuilder(approvalEntity, 'approval').select('approval.id'), filter)
        .orderBy('approval.id', 'DESC')
        .offset(count)
        .limit(1)
        .getMany(),
    );
    return more !== undefined;
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
   *   `approval_web_only`, `reauthentication_required`, `approval_changed`, `approval_scope_invalid`
   */
  async decide(order: DecisionOrder): Promise<DecisionOutcome> {
    const { kind, grantId } = await this.#placeOf(order.id);
    return inTransaction(this.dataSource, async (manager) => {
      const grant = kind === 'grant' ? await lockGrant(manager, grantId) : undefined;
      const state = await decideLocked(manager, order);
      return { id: order.id, state, requested: grant ?? null };
    });
  }

  /**
   * Takes back what a person has approved, until it is used up: what was approved by that is withdrawn, and what waits for
   * more people waits on, without it.
   * @returns the state afterwards; a grant that is given up with it is refused
   * @throws BrokerError `approval_not_found`, `approval_not_given_by_you`, `approval_already_decided`,
   *   `approval_already_used`, `approval_withdrawn`, `approval_timed_out`, `approval_cancelled`, `approval_changed`
   */
  async withdraw(order: WithdrawalOrder): Promise<ApprovalState> {
    const asked = await this.#placeOf(order.id);
    return inTransaction(this.dataSource, async (manager) => {
      if (asked.kind === 'grant') await lockGrant(manager, asked.grantId);
      return withdrawLocked(manager, order);
    });
  }

  async #placeOf(id: ApprovalId): Promise<Pick<ApprovalRow, 'kind' | 'grantId'>> {
    const asked = await atState(() =>
      this.dataSource
        .getRepository(approvalEntity)
        .findOne({ where: { id }, select: { id: true, kind: true, grantId: true } }),
    );
    if (asked === null) throw new BrokerError('approval_not_found');
    return asked;
  }

  #heads(): SelectQueryBuilder<ApprovalRow> {
    return this.dataSource.createQueryBuilder(approvalEntity, 'approval').select(HEAD_COLUMNS);
  }

  async #withDecisions<Row extends ApprovalHead>(rows: readonly Row[]): Promise<readonly Decided<Row>[]> {
    const decisions = await decisionsOf(
      this.dataSource,
      rows.map(({ id }) => id),
    );
    const withdrawals = await withdrawalsOf(
      this.dataSource,
      rows.map(({ id }) => id),
    );
    const sponsors = await this.#sponsorsNow(rows.map(({ principalId }) => principalId));
    const noted = rows.filter(({ state, clientWaits }) => state === 'pending' && clientWaits !== null);
    const alive = await this.#withLiveGateway(noted.map(({ grantId }) => grantId));
    return rows.map((row) => ({
      ...row,
      clientWaits: alive.has(row.grantId) ? row.clientWaits : null,
      decisions: decisions.filter(({ approvalId }) => approvalId === row.id),
      withdrawals: withdrawals.filter(({ approvalId }) => approvalId === row.id),
      sponsors: sponsorsOf(row, sponsors.get(row.principalId) ?? null),
    }));
  }

  /** Of agents whose sponsor an operator has set, by their ids. */
  async #sponsorsNow(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    if (ids.length === 0) return new Map();
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(principalEntity, 'principal')
        .select(['principal.id', 'principal.sponsor'])
        .where('principal.id IN (:...ids) AND principal.sponsor IS NOT NULL', { ids: [...new Set(ids)] })
        .getMany(),
    );
    return new Map(found.map(({ id, sponsor }) => [id, sponsor]));
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

function filtered(query: SelectQueryBuilder<ApprovalRow>, filter: ApprovalFilter): SelectQueryBuilder<ApprovalRow> {
  const conditions: readonly (readonly [string, string, unknown])[] = [
    ['approval.principal_id = :principalId', 'principalId', filter.principalId],
    ['approval.state = :state', 'state', filter.state],
    ['approval.kind = :kind', 'kind', filter.kind],
    ['approval.target_name = :targetName', 'targetName', filter.targetName],
    ['approval.grant_id = :grantId', 'grantId', filter.grantId],
    ['approval.id >= :from', 'from', filter.fromMs === undefined ? undefined : lowestIdAt(filter.fromMs)],
    ['approval.id < :to', 'to', filter.toMs === undefined ? undefined : lowestIdAt(filter.toMs)],
    ['approval.id < :before', 'before', filter.before],
  ];
  for (const [condition, name, value] of conditions) {
    if (value !== undefined) query.andWhere(condition, { [name]: value });
  }
  if (filter.settled === true) query.andWhere("approval.state <> 'pending'");
  return query;
}
