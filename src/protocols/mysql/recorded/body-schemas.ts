import { z } from 'zod';
import { isRecordedBulk, type RecordedBulk } from '../../sql/bound-values.js';
import type { Entry } from '../../../recording/entries/entries.js';
import { count, ordinal } from '../../../recording/entries/fields.js';
import {
  type AccessBody,
  type BoundBody,
  type CommandBody,
  type MysqlEntry,
  type ResultBody,
  type SessionBody,
  type StatementBody,
  type TracesBody,
} from './bodies.js';
import { COUNTER, isUsualBody } from './body-shape.js';

const value = z.strictObject({
  type: z.string(),
  unsigned: z.literal(true).exactOptional(),
  value: z.union([z.string(), z.number(), z.null()]),
  encoding: z.literal('base64').exactOptional(),
});

const statementFields = {
  database: z.string().nullable(),
  prepared: ordinal.exactOptional(),
  values: z.array(value).exactOptional(),
  // Looked at by hand: a union for each of a million values takes seconds.
  bulk: z.custom<RecordedBulk>(isRecordedBulk).exactOptional(),
};

const statement: z.ZodType<StatementBody> = z.union([
  z.strictObject({ ...statementFields, text: z.string() }),
  z.strictObject({ ...statementFields, textBase64: z.base64(), characterSet: z.string().exactOptional() }),
]);

/** 64-bit counters beyond the exact integers are decimal text. */
const counter = z.union([count, z.string().regex(COUNTER)]);

const resultPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), affectedRows: counter, lastInsertId: counter, warnings: count }),
  z.strictObject({ kind: z.literal('rows'), columns: count, rows: count, warnings: count }),
]);

const access: z.ZodType<AccessBody> = z.strictObject({
  access: z.array(
    z.strictObject({
      database: z.string(),
      tables: z.array(z.string()).exactOptional(),
      privileges: z.array(z.string()),
    }),
  ),
});

const session: z.ZodType<SessionBody> = z.strictObject({
  capabilities: count,
  collation: count,
  database: z.string().nullable(),
  attributes: z.record(z.string(), z.string()),
  targetThread: count,
});

const command: z.ZodType<CommandBody | undefined> = z.strictObject({ argument: z.string() }).optional();
const bound: z.ZodType<BoundBody | undefined> = z.strictObject({ rowsMax: count }).optional();

const result: z.ZodType<ResultBody> = z.strictObject({
  results: z.array(resultPart),
  error: z.strictObject({ errno: count, sqlState: z.string(), message: z.string() }).exactOptional(),
});

const traces: z.ZodType<TracesBody | undefined> = z
  .strictObject({ threadsKilled: count, xaRolledBack: z.array(z.string()) })
  .optional();

/** One strict schema for each type of entry that has a body. */
export const BODIES = {
  'grant.opened': access,
  'session.opened': session,
  operation: statement,
  note: command,
  forwarded: bound,
  result,
  'grant.closed': traces,
};

/** True for an entry whose body is one that MySQL gives it; false for one of another protocol. */
export function isMysqlEntry(entry: Entry): entry is MysqlEntry {
  const { type } = entry;
  switch (type) {
    case 'operation':
    case 'result':
      if (entry.body !== undefined && isUsualBody(type, entry.body)) return true;
      return BODIES[type].safeParse(entry.body).success;
    case 'grant.opened':
    case 'session.opened':
    case 'note':
    case 'forwarded':
    case 'grant.closed':
      return BODIES[type].safeParse(entry.body).success;
    case 'stream':
      return false;
    default:
      return true;
  }
}
