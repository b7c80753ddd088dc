import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { grantIdOf } from '../../domain/ids.js';
import { assert } from '../../kernel/assert.js';
import { QUEUES, type WorkerJob, workerJob } from '../../queue/jobs.js';
import type { GrantExpiry } from '../grants/grant-expiry.js';
import type { Reaper } from '../reaper/reaper.js';
import type { Sealer } from '../sealing/sealer.js';

const CONCURRENCY = 8;

/** Where jobs that failed are noted; pino's loggers fit. */
export interface JobsLog {
  warn(fields: object, message: string): void;
}

export interface WorkerJobsOptions {
  /** Used for nothing else; the queue's worker opens a second, blocking one like it. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly expiry: GrantExpiry;
  readonly sealer: Sealer;
  readonly reaper: Reaper;
  readonly log: JobsLog;
  readonly onFinished: (name: WorkerJob['name'] | 'unknown', outcome: 'completed' | 'failed') => void;
}

type Handlers = { readonly [Name in WorkerJob['name']]: (job: Extract<WorkerJob, { name: Name }>) => Promise<void> };

/** Takes the jobs of the worker's queue. Each is safe to run twice: a job is repeated when its worker dies. */
export class WorkerJobs implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #options: WorkerJobsOptions;
  readonly #handlers: Handlers;
  #worker: Worker | undefined;

  constructor(options: WorkerJobsOptions) {
    this.#options = options;
    const { expiry, sealer, reaper } = options;
    this.#handlers = {
      expire: ({ grantId }) => expiry.expire(grantIdOf(grantId)),
      seal: ({ grantId }) => sealer.seal(grantIdOf(grantId)),
      reap: () => reaper.look(),
    };
  }

  onApplicationBootstrap(): void {
    const { redis, prefix, log, onFinished } = this.#options;
    this.#requireAllHandlers();
    this.#worker = new Worker(QUEUES.worker, (job) => this.run(job), {
      connection: redis,
      prefix,
      concurrency: CONCURRENCY,
    });
    this.#worker.on('completed', (job) => onFinished(nameOf(job), 'completed'));
    this.#worker.on('failed', (job, error) => {
      onFinished(nameOf(job), 'failed');
      log.warn({ job: job?.id, attempt: job?.attemptsMade, err: error }, 'a job failed');
    });
    this.#worker.on('error', () => undefined); // the connection tells the log itself
  }

  /** Jobs that are under way are finished first. */
  async onModuleDestroy(): Promise<void> {
    await this.#worker?.close();
    this.#options.redis.disconnect();
  }

  async run({ name, data }: Pick<Job, 'name' | 'data'>): Promise<void> {
    const parsed = workerJob.safeParse(data);
    if (!parsed.success) throw new UnrecoverableError(`The job ${JSON.stringify(name)} is not one of this worker.`);
    const job = parsed.data;
    switch (job.name) {
      case 'expire':
        return this.#handlers.expire(job);
      case 'seal':
        return this.#handlers.seal(job);
      case 'reap':
        return this.#handlers.reap(job);
    }
  }

  /** A job that nobody handles would fail when it is too late; this fails the start. */
  #requireAllHandlers(): void {
    for (const { shape } of workerJob.options) {
      assert(shape.name.value in this.#handlers, `the job ${shape.name.value} has a handler`);
    }
  }
}

function nameOf(job: Job | undefined): WorkerJob['name'] | 'unknown' {
  return workerJob.safeParse(job?.data).data?.name ?? 'unknown';
}
