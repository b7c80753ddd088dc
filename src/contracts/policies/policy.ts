import { z } from 'zod';
import { TRANSACTION_HOLDS } from '../../domain/approval.js';
import type { ProtocolPlace } from '../../domain/protocol-places.js';
import { POLICY_WARNINGS } from '../../domain/policy-warnings.js';
import { VERDICTS } from '../../domain/verdict.js';
import { signInTerms, slackChannels } from '../approvals/approval.js';
import { ACCESS_RULES_MAX, TTL_SECONDS_MAX } from '../../domain/grant.js';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../call-limits.js';
import { principalName } from '../identity/principal.js';
import { accessRequest, accessRule, valueOfProtocol } from '../protocol-value.js';
import { reasonOfChange } from '../reason.js';
import { targetName } from '../grants/target.js';

const TEXT_CHARACTERS_MAX = 65_536;

/** Names stand in addresses, verdicts and recordings. */
export const policyName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit',
  );

/** `try` is a call of its own, so no policy has that name. */
const takenName = policyName.refine((name) => name !== 'try', 'must not be "try"');

const revision = z.int().min(0);

export const policyParams = z.strictObject({ name: takenName });
export type PolicyParams = z.infer<typeof policyParams>;

const policyText = z
  .string()
  .max(TEXT_CHARACTERS_MAX)
  .meta({ description: 'Cedar policies; docs/policies.md has the schema.' });

/** A text that is not in force: what would hold if it were stored under its name. */
export const policyDraft = z
  .strictObject({
    name: takenName,
    text: policyText.nullable().meta({ description: 'Null: as if there were no policy of this name.' }),
  })
  .meta({ id: 'PolicyDraft' });
export type PolicyDraft = z.infer<typeof policyDraft>;

export const policyRequest = z.strictObject({
  text: policyText,
  reason: reasonOfChange,
  revision: revision.optional().meta({
    description:
      'The revision that the change was made from; with another one in force it is refused. 0: a new policy.',
  }),
});
export type PolicyRequest = z.infer<typeof policyRequest>;

export const policyDeleteQuery = z.strictObject({
  revision: z.coerce.number().pipe(revision).optional().meta({ description: 'As in a change.' }),
  reason: reasonOfChange,
});
export type PolicyDeleteQuery = z.infer<typeof policyDeleteQuery>;

const time = z.iso.datetime();
const writer = z.string().nullable().meta({ description: 'Null: the policies that came with the broker.' });

/** What a stored text has that this version of the broker does not take; `reason` is Cedar's or the broker's sentence. */
const policyProblem = z.object({ line: z.int(), column: z.int(), reason: z.string() }).meta({ id: 'PolicyProblem' });

/** What a valid text says that its author should look at again. */
export const policyWarningView = z
  .object({
    policy: z.string().meta({ description: '`<policy>#<id>`.' }),
    line: z.int().meta({ description: 'Where that policy begins in its text; counts from 1.' }),
    code: z.enum(POLICY_WARNINGS),
    text: z.string(),
  })
  .meta({ id: 'PolicyWarning' });
export type PolicyWarningView = z.infer<typeof policyWarningView>;

const warnings = z
  .array(policyWarningView)
  .readonly()
  .meta({ description: 'What the text says that its author should look at again.' });

/** What `PUT` would say of a draft, without storing it. */
export const policyCheckView = z
  .object({
    problem: policyProblem
      .extend({ policy: z.string().meta({ description: 'The name of the policy whose text it is in.' }) })
      .nullable()
      .meta({ description: 'Null: it is valid.' }),
    warnings,
  })
  .meta({ id: 'PolicyCheck' });
export type PolicyCheckView = z.infer<typeof policyCheckView>;

export const policySummaryView = z
  .object({
    name: z.string(),
    revision: z.int(),
    updatedBy: writer,
    updatedAt: time,
    problem: policyProblem.nullable().meta({
      description: 'Null: it is valid. Another version of the broker may have taken what this one does not.',
    }),
    decidedLastWeek: z.int().nullable().meta({
      description:
        'Recorded statements of the last 7 days whose verdict it led to; null where nobody has counted them.',
    }),
  })
  .meta({ id: 'PolicySummary' });
