import { z } from 'zod';
import { excerptFields, operationFields, readyPreviewFields } from '../../contracts/approval.js';
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
const previewFields = {
  tables: z.array(previewTable).readonly(),
  sample: z
    .object({ columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) })
    .nullable()
    .meta({ description: 'Values of the target, hidden characters written out.' }),
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
export const storedPreview = z.object(previewFields);

const boundValue = z.object({ ...valueFields, shown: z.string() });
/** In place of a value of one row: its column's default, or that the column is left as it is. */
const boundIndicator = z.object({ indicator, shown: z.string() });

/** As the API publishes them. */
export const excerptView = z.object({
  ...excerptFields,
  tables: z.array(tableView).meta({ description: 'The first tables that it touches; changed ones come first.' }),
  tablesMore: z.int().meta({ description: 'How many tables it touches besides these.' }),
});
export const statementView = z.object({
  ...operationFields,
  values: z.array(boundValue).nullable(),
  bulk: z
    .object({ rowCount: z.int(), rows: z.array(z.array(z.union([boundValue, boundIndicator]))) })
    .nullable()
    .meta({
      description: 'It runs once for each of `rowCount` rows of values; `rows` are the first of them. Else null.',
    }),
  facts: factsView.omit({ columns: true }),
});
export type StatementView = z.infer<typeof statementView>;
export const previewView = z.object({ ...readyPreviewFields, ...previewFields });
