import { z } from 'zod';
import { ACCESS_RULES_MAX, CLOSE_REASONS, GRANT_STATES, ON_HOLD, TTL_SECONDS_MAX } from '../../domain/grant.js';
import { APPROVAL_KINDS } from '../../domain/approval.js';
import { PRINCIPAL_KINDS } from '../../domain/principal.js';
import { WAIT_SECONDS_MAX } from '../call-limits.js';
import { idSchema, pageQuery, timeQuery } from '../page.js';
import { principalName } from '../identity/principal.js';
import { reasonOfChange } from '../reason.js';
import { sponsorView } from '../sponsor.js';
import { accessRequest, accessRule, protocolName, protocolOfTarget, valueOfProtocol } from '../protocol-value.js';

/** One line of text: what people read in lists, logs and terminals carries no control characters. */
const line = (charactersMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charactersMax)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');

export const taskSchema = z.strictObject({
  title: line(200).meta({ description: 'What the grant is for, in the words of the one who asks.' }),
  reference: line(500).optional().meta({ description: 'A ticket, a pull request, a run: any text or address.' }),
});

export const grantRequest = z.strictObject({
  target: line(100),
  task: taskSchema,
  access: z.array(accessRequest).min(1).max(ACCESS_RULES_MAX).optional().meta({
    description: 'Absent: what the protocol of the target gives then; of databases, SELECT on the default one.',
  }),
  ttlSeconds: z.int().min(1).max(TTL_SECONDS_MAX),
  onHold: z
    .enum(ON_HOLD)
    .optional()
    .meta({
      description:
        'What a statement does that people must approve. `wait` (when absent): its client waits. `error`: it is answered at ' +
        'once with an error that names the approval; once approved, the same statement runs when it is sent again.',
    }),
});
export type GrantRequest = z.infer<typeof grantRequest>;

export const grantRequestQuery = z.strictObject({
  connection: z.enum(['now', 'later']).default('now').meta({
    description:
      '`later`: this answer has no connection; POST /v1/grants/{id}/connection shows it, once. For callers that pass this answer on, or could lose it.',
  }),
});
export type GrantRequestQuery = z.infer<typeof grantRequestQuery>;

export const grantParams = z.strictObject({ id: idSchema });
export type GrantParams = z.infer<typeof grantParams>;

const wait = z.coerce.number().int().min(0).max(WAIT_SECONDS_MAX).default(0);

export const grantQuery = z.strictObject({
  wait: wait.meta({ description: 'Seconds to wait for the state to change before answering.' }),
  while: z.enum(GRANT_STATES).optional().meta({
    description:
      'Wait only while it has this state, the last that you know: what has changed before the call is answered at once.',
  }),
});
export type GrantQuery = z.infer<typeof grantQuery>;

export const closeQuery = z.strictObject({
  wait: wait.meta({ description: 'Seconds to wait until the recording is sealed before answering.' }),
});
export type CloseQuery = z.infer<typeof closeQuery>;

/** Nothing has to be said: a call without a body is one. */
export const revokeRequest = z.strictObject({ reason: reasonOfChange }).optional();
export type RevokeRequest = z.infer<typeof revokeRequest>;

export const grantListQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(GRANT_STATES).optional(),
  target: line(100).optional(),
  protocol: protocolName.optional(),
  principal: principalName.optional(),
  from: timeQuery.optional().meta({ description: 'Requested at this time or later.' }),
  to: timeQuery.optional().meta({ description: 'Requested before this time.' }),
});
export type GrantListQuery = z.infer<typeof grantListQuery>;

/** What a client needs to connect; shown once. */
export const connectionView = z.object({
  protocol: protocolOfTarget,
  host: z.string(),
  port: z.int(),
  username: z.string(),
  password: z.string(),
  database: z.string().nullable(),
  tls: z.object({ ca: z.string().meta({ description: 'PEM of the authority that signed the endpoint.' }) }),
  dsn: z
    .string()
    .meta({ description: 'All of it in one text; of MySQL as mysql2 takes it, with the authority in it.' }),
  env: z.record(z.string(), z.string()).meta({ description: 'Environment variables that clients and tools read.' }),
  files: z.record(z.string(), z.string()).meta({
    description:
      'Files that the forms name: name → text. Write them for your eyes only (mode 600): one may have the password.',
  }),
  folderEnv: z.array(z.string()).meta({
    description:
      'Environment variables that name the folder into which the files were written; ordinary clients then find them there.',
  }),
  programs: z.array(z.object({ name: z.string(), args: z.array(z.string()) })).meta({
    description: 'Clients for a terminal, the usual one first. A name of a file in an argument stands for its path.',
  }),
  clients: valueOfProtocol('ConnectionClients'),
});
export type ConnectionView = z.infer<typeof connectionView>;

const time = z.iso.datetime();

export const grantView = z.object({
  id: idSchema,
  state: z.enum(GRANT_STATES),
  principal: z.object({ id: z.string(), name: z.string(), kind: z.enum(PRINCIPAL_KINDS) }),
  sponsor: sponsorView.nullable().meta({ description: 'Who answers for the agent; null: nobody is named.' }),
  target: z.string(),
  protocol: protocolOfTarget,
  task: z.object({ title: z.string(), reference: z.string().nullable() }),
  access: z.array(accessRule),
  ttlSeconds: z.int(),
  onHold: z.enum(ON_HOLD),
  approval: z
    .object({ id: idSchema })
    .nullable()
    .meta({ description: 'What people are or were asked about this request; null when the policy lets it through.' }),
  deadline: time.meta({ description: 'Of a request that waits for people: counted again from their approval.' }),
  closeReason: z.enum(CLOSE_REASONS).nullable(),
  closedBy: z.string().nullable(),
  refusal: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
  requestedAt: time,
  activeAt: time.nullable(),
  closingAt: time.nullable(),
  sealedAt: time.nullable(),
});
export type GrantView = z.infer<typeof grantView>;

/** What the grant's statements will meet, as the policies stand now; each is judged by itself all the same. */
export const outlookView = z.object({
  words: z.string().meta({ description: 'The same in plain words.' }),
  access: z.array(valueOfProtocol('AccessOutlook')),
  holdSeconds: z.int().nullable().meta({ description: 'How long people have at least; null when nothing waits.' }),
});
export type OutlookView = z.infer<typeof outlookView>;

/** A question of this grant that people have not answered yet; GET /v1/approvals/{id} has all of it. */
const waitingQuestion = z.object({
  id: idSchema,
  kind: z.enum(APPROVAL_KINDS),
  statementKind: z.string().nullable().meta({ description: '`update`, `drop table`; null for the grant itself.' }),
  askedAt: time,
  expiresAt: time,
});

/** One grant that is looked at. */
export const grantDetailView = grantView.extend({
  outlook: outlookView.nullable().meta({
    description:
      'null for a grant that runs nothing any more, or whose protocol this version of the api does not know.',
  }),
  waiting: z.array(waitingQuestion).meta({ description: 'The newest 20 questions that wait for people.' }),
});
export type GrantDetailView = z.infer<typeof grantDetailView>;

/** The answer to a request: `connection` only when the grant became active at once, and only this one time. */
export const grantOpenedView = grantDetailView.extend({ connection: connectionView.optional() });
export type GrantOpenedView = z.infer<typeof grantOpenedView>;

export const grantPage = z.object({ items: z.array(grantView), next: idSchema.nullable() });
