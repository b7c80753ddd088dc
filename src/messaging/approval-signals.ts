import type { ApprovalState } from '../domain/approval.js';
import type { ApprovalId } from '../kernel/brand.js';
import type { AskedApproval } from '../persistence/approvals/approval-asking.js';
import type { ApprovalChange } from '../queue/announcements.js';
import { approvalChannel, type WorkerJob } from '../queue/jobs.js';
import { sendAtBest, type SignalLog } from './best-effort.js';
import type { JobOptions, Queues } from './queues.js';

/**
 * Messages and jobs that make what happens to approvals happen sooner. The database has what they are about: who waits
 * asks it, and the worker looks for what is due.
 */
export class ApprovalSignals {
  constructor(
    private readonly queues: Queues,
    private readonly prefix: string,
    private readonly log: SignalLog,
  ) {}

  /** Tells those who wait for the approval, or watch, that it has changed. */
  changed(id: ApprovalId, state: ApprovalState): void {
    const change: ApprovalChange = { id, state };
    sendAtBest(this.queues.redis.publish(approvalChannel(this.prefix), JSON.stringify(change)), 'a message', this.log);
  }

  /** Has people told of a new question, reminded of it, and its time kept. */
  asked({ id, remindInMs, expiresInMs }: AskedApproval): void {
    this.#add({ name: 'approval-notify', approvalId: id }, { jobId: `approval-notify-${id}` });
    const delays = [
      { name: 'approval-remind', delayMs: remindInMs },
      { name: 'approval-time-out', delayMs: expiresInMs },
    ] as const;
    for (const { name, delayMs } of delays) {
      if (delayMs !== null) this.#add({ name, approvalId: id }, { jobId: `${name}-${id}`, delayMs });
    }
  }

  /** Has people told that there is more to see, or that somebody has decided and others must. */
  updated(id: ApprovalId): void {
    this.#add({ name: 'approval-notify', approvalId: id }, {});
  }

  /** Has people told how it ended. */
  settled(id: ApprovalId): void {
    this.#add({ name: 'approval-notify', approvalId: id }, { jobId: `approval-settled-${id}` });
  }

  #add(job: WorkerJob, options: JobOptions): void {
    sendAtBest(this.queues.add('worker', job, options), `the job ${job.name}`, this.log);
  }
}
