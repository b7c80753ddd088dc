import type { DataSource } from 'typeorm';
import type { ApprovalState, OperationPreview } from '../../domain/approval.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import {
  type ApprovalDesk,
  type ApprovalQuestion,
  type ApprovalReport,
  PREVIEW_BYTES_MAX,
} from '../../gateway/ports.js';
import type { ApprovalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/clock.js';
import {
  type ApprovalHead,
  askAbout,
  type AskedApproval,
  type AskLimits,
  findAsked,
  HEAD_COLUMNS,
  jobTimesOf,
} from './approval-asking.js';
import { timeOutStatements, UPDATED, useApproval } from './approval-move.js';
import { ApprovalWaits, type WaitedReport } from './approval-waits.js';
import { ClientWaits } from './client-waits.js';
import { decisionsOf } from './approval-decision.js';
import { withdrawalOf, withdrawalsOf } from './approval-withdrawal.js';
import { atState } from '../state/at-state.js';
import { type ApprovalDecisionRow, approvalEntity } from '../entities/approvals/approval.js';
import type { ApprovalWithdrawalRow } from '../entities/approvals/approval-withdrawal.js';
import type { StateAccess } from '../state/state-transaction.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay, inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

export interface ApprovalDeskOptions {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly limits: AskLimits;
  /** Tells anyone who watches approvals; best effort. */
  readonly announce: (id: ApprovalId, state: ApprovalState) => void;
  /** Asks the worker to notify, remind and time out; best effort: it looks for what is due by itself. */
  readonly requestJobs: (asked: AskedApproval) => void;
  /** Asks the worker to tell people that there is more to see; best effort as well. */
  readonly requestNotice?: (id: ApprovalId) => void;
}

/** Approvals of held statements, kept in the state database. */
export class DatabaseApprovalDesk implements ApprovalDesk {
  readonly #options: ApprovalDeskOptions;
  readonly #waits: ApprovalWaits;
  readonly #clients: ClientWaits;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    this.#waits = new ApprovalWaits({ look: (ids) => this.#look(ids), clock: options.clock });
    this.#clients = new ClientWaits(options);
  }

  /** Besides what the port names: @throws BrokerError `grant_not_active`, `payload_too_large` */
  async ask(question: ApprovalQuestion): Promise<ApprovalReport> {
    const { dataSource, clock, limits, announce, requestJobs } = this.#options;
    const found = await findAsked(dataSource, question);
    if (found !== undefined) return this.#report(found, true);
    const { approval, again } = await inTransaction(dataSource, (manager) =>
      askAbout(manager, question, { ...limits, nowMs: clock.nowMs() }),
    );
    if (again) return this.#report(approval, true);
    announce(approval.id, 'pending');
    requestJobs(jobTimesOf(approval));
    return reportOf(approval, NOBODY, false);
  }

  async show(id: ApprovalId, preview: OperationPreview & ProtocolValue): Promise<void> {
    if (Buffer.byteLength(JSON.stringify(preview)) > PREVIEW_BYTES_MAX) {
      throw new BrokerError('payload_too_large', { detail: `A preview can have ${PREVIEW_BYTES_MAX} bytes.` });
    }
    const shown = await againIfItGaveWay(() =>
      updateRows(this.#options.dataSource, approvalEntity, {
        set: {
          ...UPDATED,
          preview,
          // Lists show it, and read no previews.
          summary: () => "JSON_SET(summary, '$.affected', JSON_EXTRACT(:affected, '$'))",
        },
        where: 'id = :id AND preview IS NULL',
        parameters: { id, affected: JSON.stringify(preview.affected) },
      }),
    );
    if (shown !== 1) return;
    this.#options.announce(id, 'pending');
    this.#options.requestNotice?.(id);
  }

  settled(id: ApprovalId, signal: AbortSignal): Promise<ApprovalReport> {
    return this.#clients.during(id, () => this.#waits.settled(id, signal));
  }

  async use(id: ApprovalId): Promise<boolean> {
    return useApproval(this.#options.dataSource, id);
  }

  /** For messages that an approval has changed; losing one costs half a second. */
  wake(id: string): void {
    this.#waits.wake(id);
  }

  /** For when messages may have been lost. */
  wakeAll(): void {
    this.#waits.wakeAll();
  }

  /** What is overdue it notes itself: a held statement needs no worker to learn that its time is up. */
  async #look(ids: readonly ApprovalId[]): Promise<readonly WaitedReport[]> {
    const first = await this.#heads(ids);
    const overdue = first.filter(({ approval, leftMs }) => approval.state === 'pending' && leftMs <= 0);
    const overdueIds = overdue.map(({ approval }) => approval.id);
    const timedOut = await timeOutStatements(this.#options.dataSource, overdueIds);
    if (timedOut > 0) for (const id of overdueIds) this.#options.announce(id, 'timed-out');
    const heads = overdue.length === 0 ? first : await this.#heads(ids);
    const settledIds = heads.flatMap(({ approval }) => (approval.state === 'pending' ? [] : [approval.id]));
    const answers = await answersTo(this.#options.dataSource, settledIds);
    return heads.map(({ approval, leftMs }) => ({ report: reportOf(approval, answers, false), leftMs }));
  }

  async #heads(ids: readonly ApprovalId[]) {
    const { entities, raw } = await atState(() =>
      this.#options.dataSource
        .createQueryBuilder(approvalEntity, 'approval')
        .select(HEAD_COLUMNS)
        .addSelect(`approval.expires_at - ${NOW_MS_SQL}`, 'leftMs')
        .where('approval.id IN (:...ids)', { ids })
        .orderBy('approval.id', 'ASC')
        .getRawAndEntities<{ leftMs: unknown }>(),
    );
    return entities.map((approval, index) => ({ approval, leftMs: Number(raw[index]?.leftMs) }));
  }

  async #report(approval: ApprovalHead, again: boolean): Promise<ApprovalReport> {
    const settled = approval.state === 'pending' ? [] : [approval.id];
    return reportOf(approval, await answersTo(this.#options.dataSource, settled), again);
  }
}

/** What people have said, of some approvals. */
interface Answers {
  readonly decisions: readonly ApprovalDecisionRow[];
  readonly withdrawals: readonly ApprovalWithdrawalRow[];
}

const NOBODY: Answers = { decisions: [], withdrawals: [] };

async function answersTo(at: StateAccess, ids: readonly ApprovalId[]): Promise<Answers> {
  return { decisions: await decisionsOf(at, ids), withdrawals: await withdrawalsOf(at, ids) };
}

function reportOf(
  { id, state, scope, expiresAtMs }: ApprovalHead,
  { decisions, withdrawals }: Answers,
  again: boolean,
): ApprovalReport {
  const own = decisions.filter(({ approvalId }) => approvalId === id);
  const withdrawn = withdrawals.filter(({ approvalId }) => approvalId === id);
  return {
    id,
    state,
    again,
    decisions: own.map(({ principalName, decision, reason, scope: given, decidedWith, decidedAtMs }) => ({
      principal: principalName,
      decision,
      reason,
      scope: given,
      decidedWith,
      atMs: decidedAtMs,
    })),
    withdrawals: withdrawn.map(withdrawalOf),
    scope,
    expiresAtMs,
  };
}
