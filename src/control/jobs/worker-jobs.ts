import type { OnModuleDestroy } from '@nestjs/common';
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { type Job, UnrecoverableError } from 'bullmq';
import { approvalIdOf, grantIdOf } from '../../domain/ids.js';
import { unreachable } from '../../kernel/assert.js';
import { QUEUES, type WorkerJob, workerJob } from '../../queue/jobs.js';
import { stopTakingJobs } from '../../messaging/stop-taking-jobs.js';
import type { ApprovalKeeper } from '../approvals/approval-keeper.js';
import type { GrantExpiry } from '../grants/grant-expiry.js';
import type { Sealer } from '../sealing/sealer.js';

const CONCURRENCY = 8;

/** Where jobs that failed are noted; pino's loggers fit. */
export interface JobsLog {
  warn(fields: object, message: string): void;
}

/** What is counted of jobs. */
export interface JobMetrics {
  jobFinished(name: WorkerJob['name'] | 'unknown', outcome: 'completed' | 'failed'): void;
}

export interface WorkerJobsOptions {
  readonly expiry: GrantExpiry;
  readonly sealer: Sealer;
  readonly approvals: ApprovalKeeper;
  readonly log: JobsLog;
  readonly metrics: JobMetrics;
}

/** Takes the jobs of the worker's queue. Each is safe to run twice: a job is repeated when its worker dies. */
@Processor(QUEUES.worker, { concurrency: CONCURRENCY })
export class WorkerJobs extends WorkerHost implements OnModuleDestroy {
  readonly #options: WorkerJobsOptions;

  constructor(options: WorkerJobsOptions) {
    super();
    this.#options = options;
  }

  /** A job of another version or another program is never a success. */
  async process({ name, data }: Pick<Job, 'name' | 'data'>): Promise<void> {
    const parsed = workerJob.safeParse(data);
    if (!parsed.success) throw new UnrecoverableError(`The job ${JSON.stringify(name)} is not one of this worker.`);
    const job = parsed.data;
    const { expiry, sealer, approvals } = this.#options;
    switch (job.name) {
      case 'expire':
        return expiry.expire(grantIdOf(job.grantId));
      case 'seal':
        return sealer.seal(grantIdOf(job.grantId));
      case 'approval-notify':
      case 'approval-remind':
        return approvals.tell(approvalIdOf(job.approvalId));
      case 'approval-time-out':
        return approvals.timeOut(approvalIdOf(job.approvalId));
      default:
        return unreachable(job);
    }
  }

  @OnWorkerEvent('completed')
  onCompleted(job: Job): void {
    this.#options.metrics.jobFinished(nameOf(job), 'completed');
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    this.#options.metrics.jobFinished(nameOf(job), 'failed');
    this.#options.log.warn({ job: job?.id, attempt: job?.attemptsMade, err: error }, 'a job failed');
  }

  /** The connection tells the log itself; without a listener the event would end the process. */
  @OnWorkerEvent('error')
  onError(): void {}

  /** Jobs that are under way are finished while what they need is still there. */
  async onModuleDestroy(): Promise<void> {
    await stopTakingJobs(this.worker);
  }
}

function nameOf(job: Job | undefined): WorkerJob['name'] | 'unknown' {
  return workerJob.safeParse(job?.data).data?.name ?? 'unknown';
}
