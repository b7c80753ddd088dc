import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { GatewayJob, WorkerJob } from '../../queue/jobs.js';
import type { JobOptions, Queues } from '../../messaging/queues.js';
import { sendAtBest, type SignalLog } from '../../messaging/best-effort.js';

/** A job that was lost, or whose gateway died, is put again after this long. */
const AGAIN_MS = 15_000;

/** Has gateways open the grants that people approved; nobody waits for the answer, so the state is looked at. */
export class ApprovedGrants {
  constructor(
    private readonly queues: Queues,
    private readonly clock: Clock,
    private readonly log: SignalLog,
  ) {}

  /** Right after the approval, best effort: the worker looks for approved grants that nobody has opened. */
  openNow(id: GrantId, ttlMs: number): void {
    sendAtBest(this.#open(id, { jobId: `open-${id}` }), 'the job open', this.log);
    const expire: WorkerJob = { name: 'expire', grantId: id };
    sendAtBest(
      this.queues.add('worker', expire, { jobId: `expire-${id}`, delayMs: ttlMs }),
      'the job expire',
      this.log,
    );
  }

  /** Again, under another job's name from time to time: a gateway takes a grant once, however often it is told. */
  async openAgain(id: GrantId): Promise<void> {
    await this.#open(id, { jobId: `open-${id}-${Math.floor(this.clock.nowMs() / AGAIN_MS)}` });
  }

  async #open(id: GrantId, options: JobOptions): Promise<void> {
    const job: GatewayJob = { name: 'open', grantId: id };
    await this.queues.add('gateway', job, options);
  }
}
