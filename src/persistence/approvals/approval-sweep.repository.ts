import type { DataSource } from 'typeorm';
import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { lockGrant } from './approval-asking.js';
import { cancelForGrant, IS_OVERDUE, settledAs, timeOutStatements } from './approval-move.js';
import { atState } from '../state/at-state.js';
import { approvalEntity, type ApprovalRow } from '../entities/approvals/approval.js';
import { grantEntity } from '../entities/grants/grant.js';
import { noteApprovalEvents } from '../events/approval-events.js';
import { moveGrant } from '../grants/grant-move.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay, inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** How many are found at once. */
const FOUND_MAX = 200;
/** How long a worker that dies while it tells somebody keeps the others from telling. */
const TELLING_MS_MAX = 30_000;

export type NoticeEvent = 'asked' | 'updated' | 'reminded' | 'settled';

/** What must be told of an approval now, by the worker that took it. */
export interface DueNotice {
  readonly event: NoticeEvent;
  readonly approval: ApprovalRow;
}

/**
 * Approvals as the worker sees them: whom to tell, what is overdue, what was left behind. What finds some finds the first
 * ones `after` an id; nothing comes after the last.
 */
export class ApprovalSweepRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Approvals that somebody should have been told of longer ago than the grace. */
  async dueNotices(graceMs: number, after: ApprovalId | undefined): Promise<readonly ApprovalId[]> {
    return this.#find(after, `approval.notice_at <= ${NOW_MS_SQL} - :graceMs`, { graceMs });
  }

  /** Questions whose time was up longer ago than the grace. */
  async overdue(graceMs: number, after: ApprovalId | undefined): Promise<readonly ApprovalId[]> {
    return this.#find(after, `approval.state = 'pending' AND approval.expires_at <= ${NOW_MS_SQL} - :graceMs`, {
      graceMs,
    });
  }

  /** Approvals that still hold something for a grant that is over: there should be none. */
  async leftBehind(after: ApprovalId | undefined): Promise<readonly ApprovalId[]> {
    return this.#find(
      after,
      `approval.open_key IS NOT NULL AND EXISTS
        (SELECT 1 FROM grants WHERE grants.id = approval.grant_id AND grants.state NOT IN ('requested', 'active'))`,
    );
  }

  /** Grants that people approved longer ago than the grace, and no gateway has taken. */
  async approvedUnopened(graceMs: number, after: GrantId | undefined): Promise<readonly GrantId[]> {
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(grantEntity, 'grant')
        .select(['grant.id'])
        .where("grant.id > :after AND grant.state = 'requested' AND grant.gateway_id IS NULL", { after: after ?? '' })
        .andWhere(`grant.approved_at <= ${NOW_MS_SQL} - :graceMs AND grant.deadline_at > ${NOW_MS_SQL}`, { graceMs })
        .orderBy('grant.id', 'ASC')
        .limit(FOUND_MAX)
        .getMany(),
    );
    return found.map(({ id }) => id);
  }

  /**
   * Takes what is due to be told of an approval; undefined when nothing is, or another worker has it. Who dies before
   * {@link told} leaves it to be told again.
   */
  async takeNotice(id: ApprovalId): Promise<DueNotice | undefined> {
    const taken = await againIfItGaveWay(() =>
      updateRows(this.dataSource, approvalEntity, {
        set: { noticeAtMs: () => `${NOW_MS_SQL} + ${TELLING_MS_MAX}` },
        where: `id = :id AND notice_at <= ${NOW_MS_SQL}`,
        parameters: { id },
      }),
    );
    if (taken !== 1) return undefined;
    const approval = await atState(() => this.dataSource.getRepository(approvalEntity).findOneBy({ id }));
    return approval === null ? undefined : { event: eventOf(approval), approval };
  }

  /** Notes that it was told, unless there is more to tell by now, such as that it was decided meanwhile. */
  async told({ event, approval: { id, noticeAtMs, remindAtMs, remindedAtMs, revision } }: DueNotice): Promise<void> {
    const now = (): string => NOW_MS_SQL;
    const isRemindedLater = (event === 'asked' || event === 'updated') && remindedAtMs === null;
    const next = isRemindedLater && remindAtMs !== null ? String(remindAtMs) : 'NULL';
    await againIfItGaveWay(() =>
      updateRows(this.dataSource, approvalEntity, {
        set: {
          // What changed while it was told is told next.
          noticeAtMs: () => `IF(revision = ${revision}, ${next}, ${NOW_MS_SQL})`,
          ...(event === 'asked' ? { notifiedAtMs: now } : {}),
          ...(event === 'reminded' ? { remindedAtMs: now } : {}),
        },
        where: 'id = :id AND notice_at = :taken',
        parameters: { id, taken: noticeAtMs },
      }),
    );
  }

  /** pending → timed out when its time is up; a grant that waited for it is refused. @returns whether that was now */
  async timeOut(id: ApprovalId): Promise<boolean> {
    const asked = await this.#idsOf(id);
    if (asked?.kind !== 'grant') {
      return (await timeOutStatements(this.dataSource, [id])) === 1;
    }
    const { grantId } = asked;
    return inTransaction(this.dataSource, async (manager) => {
      await lockGrant(manager, grantId);
      const timedOut = await updateRows(manager, approvalEntity, {
        set: { ...settledAs('timed-out'), openKey: null },
        where: `id = :id AND ${IS_OVERDUE}`,
        parameters: { id },
      });
      if (timedOut !== 1) return false;
      await noteApprovalEvents(manager, [id], { type: 'approval.timed_out' });
      const set = { refuseCode: 'grant_approval_timed_out' } as const;
      await moveGrant(manager, { id: grantId, to: 'refused', set, and: 'gateway_id IS NULL' });
      return true;
    });
  }

  /** Cancels what {@link leftBehind} found. */
  async cancelLeft(id: ApprovalId): Promise<void> {
    const asked = await this.#idsOf(id);
    if (asked === undefined) return;
    await inTransaction(this.dataSource, async (manager) => {
      const grant = await lockGrant(manager, asked.grantId);
      if (grant === undefined || grant.state === 'requested' || grant.state === 'active') return;
      await cancelForGrant(manager, asked.grantId);
    });
  }

  async #idsOf(id: ApprovalId): Promise<Pick<ApprovalRow, 'kind' | 'grantId'> | undefined> {
    const asked = await atState(() =>
      this.dataSource
        .getRepository(approvalEntity)
        .findOne({ where: { id }, select: { id: true, kind: true, grantId: true } }),
    );
    return asked ?? undefined;
  }

  async #find(
    after: ApprovalId | undefined,
    where: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly ApprovalId[]> {
    const found = await atState(() =>
      this.dataSource
        .createQueryBuilder(approvalEntity, 'approval')
        .select('approval.id')
        .where(`approval.id > :after AND ${where}`, { after: after ?? '', ...parameters })
        .orderBy('approval.id', 'ASC')
        .limit(FOUND_MAX)
        .getMany(),
    );
    return found.map(({ id }) => id);
  }
}

/** What was settled before anybody was told of it needs no telling that it was asked. */
function eventOf({ state, notifiedAtMs, noticeAtMs, remindAtMs, remindedAtMs }: ApprovalRow): NoticeEvent {
  if (state !== 'pending') return 'settled';
  if (notifiedAtMs === null) return 'asked';
  const nowMs = (noticeAtMs ?? 0) - TELLING_MS_MAX; // on the database's clock, as it was taken
  return remindedAtMs === null && remindAtMs !== null && remindAtMs <= nowMs ? 'reminded' : 'updated';
}
