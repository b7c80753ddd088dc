import { z } from 'zod';
import type { TargetReport } from '../domain/target.js';
import { type ErrorCode, isErrorCode } from '../kernel/errors/error-table.js';

/** Queues by the process that takes their jobs. A prefix from the configuration keeps brokers that share a Redis apart. */
export const QUEUES = { gateway: 'gateway', worker: 'worker' } as const;

const grantId = z.string().regex(/^[0-9a-z]{26}$/);
const approvalId = z.string().regex(/^[0-9a-z]{26}$/);
const inspectionId = z.string().regex(/^[0-9a-z]{26}$/);

/**
 * Jobs that any gateway may take. A job names a row of the state database and says nothing of it: anyone who can write to Redis
 * can have done what is due, and nothing else.
 */
export const gatewayJob = z.discriminatedUnion('name', [
  z.object({ name: z.literal('open'), grantId }),
  /** A target is inspected before it is stored; the row goes with its answer. */
  z.object({ name: z.literal('inspect'), inspectionId }),
]);
export type GatewayJob = z.infer<typeof gatewayJob>;

/** Jobs of the worker. */
export const workerJob = z.discriminatedUnion('name', [
  z.object({ name: z.literal('expire'), grantId }),
  z.object({ name: z.literal('seal'), grantId }),
  /** Tells people of a question that was asked, or how it ended. */
  z.object({ name: z.literal('approval-notify'), approvalId }),
  z.object({ name: z.literal('approval-remind'), approvalId }),
  z.object({ name: z.literal('approval-time-out'), approvalId }),
]);
export type WorkerJob = z.infer<typeof workerJob>;

/** How a job answers: failures that a caller should see travel as values with their stable code. */
const errorCode = z.custom<ErrorCode>((code) => typeof code === 'string' && isErrorCode(code));
export const jobFailure = z.object({
  ok: z.literal(false),
  code: errorCode,
  detail: z.string().optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
export type JobFailure = z.infer<typeof jobFailure>;

/** What the state database says counts; this tells when to look there. */
export const jobAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true) }), jobFailure]);
export type JobAnswer = z.infer<typeof jobAnswer>;

/** What every protocol's report has; what else is in it, the protocol reads. */
const targetReport = z.looseObject({
  flavour: z.string(),
  version: z.string(),
  tls: z.object({ version: z.string(), cipher: z.string() }).nullable(),
  checkedAt: z.string(),
});
/** What a gateway leaves in the row of an inspection. */
export type InspectAnswer = { readonly ok: true; readonly report: TargetReport } | JobFailure;
export const inspectAnswer: z.ZodType<InspectAnswer> = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), report: targetReport }),
  jobFailure,
]);

/** Redis channel on which a gateway is told to look for grants to close at once; losing a message costs a second. */
export function closeChannel(prefix: string, gatewayId: string): string {
  return `${prefix}:close:${gatewayId}`;
}

/** Redis channel on which gateways are told that a policy has changed; losing a message costs half a second. */
export function policyChannel(prefix: string): string {
  return `${prefix}:policies`;
}

/** Redis channel on which changes of a grant's state are announced to long polls. */
export function grantChannel(prefix: string): string {
  return `${prefix}:grants`;
}

/** Redis channel on which changes of approvals are announced to those who wait for them and watch them. */
export function approvalChannel(prefix: string): string {
  return `${prefix}:approvals`;
}

/** Redis channel on which every api is told that sessions have ended, or that what a principal may do has changed. */
export function accessChannel(prefix: string): string {
  return `${prefix}:access`;
}
