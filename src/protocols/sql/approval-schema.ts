import { z } from 'zod';
import { excerptFields, operationFields, readyPreviewFields } from '../../contracts/approvals/approval.js';
import { factsView, tableView } from './facts-view.js';

const valueFields = {
  type: z.string(),
  unsigned: z.literal(true).exactOptional(),
  value: z.union([z.string(), z.number(), z.null()]),
  encoding: z.literal('base64').exactOptional(),
};
const indicator = z.enum(['default', 'ignore']);
const previewTable = z.object({
  database: z.string(),
  table: z.string(),
  rows: z.number().nullable(),
  estimated: z.boolean(),
  isWritten: z.boolean(),
});
/** What a column gets that an UPDATE assigns. */
const assignedColumn = z.object({
  database: z.string(),
  table: z.string(),
  column: z.string(),
  after: z.discriminatedUnion('by', [
    z.object({
      by: z.literal('statement'),
      value: z
        .string()
        .nullable()
        .meta({ description: 'As the sample would show it, NULL as null, hidden characters written out.' }),
    }),
    z.object({
      by: z.literal('database'),
      why: z.string().meta({ description: 'Why it is not known before, in a sentence.' }),
    }),
  ]),
});
const sampleFields = { columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) };

const previewFields = {
  tables: z.array(previewTable).readonly(),
  triggers: z.array(z.string()),
  cascades: z.array(z.string()),
  locks: z
    .object({ held: z.array(z.string()), waiting: z.int().nullable(), waiters: z.array(z.string()) })
    .nullable()
    .meta({ description: 'Of the open transaction; `waiting` is null when it cannot be seen who waits.' }),
};

/** As the state database has them; earlier versions left out what they did not know. */
export const storedExcerpt = z.object({
  action: z.string().nullable(),
  tables: z.array(tableView).default([]),
  tablesMore: z.int().default(0),
});
export const storedStatement = z.object({
  text: z.string(),
  values: z.array(z.object(valueFields)).nullish(),
  bulk: z
    .object({
      rowCount: z.int(),
      types: z.array(z.object(valueFields).pick({ type: true, unsigned: true })),
      rows: z.array(z.array(z.union([valueFields.value, z.object({ base64: z.string() }), z.object({ indicator })]))),
    })
    .optional(),
  facts: factsView,
});
export const storedPreview = z.object({
  ...previewFields,
  sample: z.object({ ...sampleFields, of: z.object({ database: z.string(), table: z.string() }).nullish() }).nullable(),
  assigned: z.array(assignedColumn).nullish(),
});

/** A range of `shown`: `[start, end, class]`, the end not included, both in UTF-16 units. */
export const TOKEN_CLASSES = ['keyword', 'table', 'string', 'number', 'comment', 'hidden'] as const;
export type TokenKind = (typeof TOKEN_CLASSES)[number];
const tokenFields = {
  tokens: z.array(z.tuple([z.int(), z.int(), z.enum(TOKEN_CLASSES)])).meta({
    description:
      'Ranges of `shown` by our own lexer, in order and without overlaps: start, end (not included), class. What stands between them is in no class.',
  }),
  whereParts: z
    .array(z.tuple([z.int(), z.int()]))
    .meta({ description: 'Ranges of `shown` from each WHERE to the end of its condition.' }),
  isRead: z.boolean().meta({
    description: 'False: the lexer did not read the text to its end, or it is so long that the rest has no ranges.',
  }),
};

const boundValue = z.object({ ...valueFields, shown: z.string() });
/** In place of a value of one row: its column's default, or that the column is left as it is. */
const boundIndicator = z.object({ indicator, shown: z.string() });

/** As the API publishes them. */
export const excerptView = z.object({
  ...excerptFields,
  tables: z.array(tableView).meta({ description: 'The first tables that it touches; changed ones come first.' }),
  tablesMore: z.int().meta({ description: 'How many tables it touches besides these.' }),
});
export const askedStatementView = z.object({
  ...operationFields,
  values: z.array(boundValue).nullable(),
  bulk: z
    .object({ rowCount: z.int(), rows: z.array(z.array(z.union([boundValue, boundIndicator]))) })
    .nullable()
    .meta({
      description: 'It runs once for each of `rowCount` rows of values; `rows` are the first of them. Else null.',
    }),
  facts: factsView.omit({ columns: true }),
  highlight: z
    .object(tokenFields)
    .nullable()
    .meta({ description: 'Null for questions of older versions, of which nobody knows how to read them.' }),
});
export type AskedStatementView = z.infer<typeof askedStatementView>;
export const statementPreviewView = z.object({
  ...readyPreviewFields,
  ...previewFields,
  sample: z
    .object({
      ...sampleFields,
      changed: z.array(z.string()).meta({ description: 'Those of the columns that the statement assigns.' }),
      after: z
        .array(assignedColumn.shape.after.nullable())
        .meta({ description: 'For each of the columns what it has afterwards; null for one that stays as it is.' }),
    })
    .nullable()
    .meta({ description: 'Values of the target, hidden characters written out.' }),
  assigned: z.array(assignedColumn).nullable().meta({
    description: 'The columns that an UPDATE assigns; null for other statements, and where that is not known.',
  }),
});
