import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { ApprovalSweepRepository } from '../../persistence/approval-sweep.repository.js';
import type { ApprovalRepository } from '../../persistence/approval.repository.js';
import type { GrantSignals } from '../grants/grant-signals.js';
import type { ApprovalSignals } from './approval-signals.js';
import { approvalViewOf } from './approval-view.js';
import type { Notifier } from './notifier.js';

export interface ApprovalKeeperOptions {
  readonly sweep: ApprovalSweepRepository;
  readonly approvals: ApprovalRepository;
  readonly notifiers: readonly Notifier[];
  readonly signals: ApprovalSignals;
  readonly grantSignals: GrantSignals;
  readonly clock: Clock;
}

/** Tells people of approvals and keeps their time. Everything is safe to do twice, by any number of workers. */
export class ApprovalKeeper {
  readonly #options: ApprovalKeeperOptions;

  constructor(options: ApprovalKeeperOptions) {
    this.#options = options;
  }

  /** Tells what is due to be told; nothing when it was told already or it is too early for a reminder. */
  async tell(id: ApprovalId): Promise<void> {
    const { sweep, approvals, notifiers, signals, clock } = this.#options;
    const notice = await sweep.takeNotice(id);
    if (notice === undefined) return;
    const row = await approvals.find(id);
    if (row === undefined) return;
    const approval = approvalViewOf(row, { viewer: null, nowMs: clock.nowMs() });
    const { approvers } = approval;
    await Promise.all(notifiers.map((notifier) => notifier.notify({ event: notice.event, approval, approvers })));
    await sweep.told(notice);
    signals.changed(id, row.state);
  }

  /** Ends a question whose time is up, and tells so; nothing when it was decided or its time is not up yet. */
  async timeOut(id: ApprovalId): Promise<void> {
    const { sweep, approvals, signals, grantSignals } = this.#options;
    if (await sweep.timeOut(id)) {
      signals.changed(id, 'timed-out');
      const row = await approvals.find(id);
      if (row?.kind === 'grant') grantSignals.changed(row.grantId, 'refused');
    }
    await this.tell(id);
  }
}
