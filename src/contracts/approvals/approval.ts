import { z } from 'zod';
import { APPROVAL_KINDS, APPROVAL_STATES, DECIDE_WAYS } from '../../domain/approval.js';
import type { ProtocolPlace } from '../../domain/protocol-places.js';
import { PRINCIPAL_KINDS } from '../../domain/principal.js';
import { VERDICTS } from '../../domain/verdict.js';
import { digestView, headlineView } from './approval-in-words.js';
import { decisionView, possibleScopes, scopeView, withdrawalView } from './decision.js';
import { WAIT_SECONDS_MAX } from '../call-limits.js';
import { outlookView } from '../grants/grant.js';
import { idSchema, pageQuery, timeQuery } from '../page.js';
import { principalName } from '../identity/principal.js';
import { sponsorView } from '../sponsor.js';
import { accessRule, protocolOfTarget } from '../protocol-value.js';

const TARGET_CHARACTERS_MAX = 100;

export const approvalParams = z.strictObject({ id: idSchema });
export type ApprovalParams = z.infer<typeof approvalParams>;

export const approvalQuery = z.strictObject({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(WAIT_SECONDS_MAX)
    .default(0)
    .meta({ description: 'Seconds to wait until the approval changes before answering.' }),
  revision: z.coerce.number().int().min(1).optional().meta({
    description:
      'Wait only while it has this revision, the last that you know: a change before the call is answered at once.',
  }),
});
export type ApprovalQuery = z.infer<typeof approvalQuery>;

const approvalFilters = {
  state: z.enum(APPROVAL_STATES).optional(),
  settled: z.literal('true').optional().meta({ description: 'Only those that wait for nobody any more.' }),
  kind: z.enum(APPROVAL_KINDS).optional(),
  target: z.string().min(1).max(TARGET_CHARACTERS_MAX).optional(),
  grant: idSchema.optional(),
  principal: principalName.optional().meta({ description: 'The name of the one who asked.' }),
  from: timeQuery.optional().meta({ description: 'It was asked at this time or later.' }),
  to: timeQuery.optional().meta({ description: 'It was asked before this time.' }),
};

export const approvalListQuery = z.strictObject({
  ...pageQuery,
  ...approvalFilters,
  decidable: z.literal('true').optional().meta({
    description:
      'Only what waits for the caller: what they can decide, as things are or once they have signed in again. A page may have fewer than `limit` and another one after it.',
  }),
});
export type ApprovalListQuery = z.infer<typeof approvalListQuery>;

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export const approvalExportQuery = z.strictObject({ ...approvalFilters, format: z.enum(EXPORT_FORMATS) });
export type ApprovalExportQuery = z.infer<typeof approvalExportQuery>;

const time = z.iso.datetime();

const affectedView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exact'), rows: z.number() }),
  z.object({ kind: z.literal('unknown'), why: z.string() }),
]);
export type AffectedView = z.infer<typeof affectedView>;

/** What a list says of an operation: what it does before what it says, which the one who asks has written. */
export const excerptFields = {
  kind: z.string(),
  action: z.string(),
  affected: affectedView.nullable().meta({
    description:
      'The rows that it would change; null before the preview is there, and for a caller who may not see it.',
  }),
  line: z.string().meta({
    description: 'Its beginning in one line: a line break is ⏎, what the server skips as a comment stands in ⟦…⟧.',
  }),
  shown: z.string().meta({ description: 'Its first 400 characters, with hidden ones written out.' }),
};
const excerptView = z.looseObject(excerptFields).meta({ id: 'ApprovalExcerpt' satisfies ProtocolPlace });
export type ExcerptView = z.infer<typeof excerptView>;

/** How those who decide must be known. */
export const signInTerms = {
  decideIn: z
    .enum(DECIDE_WAYS)
    .meta({ description: '`web`: only a session of somebody who signed in decides, no API key and no token.' }),
  reauthenticateSeconds: z.int().nullable().meta({
    description:
      'Seconds ago that anyone who decides may have signed in at most; a key and a token carry no such time. Null: any.',
  }),
};

/** Where people are asked in Slack. */
export const slackChannels = z
  .array(z.string())
  .readonly()
  .meta({ description: 'Ids of the Slack channels that policies name; empty: the one that is set for all.' });

/** Whether the caller may do something. */
const mayView = z.object({
  allowed: z.boolean(),
  code: z.string().nullable().meta({ description: 'Why not: a code of the error table.' }),
  why: z.string().nullable(),
});