export type PolicySummaryView = z.infer<typeof policySummaryView>;

export const policyView = policySummaryView.extend({ text: z.string(), warnings }).meta({ id: 'Policy' });
export type PolicyView = z.infer<typeof policyView>;

export const policyList = z
  .object({
    items: z.array(policySummaryView).readonly(),
    next: z.null(),
    revision: z.int().meta({ description: 'Counts the changes of all policies.' }),
    version: z.string().meta({ description: 'Names all texts together; verdicts and recordings carry it.' }),
  })
  .meta({ id: 'PolicyList' });
export type PolicyList = z.infer<typeof policyList>;

export const policyVersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.coerce.number().int().min(1).optional(),
});
export type PolicyVersionsQuery = z.infer<typeof policyVersionsQuery>;

export const policyVersionView = z
  .object({
    revision: z.int(),
    name: z.string(),
    text: z.string().nullable().meta({ description: 'Null: it was deleted.' }),
    changedBy: writer,
    changedAt: time,
    reason: z.string().nullable().meta({ description: 'Why, as its author said; null where nobody did.' }),
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersionView = z.infer<typeof policyVersionView>;

export const policyVersionPage = z.object({ items: z.array(policyVersionView).readonly(), next: z.int().nullable() });
export type PolicyVersionPage = z.infer<typeof policyVersionPage>;

const who = principalName.optional().meta({ description: 'Whose operation or request it is; absent: your own.' });

/** Whatever is tried. */
export const trialSubject = {
  principal: who,
  target: targetName,
  draft: policyDraft.optional().meta({ description: 'Tries this text too; takes the permission policy.write.' }),
};

/** What else it takes, the target's protocol says. */
const operationTrial = z
  .looseObject({ ...trialSubject, grantRequest: z.never().optional() })
  .meta({ id: 'OperationTrial' satisfies ProtocolPlace });

const grantTrial = z.strictObject({
  ...trialSubject,
  grantRequest: z.strictObject({
    access: z.array(accessRequest).min(1).max(ACCESS_RULES_MAX).optional(),
    ttlSeconds: z.int().min(1).max(TTL_SECONDS_MAX),
  }),
});

export const policyTrial = z.union([operationTrial, grantTrial]);
export type PolicyTrial = z.infer<typeof policyTrial>;
export type OperationTrial = z.infer<typeof operationTrial>;
export type GrantTrial = z.infer<typeof grantTrial>;

export const holdTermsView = z
  .object({
    approvers: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Groups; of each at least one approval is needed. Empty: any approver.' }),
    quorum: z.int(),
    ...signInTerms,
    holdSeconds: z.int(),
    inTransaction: z.enum(TRANSACTION_HOLDS),
    transactionHoldSeconds: z.int(),
    warning: z.string().nullable(),
    slackChannels,
  })
  .meta({ id: 'HoldTerms' });

/** What an operation or a request would get, and why. */
export const policyTrialView = z
  .object({
    verdict: z.enum(VERDICTS),
    policies: z.array(z.string()).readonly().meta({ description: '`<policy>#<id>` of those that led to it.' }),
    why: z.string(),
    hold: holdTermsView.nullable(),
    version: z.string().meta({ description: 'Of the policies that were asked.' }),
    facts: valueOfProtocol('OperationFacts').nullable().meta({ description: 'Null for a request of a grant.' }),
    access: z.array(accessRule).readonly().nullable().meta({ description: 'What the grant would carry.' }),
    standing: z.array(accessRule).readonly().nullable().meta({
      description: 'Of that, what would stand for the whole grant; the rest is given statement by statement.',
    }),
    catalog: z.literal(false).meta({
      description: "The target was not asked: views, triggers and foreign keys may make a gateway's verdict stricter.",
    }),
    warnings: warnings.meta({ description: 'Of the draft; none without one.' }),
  })
  .meta({ id: 'PolicyTrial' });
export type PolicyTrialView = z.infer<typeof policyTrialView>;
