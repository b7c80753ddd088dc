import { UnrecoverableError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { grantIdOf } from '../../domain/ids.js';
import type { GrantKeeper } from '../../gateway/grant-keeper.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import { protocolNamed } from '../../domain/protocol-named.js';
import { UNNAMED_PROTOCOL } from '../../domain/protocol-value.js';
import { unreachable } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import type { InspectionRequest } from '../../persistence/entities/target-inspection.js';
import type { TargetInspectionRepository } from '../../persistence/targets/target-inspection.repository.js';
import {
  gatewayJob,
  QUEUES,
  type GatewayJob,
  type InspectAnswer,
  type JobAnswer,
  type JobFailure,
} from '../../queue/jobs.js';

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
 * Takes the jobs of the gateway's queue. A job that fails for a reason with a code answers with it, for whoever waits;
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
    return failureOf(error);
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
  await options.inspections.answer(id, await lookAt(request, options));
}

async function lookAt(
  request: InspectionRequest,
  { protocols, envelopeKey }: Pick<GatewayJobsOptions, 'protocols' | 'envelopeKey'>,
): Promise<InspectAnswer> {
  const { protocol = UNNAMED_PROTOCOL, targetId, host, port, tls, username, sealedPassword, ...asked } = request;
  const { credentials, defaultDatabase, ...limits } = asked;
  try {
    const password = await envelopeKey.open(sealedPassword, { targetId, host, port, tls, username });
    const login = { endpoint: { host, port, tls }, username, password };
    const wish = { credentials, defaultDatabase, limits };
    return { ok: true, report: await protocolNamed(protocols, protocol).inspect(login, wish, new Date()) };
  } catch (error) {
    return failureOf(error);
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
