import { UnrecoverableError, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { QueueWorker } from '../../control/shared/queue-worker.js';
import { grantIdOf } from '../../domain/ids.js';
import type { GrantKeeper } from '../../gateway/grant-keeper.js';
import { inspectTarget } from '../../gateway/inspect.js';
import { unreachable } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import {
  gatewayJob,
  QUEUES,
  type GatewayJob,
  type InspectAnswer,
  type JobFailure,
  type OpenAnswer,
} from '../../queue/jobs.js';

export interface GatewayJobsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  readonly keeper: GrantKeeper;
  readonly envelopeKey: EnvelopeKey;
}

/**
 * Takes the jobs of the gateway's queue. A job that fails for a reason with a code answers with it, for whoever waits;
 * none is tried again, because who asked has been told by then.
 */
export function startGatewayJobs(options: GatewayJobsOptions): QueueWorker<unknown, OpenAnswer | InspectAnswer> {
  return new QueueWorker(QUEUES.gateway, (job: Job<unknown>) => answerJob(options, job), {
    connection: options.redis,
    prefix: options.prefix,
    concurrency: options.concurrency,
    // A gateway that dies is dealt with by the reaper; another one must not take its half-opened grants over.
    maxStalledCount: 0,
  });
}

async function answerJob(options: GatewayJobsOptions, job: Job<unknown>): Promise<OpenAnswer | InspectAnswer> {
  const parsed = gatewayJob.safeParse(job.data);
  if (!parsed.success) throw new UnrecoverableError(`The job ${job.name} has an unknown shape.`);
  try {
    return await dispatch(options, parsed.data);
  } catch (error) {
    return failureOf(error);
  }
}

async function dispatch(
  { keeper, envelopeKey }: GatewayJobsOptions,
  job: GatewayJob,
): Promise<OpenAnswer | InspectAnswer> {
  switch (job.name) {
    case 'open':
      await keeper.open(grantIdOf(job.grantId));
      return { ok: true };
    case 'inspect': {
      const { targetId, endpoint, username, sealedPassword, credentials, privileges, databases } = job;
      const password = await envelopeKey.open(sealedPassword, { targetId, host: endpoint.host, port: endpoint.port });
      const wish = { credentials, privileges, databases };
      return { ok: true, report: await inspectTarget({ endpoint, username, password }, wish, new Date()) };
    }
    default:
      return unreachable(job);
  }
}

function failureOf(error: unknown): JobFailure {
  const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
  return {
    ok: false,
    code: fault.code,
    ...(fault.detail === undefined ? {} : { detail: fault.detail }),
    fields: { ...fault.fields },
  };
}
