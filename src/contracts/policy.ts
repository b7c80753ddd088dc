import { z } from 'zod';
import { TRANSACTION_HOLDS } from '../domain/approval.js';
import { PRIVILEGES } from '../protocols/sql/privilege.js';
import { STATEMENT_ACTIONS, STATEMENT_FLAGS, TABLE_ACTIONS } from '../protocols/sql/statement.js';
import { VERDICTS } from '../domain/verdict.js';
import { accessSchema, TTL_SECONDS_MAX } from './grant.js';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './page.js';
import { principalName } from './principal.js';
import { targetName } from './target.js';

const TEXT_CHARACTERS_MAX = 65_536;
const STATEMENT_CHARACTERS_MAX = 65_536;
const VALUES_MAX = 1_000;

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

export const policyRequest = z.strictObject({
  text: z.string().max(TEXT_CHARACTERS_MAX).meta({ description: 'Cedar policies; docs/policies.md has the schema.' }),
  revision: revision.optional().meta({
    description:
      'The revision that the change was made from; with another one in force it is refused. 0: a new policy.',
  }),
});
export type PolicyRequest = z.infer<typeof policyRequest>;

export const policyDeleteQuery = z.strictObject({
  revision: z.coerce.number().pipe(revision).optional().meta({ description: 'As in a change.' }),
});
export type PolicyDeleteQuery = z.infer<typeof policyDeleteQuery>;

const time = z.iso.datetime();
const writer = z.string().nullable().meta({ description: 'Null: the policies that came with the broker.' });

export const policySummaryView = z
  .object({
    name: z.string(),
    revision: z.int(),
    updatedBy: writer,
    updatedAt: time,
  })
  .meta({ id: 'PolicySummary' });
export type PolicySummaryView = z.infer<typeof policySummaryView>;

export const policyView = policySummaryView.extend({ text: z.string() }).meta({ id: 'Policy' });
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
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersionView = z.infer<typeof policyVersionView>;

export const policyVersionPage = z.object({ items: z.array(policyVersionView).readonly(), next: z.int().nullable() });
export type PolicyVersionPage = z.infer<typeof policyVersionPage>;

const who = principalName.optional().meta({ description: 'Whose statement or request it is; absent: your own.' });
const identifier = z.string().min(1).max(64);

const statementTrial = z.strictObject({
  principal: who,
  target: targetName,
  database: identifier.nullable().optional().meta({ description: "Absent: the target's default database." }),
  statement: z.string().min(1).max(STATEMENT_CHARACTERS_MAX),
  values: z
    .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .max(VALUES_MAX)
    .optional()
    .meta({ description: 'Bound values; no verdict depends on them.' }),
  inTransaction: z.boolean().default(false),
});

const grantTrial = z.strictObject({
  principal: who,
  target: targetName,
  grantRequest: z.strictObject({
    access: z.array(accessSchema).min(1).max(20).optional(),
    ttlSeconds: z.int().min(1).max(TTL_SECONDS_MAX),
  }),
});

export const policyTrial = z.union([statementTrial, grantTrial]);
export type PolicyTrial = z.infer<typeof policyTrial>;
export type StatementTrial = z.infer<typeof statementTrial>;
export type GrantTrial = z.infer<typeof grantTrial>;

const tableUse = z.object({
  database: z.string().nullable(),
  table: z.string(),
  action: z.enum(TABLE_ACTIONS),
  by: z.enum(['text', 'view', 'trigger', 'cascade', 'routine', 'default']),
});

/** What was understood of a statement. */
export const factsView = z
  .object({
    kind: z.string(),
    action: z.enum(STATEMENT_ACTIONS),
    statements: z.int(),
    tables: z.array(tableUse).readonly(),
    columns: z.array(z.string()).readonly(),
    functions: z.array(z.string()).readonly(),
    unknownFunctions: z.array(z.object({ database: z.string().nullable(), name: z.string() })).readonly(),
    where: z.enum(['none', 'constant', 'column']),
    hasLimit: z.boolean(),
    flags: z.array(z.enum(STATEMENT_FLAGS)).readonly(),
    triggers: z.array(z.string()).readonly(),
    notUnderstood: z.string().nullable(),
  })
  .meta({ id: 'StatementFacts' });

export const holdTermsView = z
  .object({
    approvers: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Groups; of each at least one approval is needed. Empty: any approver.' }),
    quorum: z.int(),
    holdSeconds: z.int(),
    inTransaction: z.enum(TRANSACTION_HOLDS),
    transactionHoldSeconds: z.int(),
    warning: z.string().nullable(),
  })
  .meta({ id: 'HoldTerms' });

const standingAccessView = z.object({
  database: z.string(),
  tables: z.array(z.string()).readonly().optional(),
  privileges: z.array(z.enum(PRIVILEGES)).readonly(),
});

/** What a statement or a request would get, and why. */
export const policyTrialView = z
  .object({
    verdict: z.enum(VERDICTS),
    policies: z.array(z.string()).readonly().meta({ description: '`<policy>#<id>` of those that led to it.' }),
    why: z.string(),
    hold: holdTermsView.nullable(),
    version: z.string().meta({ description: 'Of the policies that were asked.' }),
    facts: factsView.nullable().meta({ description: 'Null for a request of a grant.' }),
    access: z.array(standingAccessView).readonly().nullable().meta({ description: 'What the grant would carry.' }),
    standing: z.array(standingAccessView).readonly().nullable().meta({
      description: 'Of that, what would stand for the whole grant; the rest is given statement by statement.',
    }),
    catalog: z.literal(false).meta({
      description: "The target was not asked: views, triggers and foreign keys may make a gateway's verdict stricter.",
    }),
  })
  .meta({ id: 'PolicyTrial' });
export type PolicyTrialView = z.infer<typeof policyTrialView>;
