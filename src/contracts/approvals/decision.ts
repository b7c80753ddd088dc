import { z } from 'zod';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../domain/approval-rules.js';
import { DECISIONS } from '../../domain/approval.js';
import { reasonText } from '../reason.js';

const time = z.iso.datetime();

const rowsMax = z
  .int()
  .min(0)
  .max(SCOPE_ROWS_MAX)
  .nullable()
  .default(null)
  .meta({ description: 'Rows that a statement may change; one that changes more is rolled back. Null: any number.' });

/** How far an approval reaches. */
export const scopeRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), rowsMax }),
  z.strictObject({
    kind: z.literal('shape'),
    runsMax: z
      .int()
      .min(1)
      .max(SHAPE_RUNS_MAX)
      .meta({ description: 'Statements of the same shape that may run for the rest of the task.' }),
    rowsMax,
  }),
]);

export const decisionRequest = z.strictObject({
  decision: z.enum(DECISIONS),
  reason: reasonText.optional().meta({ description: 'The agent is told.' }),
  scope: scopeRequest.optional().meta({ description: 'Absent: this statement, once.' }),
  revision: z.int().min(1).optional().meta({
    description: 'The revision that the decision was made from; with another one it is refused. Absent: any.',
  }),
});
export type DecisionRequest = z.infer<typeof decisionRequest>;

export const withdrawalRequest = z.strictObject({
  reason: reasonText.meta({ description: 'The agent is told.' }),
  revision: z.int().min(1).optional().meta({
    description: 'The revision that its maker has read; with another one it is refused. Absent: any.',
  }),
});
export type WithdrawalRequest = z.infer<typeof withdrawalRequest>;

export const scopeView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('once'), rowsMax: z.int().nullable() }),
  z.object({ kind: z.literal('shape'), runsMax: z.int(), rowsMax: z.int().nullable() }),
]);

export const decisionView = z.object({
  principal: z.string(),
  decision: z.enum(DECISIONS),
  reason: z.string().nullable(),
  scope: scopeView.nullable(),
  groups: z.array(z.string()).meta({ description: 'Those of the groups asked of which the person was one then.' }),
  decidedWith: z.string().nullable().meta({
    description:
      'How the person was known: `api-key:<id>`, `session:<identity provider>`, `session:link`, `slack:<workspace>/<user>`; null where it was not kept.',
  }),
  at: time,
});

/** An approval that somebody gave and took back. It counts no more, and stands in `decisions` no more. */
export const withdrawalView = z.object({
  principal: z.string(),
  reason: z.string(),
  scope: scopeView.nullable().meta({ description: 'What had been approved.' }),
  decidedAt: time,
  decidedWith: z.string().nullable(),
  at: time.meta({ description: 'When it was taken back.' }),
  withdrawnWith: z.string().meta({ description: 'How the person was known, as in `decidedWith`.' }),
});

/** Which scopes an approval of this statement may have. */
export const possibleScopes = z.object({
  rowLimit: z.object({ possible: z.boolean(), why: z.string().nullable().meta({ description: 'Why not.' }) }),
  shape: z.object({
    possible: z.boolean(),
    why: z.string().nullable().meta({ description: 'Why not.' }),
    text: z.string().nullable().meta({
      description: 'What statements of the shape have in common, hidden characters written out; null: not known.',
    }),
  }),
});
