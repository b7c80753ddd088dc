import { z } from 'zod';
import { isBulkField, type BulkField } from './bulk-rows.js';
import {
  bytesReference,
  chainFields,
  clientSchema,
  closedSessionReason,
  closeReasonSchema,
  count,
  decisionSchema,
  head,
  ordinal,
  principalSchema,
  taskSchema,
  timestampSchema,
  tlsSchema,
} from '../entries/fields.js';
import { COUNTER } from './line-shape.js';
import type { TypedLine, LineType } from './lines.js';

/** A rule of what a grant gives access to. */
export const accessRule = z.strictObject({
  database: z.string(),
  tables: z.array(z.string()).exactOptional(),
  privileges: z.array(z.string()),
});

/** The target as format 1 has it. */
export const targetSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  flavour: z.string(),
  version: z.string(),
});

const value = z.strictObject({
  type: z.string(),
  unsigned: z.literal(true).exactOptional(),
  value: z.union([z.string(), z.number(), z.null()]),
  encoding: z.literal('base64').exactOptional(),
});

const statementFields = {
  ...chainFields,
  type: z.literal('statement'),
  session: ordinal,
  statement: ordinal,
  command: z.enum(['COM_QUERY', 'COM_STMT_PREPARE', 'COM_STMT_EXECUTE', 'COM_STMT_BULK_EXECUTE']),
  database: z.string().nullable(),
  verdict: z.enum(['allow', 'hold', 'deny']),
  policies: z.array(z.string()),
  fingerprint: z.string().nullable(),
  prepared: ordinal.exactOptional(),
  values: z.array(value).exactOptional(),
  // Looked at by hand: a union for each of a million values takes seconds.
  bulk: z.custom<BulkField>(isBulkField).exactOptional(),
  why: z.string().exactOptional(),
};

/** 64-bit counters beyond the exact integers are decimal text. */
const counter = z.union([count, z.string().regex(COUNTER)]);

const resultPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), affectedRows: counter, lastInsertId: counter, warnings: count }),
  z.strictObject({ kind: z.literal('rows'), columns: count, rows: count, warnings: count }),
]);

/** One strict schema for each type of format 1: a field or a type that the format does not know is an error. */
const LINE_SCHEMAS: { readonly [T in LineType]: z.ZodType<TypedLine<T>> } = {
  'grant.opened': z.strictObject({
    ...chainFields,
    type: z.literal('grant.opened'),
    format: z.literal(1),
    grant: z.string(),
    principal: principalSchema,
    task: taskSchema,
    target: targetSchema,
    taskAccount: z.string().nullable(),
    access: z.array(accessRule),
    deadline: timestampSchema,
    policyVersion: z.string().nullable(),
    gateway: z.string(),
  }),
  'session.opened': z.strictObject({
    ...chainFields,
    type: z.literal('session.opened'),
    session: ordinal,
    client: clientSchema,
    tls: tlsSchema,
    capabilities: count,
    collation: count,
    database: z.string().nullable(),
    attributes: z.record(z.string(), z.string()),
    targetThread: count,
  }),
  'session.refused': z.strictObject({
    ...chainFields,
    type: z.literal('session.refused'),
    client: clientSchema,
    code: z.string(),
    detail: z.string().exactOptional(),
  }),
  'session.closed': z.strictObject({
    ...chainFields,
    type: z.literal('session.closed'),
    session: ordinal,
    reason: closedSessionReason,
    code: z.string().exactOptional(),
    detail: z.string().exactOptional(),
  }),
  statement: z.strictObject({ ...statementFields, text: z.string() }),
  command: z.strictObject({
    ...chainFields,
    type: z.literal('command'),
    session: ordinal,
    command: z.string(),
    argument: z.string().exactOptional(),
  }),
  'command.refused': z.strictObject({
    ...chainFields,
    type: z.literal('command.refused'),
    session: ordinal,
    command: z.string(),
    code: z.string(),
    payloadBytes: count,
    head,
  }),
  'approval.asked': z.strictObject({
    ...chainFields,
    type: z.literal('approval.asked'),
    session: ordinal,
    statement: ordinal,
    approval: z.string(),
    approvers: z.array(z.string()),
    quorum: ordinal,
    expires: timestampSchema,
    again: z.boolean(),
  }),
  'approval.decided': z.strictObject({
    ...chainFields,
    type: z.literal('approval.decided'),
    session: ordinal,
    statement: ordinal,
    approval: z.string(),
    outcome: z.enum(['approved', 'denied', 'timed-out', 'cancelled', 'abandoned']),
    decisions: z.array(decisionSchema),
    scope: z.string().exactOptional(),
  }),
  forwarded: z.strictObject({
    ...chainFields,
    type: z.literal('forwarded'),
    session: ordinal,
    statement: ordinal,
    approval: z.string().exactOptional(),
    privileges: z.array(z.string()).exactOptional(),
    rowsMax: count.exactOptional(),
  }),
  result: z.strictObject({
    ...chainFields,
    type: z.literal('result'),
    session: ordinal,
    statement: ordinal.exactOptional(),
    command: z.string(),
    outcome: z.enum(['ok', 'error', 'unknown']),
    results: z.array(resultPart),
    error: z.strictObject({ errno: count, sqlState: z.string(), message: z.string() }).exactOptional(),
    durationUs: z.number().nonnegative(),
    response: bytesReference.exactOptional(),
  }),
  'grant.closing': z.strictObject({
    ...chainFields,
    type: z.literal('grant.closing'),
    reason: closeReasonSchema,
    by: z.string().nullable(),
  }),
  'grant.closed': z.strictObject({
    ...chainFields,
    type: z.literal('grant.closed'),
    reason: closeReasonSchema,
    interrupted: z.boolean(),
    account: z.strictObject({
      state: z.enum(['none', 'gone']),
      threadsKilled: count,
      xaRolledBack: z.array(z.string()),
    }),
  }),
};

/** The statement whose text is no UTF-8. Apart, because choosing by a field is quicker than trying both. */
const statementBase64: z.ZodType<TypedLine<'statement'>> = z.strictObject({
  ...statementFields,
  textBase64: z.base64(),
  characterSet: z.string().exactOptional(),
});

/** By what a line is: the name of its type, apart from statements whose text is no UTF-8. */
export const FORMAT_1_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...LINE_SCHEMAS,
  'statement-base64': statementBase64,
};

/** The schema of what JSON says is a line of this type. */
export function lineSchema(type: LineType, json: object): z.ZodType<TypedLine<LineType>> {
  return type === 'statement' && 'textBase64' in json ? statementBase64 : LINE_SCHEMAS[type];
}

export function isLineType(type: string): type is LineType {
  return Object.hasOwn(LINE_SCHEMAS, type);
}