/** An approval as lists show it. Where a text of others could mislead, `shown` has its hidden characters written out. */
export const approvalSummaryView = z.object({
  id: idSchema,
  kind: z.enum(APPROVAL_KINDS),
  state: z.enum(APPROVAL_STATES),
  revision: z.int().meta({ description: 'Counts the changes.' }),
  grant: idSchema,
  principal: z.object({ id: z.string(), name: z.string(), kind: z.enum(PRINCIPAL_KINDS) }),
  sponsor: sponsorView.nullable().meta({ description: 'Who answers for the agent that asks; null: nobody is named.' }),
  target: z.string(),
  protocol: protocolOfTarget,
  task: z.object({ title: z.string(), reference: z.string().nullable() }),
  headline: headlineView,
  excerpt: excerptView.nullable().meta({ description: 'The statement in short; null for a grant.' }),
  database: z.string().nullable(),
  inTransaction: z.boolean(),
  why: z.string(),
  policies: z.array(z.string()),
  warning: z.string().nullable(),
  approvers: z.array(z.string()).meta({ description: 'Groups that must each approve; empty: any approver.' }),
  quorum: z.int().meta({ description: 'Different people who must approve.' }),
  ...signInTerms,
  slackChannels,
  decisions: z.array(decisionView),
  withdrawals: z.array(withdrawalView).meta({ description: 'Approvals that were taken back, the first one first.' }),
  scope: scopeView.nullable(),
  uses: z.int(),
  usesMax: z.int().nullable(),
  askedAt: time,
  expiresAt: time,
  settledAt: time.nullable(),
  clientWaits: z.boolean().nullable().meta({
    description:
      'While it is pending: whether the statement is held for it, so that it runs at once when it is approved. False: its client has gone, or was told to come again; approved, it runs when the same statement is sent again. Null: not known, since its gateway does not answer; and for a grant, and once it is settled.',
  }),
  canDecide: mayView,
  canWithdraw: mayView.meta({ description: 'Whether the caller has approved it and can still take that back.' }),
});
export type ApprovalSummaryView = z.infer<typeof approvalSummaryView>;

/** How many approvals wait, and for whom. */
export const approvalCounts = z
  .object({
    pending: z.int().meta({ description: 'Those that wait; an agent is told of its own.' }),
    decidable: z.int().meta({ description: 'Of these, those that `decidable=true` lists.' }),
    more: z.boolean().meta({ description: 'There are more, which were not counted.' }),
  })
  .meta({ id: 'ApprovalCounts' });
export type ApprovalCounts = z.infer<typeof approvalCounts>;

export const approvalPage = z.object({ items: z.array(approvalSummaryView), next: idSchema.nullable() });

/** An operation of the task that went before the one that is asked about. */
const earlierOperation = z.object({
  operation: z.int().meta({ description: 'Numbers the operations of the grant, as its recording does.' }),
  session: z.int(),
  at: time,
  kind: z.string().nullable().meta({ description: 'What it is, in a word or two; null where that is not known.' }),
  line: z.string().nullable().meta({
    description: 'Its beginning in one line, hidden characters written out; null for one that is too long.',
  }),
  verdict: z.enum(VERDICTS),
  outcome: z
    .enum(['ok', 'error', 'unknown'])
    .nullable()
    .meta({ description: 'How it ended; null: it had not ended when people were asked.' }),
});

const operationContext = z.object({
  operations: z.array(earlierOperation).meta({
    description: 'The last 5 of the grant before this one, in all of its sessions, the oldest first.',
  }),
  inTransactionSince: time.nullable().meta({
    description: 'Since when the session has a transaction open; null: it has none, or that is not known.',
  }),
});
export type OperationContextView = z.infer<typeof operationContext>;

/** An operation in full. */
export const operationFields = {
  session: z.int(),
  number: z.int(),
  text: z.string().meta({ description: 'Exactly as it was sent.' }),
  shown: z.string().meta({ description: 'The same with every hidden character written out as ⟨U+202E⟩.' }),
  policyVersion: z.string(),
  context: operationContext.nullable().meta({
    description: 'What the agent had done when people were asked; null for questions of older versions.',
  }),
};
const operationView = z.looseObject(operationFields).meta({ id: 'AskedOperation' satisfies ProtocolPlace });

const grantAskedView = z.object({
  access: z.array(accessRule),
  ttlSeconds: z.int(),
  newAccess: z
    .object({
      access: z.array(accessRule).meta({ description: 'What none of those grants had; empty: nothing is new.' }),
      comparedWith: z.int().meta({ description: 'How many they are.' }),
    })
    .nullable()
    .meta({
      description:
        'Against the last 20 grants of the same principal on the target that were opened. Null where this version of the api does not know the protocol.',
    }),
  outlook: outlookView.nullable().meta({
    description: 'What of its statements would run at once and what would wait; null once it is settled.',
  }),
});

const earlierQuestion = z.object({
  id: idSchema,
  state: z.enum(APPROVAL_STATES),
  kind: z.enum(APPROVAL_KINDS),
  excerpt: excerptView.nullable(),
  askedAt: time,
  settledAt: time.nullable(),
  isAlike: z.boolean().meta({ description: 'It is of the same kind, and is about the same table first.' }),
});

/** What a text has that an earlier one had not, and the other way round. */
const textDifference = z.object({
  approval: idSchema.meta({ description: 'The newest earlier question that is alike.' }),
  parts: z
    .array(z.object({ kind: z.enum(['same', 'removed', 'added']), shown: z.string() }))
    .nullable()
    .meta({ description: 'By tokens; long parts that are the same are cut to `…`. Null: they differ too much.' }),
});

