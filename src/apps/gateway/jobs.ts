import { UnrecoverableError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { grantIdOf } from '../../domain/ids.js';
import type { GrantKeeper } from '../../gateway/grant-keeper.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import { unreachable } from '../../kernel/assert.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import type { TargetInspectionRepository } from '../../persistence/targets/target-inspection.repository.js';
import { gatewayJob, QUEUES, type GatewayJob, type JobAnswer } from '../../queue/jobs.js';

import { jobFailureOf } from './job-failure.js';
import { lookAtTarget } from './target-look.js';

export interface GatewayJobsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  readonly keeper: GrantKeeper;
  readonly protocols: readonly GatewayProtocol[];
  readonly envelopeKey: EnvelopeKey;
  readonly inspections: TargetInspectionRepository;
}

/**
 * Takes the jobs of the gateway's queue. A job that fails for a reason with a code answers with it, for anyone who waits;
 * none is tried again, because who asked has been told by then.
 */
export function startGatewayJobs(options: GatewayJobsOptions): Worker<unknown, JobAnswer> {
  return new Worker<unknown, JobAnswer>(QUEUES.gateway, (job: Job<unknown>) => answerJob(options, job), {
    connection: options.redis,
    prefix: options.prefix,
    concurrency: options.concurrency,
    // A gateway that dies is dealt with by the reaper; another one must not take its half-opened grants over.
    maxStalledCount: 0,
  });
}

async function answerJob(options: GatewayJobsOptions, job: Job<unknown>): Promise<JobAnswer> {
  const parsed = gatewayJob.safeParse(job.data);
  if (!parsed.success) throw new UnrecoverableError(`The job ${job.name} has an unknown shape.`);
  try {
    return await dispatch(options, parsed.data);
  } catch (error) {
    return jobFailureOf(error);
  }
}

async function dispatch(options: GatewayJobsOptions, job: GatewayJob): Promise<JobAnswer> {
  switch (job.name) {
    case 'open':
      await options.keeper.open(grantIdOf(job.grantId));
      return { ok: true };
    case 'inspect':
      await inspect(options, job.inspectionId);
      return { ok: true };
    default:
      return unreachable(job);
  }
}

/** Does nothing for a look that nobody asked for, or that another gateway took. */
async function inspect(options: GatewayJobsOptions, id: string): Promise<void> {
  const request = await options.inspections.take(id);
  if (request === undefined) return;
  await options.inspections.answer(id, await lookAtTarget(request, options));
}
