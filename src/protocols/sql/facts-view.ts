import { z } from 'zod';
import { STATEMENT_ACTIONS, STATEMENT_FLAGS, TABLE_ACTIONS } from './statement.js';

export const tableView = z.object({
  database: z.string().nullable(),
  table: z.string(),
  action: z.enum(TABLE_ACTIONS),
  by: z.enum(['text', 'view', 'trigger', 'cascade', 'routine', 'default']),
});

/** What was understood of a statement, as the API shows it. */
export const factsView = z.object({
  kind: z.string(),
  action: z.enum(STATEMENT_ACTIONS),
  statements: z.int(),
  tables: z.array(tableView).readonly(),
  columns: z.array(z.string()).readonly(),
  functions: z.array(z.string()).readonly(),
  unknownFunctions: z.array(z.object({ database: z.string().nullable(), name: z.string() })).readonly(),
  where: z.enum(['none', 'constant', 'column']),
  hasLimit: z.boolean(),
  flags: z.array(z.enum(STATEMENT_FLAGS)).readonly(),
  triggers: z.array(z.string()).readonly(),
  notUnderstood: z.string().nullable(),
});
