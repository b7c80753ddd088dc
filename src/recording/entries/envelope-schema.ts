import { z } from 'zod';
import type { TypedEntry, EntryType } from './entries.js';
import {
  bytesReference,
  chainFields,
  clientSchema,
  closedSessionReason,
  closeReasonSchema,
  count,
  decidedOutcome,
  decisionSchema,
  head,
  ordinal,
  principalSchema,
  sponsorSchema,
  taskSchema,
  timestampSchema,
  tlsSchema,
  withdrawalSchema,
} from './fields.js';

/** The target as format 2 has it. */
export const targetSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  protocol: z.string(),
  flavour: z.string(),
  version: z.string(),
});

/** Of any protocol: its own schema looks inside, where this build has it. */
const body = z.record(z.string(), z.unknown()).exactOptional();

const opened = { type: z.literal('grant.opened'), format: z.literal(2) };
const operation = { session: ordinal, operation: ordinal };

/** One strict schema for each type of format 2: a field or a type that the format does not know is an error. */
export const ENVELOPE_SCHEMAS: { readonly [T in EntryType]: z.ZodType<TypedEntry<T>> } = {
  'grant.opened': z.strictObject({
    ...chainFields,
    ...opened,
    grant: z.string(),
    principal: principalSchema,
    sponsor: sponsorSchema.exactOptional(),
    task: taskSchema,
    target: targetSchema,
    taskAccount: z.string().nullable(),
    deadline: timestampSchema,
    policyVersion: z.string().nullable(),
    gateway: z.string(),
    body,
  }),
  'session.opened': z.strictObject({
    ...chainFields,
    type: z.literal('session.opened'),
    session: ordinal,
    client: clientSchema,
    tls: tlsSchema,
    body,
  }),
  'session.refused': z.strictObject({
    ...chainFields,
    type: z.literal('session.refused'),
    client: clientSchema,
    code: z.string(),
    detail: z.string().exactOptional(),
  }),
  'session.closed': z.strictObject({
    ...chainFields,
    type: z.literal('session.closed'),
    session: ordinal,
    reason: closedSessionReason,
    code: z.string().exactOptional(),
    detail: z.string().exactOptional(),
  }),
  operation: z.strictObject({
    ...chainFields,
    type: z.literal('operation'),
    ...operation,
    name: z.string(),
    verdict: z.enum(['allow', 'hold', 'deny']),
    policies: z.array(z.string()),
    shape: z.string().nullable(),
    why: z.string().exactOptional(),
    body,
  }),
  note: z.strictObject({ ...chainFields, type: z.literal('note'), session: ordinal, name: z.string(), body }),
  refused: z.strictObject({
    ...chainFields,
    type: z.literal('refused'),
    session: ordinal,
    name: z.string(),
    code: z.string(),
    payloadBytes: count,
    head,
  }),
  'approval.asked': z.strictObject({
    ...chainFields,
    type: z.literal('approval.asked'),
    ...operation,
    approval: z.string(),
    approvers: z.array(z.string()),
    quorum: ordinal,
    expires: timestampSchema,
    again: z.boolean(),
  }),
  'approval.decided': z.strictObject({
    ...chainFields,
    type: z.literal('approval.decided'),
    ...operation,
    approval: z.string(),
    outcome: decidedOutcome,
    decisions: z.array(decisionSchema),
    withdrawals: z.array(withdrawalSchema).exactOptional(),
    scope: z.string().exactOptional(),
  }),
  forwarded: z.strictObject({
    ...chainFields,
    type: z.literal('forwarded'),
    ...operation,
    approval: z.string().exactOptional(),
    given: z.array(z.string()).exactOptional(),
    body,
  }),
  result: z.strictObject({
    ...chainFields,
    type: z.literal('result'),
    session: ordinal,
    operation: ordinal.exactOptional(),
    name: z.string(),
    outcome: z.enum(['ok', 'error', 'unknown']),
    durationUs: z.number().nonnegative(),
    request: bytesReference.exactOptional(),
    response: bytesReference.exactOptional(),
    body,
  }),
  stream: z.strictObject({
    ...chainFields,
    type: z.literal('stream'),
    session: ordinal,
    operation: ordinal.exactOptional(),
    channel: z.string(),
    direction: z.enum(['to-client', 'to-target']),
    durationUs: z.number().nonnegative(),
    data: bytesReference.exactOptional(),
    body,
  }),
  'grant.closing': z.strictObject({
    ...chainFields,
    type: z.literal('grant.closing'),
    reason: closeReasonSchema,
    by: z.string().nullable(),
  }),
  'grant.closed': z.strictObject({
    ...chainFields,
    type: z.literal('grant.closed'),
    reason: closeReasonSchema,
    interrupted: z.boolean(),
    account: z.strictObject({ state: z.enum(['none', 'gone']) }),
    body,
  }),
};

export function isEntryType(type: string): type is EntryType {
  return Object.hasOwn(ENVELOPE_SCHEMAS, type);
}
