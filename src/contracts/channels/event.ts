import { z } from 'zod';
import { APPROVAL_KINDS, APPROVAL_STATES, DECISIONS } from '../../domain/approval.js';
import type { EventType } from '../../domain/event.js';
import { CLOSE_REASONS, GRANT_STATES } from '../../domain/grant.js';
import { PRINCIPAL_KINDS } from '../../domain/principal.js';
import { idSchema } from '../page.js';

const time = z.iso.datetime({ precision: 3 });
const principal = z.object({ name: z.string(), kind: z.enum(PRINCIPAL_KINDS) });
const task = z.object({
  title: z.string().meta({ description: "The agent's own words." }),
  reference: z.string().nullable(),
});
const sponsor = z.string().nullable().meta({ description: 'Who answers for the agent; null: nobody is named.' });

const grantData = z.strictObject({
  grant: idSchema,
  state: z.enum(GRANT_STATES),
  principal,
  sponsor,
  target: z.string(),
  protocol: z.string(),
  task,
  approval: idSchema.nullable().meta({ description: 'What people were asked about the request.' }),
  deadline: time,
  closeReason: z.enum(CLOSE_REASONS).nullable(),
  closedBy: z.string().nullable(),
  refusal: z.string().nullable().meta({ description: 'Why it was refused: a code of the error table.' }),
  requestedAt: time,
  activeAt: time.nullable(),
  closedAt: time.nullable(),
  sealedAt: time.nullable(),
});

const approvalData = z.strictObject({
  approval: idSchema,
  kind: z.enum(APPROVAL_KINDS),
  state: z.enum(APPROVAL_STATES).meta({ description: 'After what happened.' }),
  revision: z.int().meta({ description: 'Counts the changes: of two events of one approval the higher one is later.' }),
  grant: idSchema,
  principal,
  sponsor,
  target: z.string(),
  protocol: z.string(),
  task,
  operation: z
    .object({
      kind: z.string().nullable(),
      action: z.string().nullable(),
      database: z.string().nullable(),
      inTransaction: z.boolean(),
    })
    .nullable()
    .meta({ description: 'What the held statement is, without its text; null for a requested grant.' }),
  why: z.string(),
  policies: z.array(z.string()),
  warning: z.string().nullable(),
  approvers: z.array(z.string()).meta({ description: 'Groups that must each approve; empty: any approver.' }),
  quorum: z.int(),
  askedAt: time,
  expiresAt: time,
  settledAt: time.nullable(),
  answer: z
    .object({ by: z.string(), decision: z.enum([...DECISIONS, 'withdraw']), reason: z.string().nullable() })
    .nullable()
    .meta({ description: 'What somebody has answered; null where nobody has.' }),
  statement: z.looseObject({ text: z.string(), shown: z.string() }).optional().meta({
    description:
      'Only where the webhook includes `statement`: its text, exactly and with hidden characters written out.',
  }),
  preview: z.looseObject({ state: z.string() }).optional().meta({
    description: 'Only where the webhook includes `rows`: what it would change, with rows of the target.',
  }),
  omitted: z.literal('too_large').optional().meta({
    description: 'The webhook includes more than fits into a payload; look at the approval.',
  }),
});

const recordingData = z.strictObject({
  grant: idSchema,
  principal: z.object({ name: z.string() }),
  target: z.string(),
  entries: z.int(),
  statements: z.int(),
  bytes: z.int().meta({ description: 'Of the sealed file.' }),
  sha256: z.string().meta({ description: 'Of the sealed file, in hexadecimal digits.' }),
  keyId: z.string(),
  interrupted: z.boolean(),
  openedAt: time,
  sealedAt: time,
});

const actData = z.strictObject({
  seq: z.int().meta({ description: 'Of the entry; no number is left out.' }),
  at: time,
  act: z.string(),
  who: z.object({ name: z.string().nullable(), sponsor: z.string().nullable(), signIn: z.string().nullable() }),
  from: z.string().nullable(),
  subject: z.object({ kind: z.string(), name: z.string() }),
  reason: z.string().nullable(),
  outcome: z.string(),
  code: z.string().nullable(),
  count: z.int(),
  hash: z.string().meta({ description: 'The chain hash of the entry: the record can be compared with it later.' }),
});

const testData = z.strictObject({ webhook: z.string(), by: z.string(), note: z.string() });

/** What the payload of each type of event has as `data`. Members may be added; none is renamed or taken away. */
export const EVENT_DATA = {
  'grant.requested': grantData,
  'grant.active': grantData,
  'grant.closed': grantData,
  'grant.sealed': grantData,
  'grant.refused': grantData,
  'approval.asked': approvalData,
  'approval.decided': approvalData,
  'approval.withdrawn': approvalData,
  'approval.timed_out': approvalData,
  'approval.cancelled': approvalData,
  'recording.sealed': recordingData,
  'recording.verification_failed': recordingData.extend({ verifiedBy: z.string() }),
  'act.recorded': actData,
  'webhook.test': testData,
} as const satisfies Record<EventType, z.ZodType>;

/** What a webhook is sent, as JSON. */
export function eventPayload(type: EventType) {
  return z.strictObject({
    type: z.literal(type),
    timestamp: time.meta({ description: "When it happened, on the state database's clock." }),
    data: EVENT_DATA[type],
  });
}
