import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { ApprovalSweepRepository } from '../../persistence/approvals/approval-sweep.repository.js';
import type { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import type { GrantSignals } from '../../messaging/grant-signals.js';
import type { ApprovalSignals } from '../../messaging/approval-signals.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import { approvalViewOf } from './approval-view.js';
import type { ApprovalNotice, Notifier } from '../../channels/notifier.js';

export interface ApprovalKeeperOptions {
  readonly sweep: ApprovalSweepRepository;
  readonly approvals: ApprovalRepository;
  readonly channels: { readonly notifiers: readonly Notifier[] };
  readonly signals: ApprovalSignals;
  readonly grantSignals: GrantSignals;
  readonly clock: Clock;
  readonly protocols: KnownProtocols;
  /** How long a notifier has; default: 15 seconds. */
  readonly notifyMsMax?: number;
}

/** Less than a worker that tells keeps others from telling. */
const NOTIFY_MS_MAX = 15_000;

/** Tells people of approvals and keeps their time. Everything is safe to do twice, by any number of workers. */
export class ApprovalKeeper {
  readonly #options: ApprovalKeeperOptions;

  constructor(options: ApprovalKeeperOptions) {
    this.#options = options;
  }

  /** Tells what is due to be told; nothing when it was told already or it is too early for a reminder. */
  async tell(id: ApprovalId): Promise<void> {
    const { sweep, approvals, channels, signals, clock, protocols, notifyMsMax = NOTIFY_MS_MAX } = this.#options;
    const notice = await sweep.takeNotice(id);
    if (notice === undefined) return;
    const row = await approvals.find(id);
    if (row === undefined) return;
    const approval = approvalViewOf(row, { viewer: null, person: null, nowMs: clock.nowMs(), protocols });
    const { approvers } = approval;
    await notifyAll(channels.notifiers, { event: notice.event, approval, approvers }, AbortSignal.timeout(notifyMsMax));
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

/** Each is told, whatever becomes of the others; one that failed or took too long fails this. */
async function notifyAll(notifiers: readonly Notifier[], notice: ApprovalNotice, limit: AbortSignal): Promise<void> {
  const told = await Promise.allSettled(notifiers.map((notifier) => unlessOver(notifier.notify(notice, limit), limit)));
  for (const one of told) if (one.status === 'rejected') throw one.reason;
}

/** One that does not look at its signal keeps nobody. */
async function unlessOver(told: Promise<void>, limit: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<never>();
  const end = (): void => over.reject(limit.reason);
  limit.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([told, over.promise]);
  } finally {
    limit.removeEventListener('abort', end);
  }
}