/** What the agent was told, word for word. */
const toldView = z.object({
  state: z.enum(APPROVAL_STATES),
  isNow: z.boolean().meta({ description: 'Of the state that it is in; others say what would be told.' }),
  code: z.string().nullable().meta({ description: 'A code of the error table; null: it is told nothing and waits.' }),
  text: z.string().nullable(),
});

const policyTextView = z.object({
  policy: z.string().meta({ description: '`<policy>#<id>`, as `policies` has it.' }),
  name: z.string(),
  revision: z.int().meta({ description: 'Of the text that was in force when people were asked.' }),
  line: z.int().meta({ description: 'Where it begins in that text, from 1.' }),
  text: z.string().meta({ description: 'Of the one policy, as it is written.' }),
  isInForce: z.boolean().meta({ description: 'The text of that name is still the same.' }),
});

export const readyPreviewFields = { state: z.literal('ready'), takenAt: time, affected: affectedView };
const readyPreview = z.looseObject(readyPreviewFields).meta({ id: 'ReadyPreview' satisfies ProtocolPlace });

/** What the broker found out besides the text. `none`: there is nothing to find; `hidden`: not for this caller. */
export const previewView = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['pending', 'none', 'hidden']) }),
  readyPreview,
]);
export type PreviewView = z.infer<typeof previewView>;

const ranView = z.object({
  operation: z.int(),
  at: time,
  outcome: z
    .enum(['ok', 'error'])
    .nullable()
    .meta({ description: 'Null: it was sent to the target, and no answer is known yet.' }),
  rows: z.int().nullable().meta({ description: 'Rows that came back.' }),
  changed: z.int().nullable(),
  tookUs: z.int().nullable().meta({
    description:
      'From the decision, or from its arrival where it came later, to its answer; null where no answer is known, or clocks differ too much to tell.',
  }),
  error: z.object({ code: z.string(), state: z.string().nullable() }).nullable(),
});

const groupMembers = z.object({
  group: z.string(),
  members: z
    .int()
    .meta({ description: 'People in it who may decide, as far as the broker knows them; 1,000 at most.' }),
  isWhole: z.boolean().meta({
    description:
      'False: there may be more. An identity provider for people is configured, and who has never signed in is not known.',
  }),
});

/** An approval with all that is needed to decide. */
export const approvalView = approvalSummaryView.extend({
  statement: operationView.nullable().meta({
    description: 'Null for a grant, and where this version of the api does not know the protocol.',
  }),
  request: grantAskedView.nullable().meta({ description: 'What a requested grant asks for; null for a statement.' }),
  targetLabels: z.record(z.string(), z.string()).nullable().meta({
    description:
      'The labels of the target as they are now, such as `env`; null where there is no such target any more.',
  }),
  preview: previewView,
  digest: digestView,
  scopes: possibleScopes.nullable().meta({
    description: 'Null for a grant, and where this version of the api does not know the protocol.',
  }),
  ran: z.array(ranView).nullable().meta({
    description:
      'What ran by it, the newest first, 5 at most: from the index of statements, which has them some seconds later. Null for a grant, and for a caller who may not see rows.',
  }),
  told: z.array(toldView).meta({ description: 'What the agent is told in the state that it is in.' }),
  earlier: z
    .object({
      items: z.array(earlierQuestion).meta({ description: 'Of the same grant, the newest first; 20 at most.' }),
      more: z.boolean(),
      difference: textDifference.nullable(),
    })
    .meta({ description: 'What the task had asked before.' }),
  policyTexts: z.array(policyTextView).nullable().meta({
    description:
      'The policies that had people asked. Null for a caller who may not read policies, and where nobody can tell which texts were in force.',
  }),
  groupMembers: z.array(groupMembers).meta({ description: 'Of each group of `approvers`, in their order.' }),
  signIn: z.string().nullable().meta({
    description:
      'Path of a new sign-in that leads back to the question, where `canDecide` says `reauthentication_required` and the identity provider that signed the caller in is still there.',
  }),
  newKeys: z
    .array(z.object({ id: z.string(), label: z.string().nullable(), madeBy: z.string().nullable(), createdAt: time }))
    .meta({
      description:
        "Keys that others have made in the last week for the caller, who decides: anyone who has one decides in the caller's name. `madeBy` null: at the command line.",
    }),
  offeredScope: scopeView.nullable().meta({
    description:
      'The scope to approve with unless there is a reason for another: once, and with the rows that match as row limit where they are known exactly and the limit can be kept. Null for a grant, once it is settled, and for the one who may not see rows.',
  }),
});
export type ApprovalView = z.infer<typeof approvalView>;

/**
 * The events of the live view. `pending` comes first and once, with all that waits; then one event for each change:
 * `asked`, `updated`, `decided`, `withdrawn`, `timed-out`, `cancelled`. After a reconnect it begins again.
 */
export const APPROVAL_EVENTS = [
  'pending',
  'asked',
  'updated',
  'decided',
  'withdrawn',
  'timed-out',
  'cancelled',
] as const;
export type ApprovalEvent = (typeof APPROVAL_EVENTS)[number];
export const pendingEvent = z.object({ items: z.array(approvalSummaryView), more: z.boolean() });
