import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { GatewayJob, WorkerJob } from '../../queue/jobs.js';
import type { JobOptions, Queues } from '../../messaging/queues.js';
import type { SignalLog } from '../../messaging/grant-signals.js';

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
    this.#note(this.#open(id, { jobId: `open-${id}` }));
    const expire: WorkerJob = { name: 'expire', grantId: id };
    this.#note(this.queues.add('worker', expire, { jobId: `expire-${id}`, delayMs: ttlMs }));
  }

  /** Again, under another job's name from time to time: a gateway takes a grant once, however often it is told. */
  async openAgain(id: GrantId): Promise<void> {
    await this.#open(id, { jobId: `open-${id}-${Math.floor(this.clock.nowMs() / AGAIN_MS)}` });
  }

  async #open(id: GrantId, options: JobOptions): Promise<void> {
    const job: GatewayJob = { name: 'open', grantId: id };
    await this.queues.add('gateway', job, options);
  }

  #note(added: Promise<void>): void {
    added.catch((error: unknown) => {
      this.log.debug({ reason: error instanceof Error ? error.message : 'unknown' }, 'a job was not added');
    });
  }
}
