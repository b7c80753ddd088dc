import { z } from 'zod';
import { isRecordedBulk } from './bulk-values.js';
import type { Entry, EntryBody, RecordedBulk } from './entries.js';
import { COUNTER, TIMESTAMP, isUsualEntry } from './entry-shape.js';

/** RFC 3339, UTC, with six digits of a second. */
export const timestampSchema = z.string().regex(TIMESTAMP);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const count = z.int().nonnegative();
const ordinal = z.int().positive();

// The chain compares `prev` with a digest, which says more than a pattern would and costs less.
const chain = { seq: ordinal, prev: z.string(), at: timestampSchema, mono: z.number() };

/** A rule of what a grant gives access to. */
export const accessRule = z.strictObject({
  database: z.string(),
  tables: z.array(z.string()).exactOptional(),
  privileges: z.array(z.string()),
});

export const principalSchema = z.strictObject({ id: z.string(), name: z.string(), kind: z.string() });
export const taskSchema = z.strictObject({ title: z.string(), reference: z.string().exactOptional() });
export const targetSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  flavour: z.string(),
  version: z.string(),
});
export const closeReasonSchema = z.enum(['completed', 'expired', 'revoked', 'drained', 'failed']);

const client = z.strictObject({ address: z.string(), port: count });

const value = z.strictObject({
  type: z.string(),
  unsigned: z.literal(true).exactOptional(),
  value: z.union([z.string(), z.number(), z.null()]),
  encoding: z.literal('base64').exactOptional(),
});

const statementFields = {
  ...chain,
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
  bulk: z.custom<RecordedBulk>(isRecordedBulk).exactOptional(),
  why: z.string().exactOptional(),
};

/** 64-bit counters beyond the exact integers are decimal text. */
const counter = z.union([count, z.string().regex(COUNTER)]);

const resultPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), affectedRows: counter, lastInsertId: counter, warnings: count }),
  z.strictObject({ kind: z.literal('rows'), columns: count, rows: count, warnings: count }),
]);

const response = z.strictObject({
  bytes: count,
  kept: count,
  // Compared with the digest of the bytes, or by its pattern where they were cut.
  sha256: z.string(),
  segment: count,
  offset: count,
});

const decision = z.strictObject({
  by: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string().nullable(),
  at: timestampSchema,
  decidedWith: z.string().exactOptional(),
});

type EntryOf<T extends EntryBody['type']> = Entry & { readonly type: T };

/** One strict schema for each type of format 1: a field or a type that the format does not know is an error. */
const ENTRY_SCHEMAS: { readonly [T in EntryBody['type']]: z.ZodType<EntryOf<T>> } = {
  'grant.opened': z.strictObject({
    ...chain,
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
    ...chain,
    type: z.literal('session.opened'),
    session: ordinal,
    client,
    tls: z.strictObject({ version: z.string(), cipher: z.string() }).nullable(),
    capabilities: count,
    collation: count,
    database: z.string().nullable(),
    attributes: z.record(z.string(), z.string()),
    targetThread: count,
  }),
  'session.refused': z.strictObject({
    ...chain,
    type: z.literal('session.refused'),
    client,
    code: z.string(),
    detail: z.string().exactOptional(),
  }),
  'session.closed': z.strictObject({
    ...chain,
    type: z.literal('session.closed'),
    session: ordinal,
    reason: z.enum(['client-quit', 'client-gone', 'target-gone', 'grant-closed', 'killed', 'refused', 'failed']),
    code: z.string().exactOptional(),
    detail: z.string().exactOptional(),
  }),
  statement: z.strictObject({ ...statementFields, text: z.string() }),
  command: z.strictObject({
    ...chain,
    type: z.literal('command'),
    session: ordinal,
    command: z.string(),
    argument: z.string().exactOptional(),
  }),
  'command.refused': z.strictObject({
    ...chain,
    type: z.literal('command.refused'),
    session: ordinal,
    command: z.string(),
    code: z.string(),
    payloadBytes: count,
    head: z.string().regex(/^([0-9a-f]{2})*$/),
  }),
  'approval.asked': z.strictObject({
    ...chain,
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
    ...chain,
    type: z.literal('approval.decided'),
    session: ordinal,
    statement: ordinal,
    approval: z.string(),
    outcome: z.enum(['approved', 'denied', 'timed-out', 'cancelled', 'abandoned']),
    decisions: z.array(decision),
    scope: z.string().exactOptional(),
  }),
  forwarded: z.strictObject({
    ...chain,
    type: z.literal('forwarded'),
    session: ordinal,
    statement: ordinal,
    approval: z.string().exactOptional(),
    privileges: z.array(z.string()).exactOptional(),
    rowsMax: count.exactOptional(),
  }),
  result: z.strictObject({
    ...chain,
    type: z.literal('result'),
    session: ordinal,
    statement: ordinal.exactOptional(),
    command: z.string(),
    outcome: z.enum(['ok', 'error', 'unknown']),
    results: z.array(resultPart),
    error: z.strictObject({ errno: count, sqlState: z.string(), message: z.string() }).exactOptional(),
    durationUs: z.number().nonnegative(),
    response: response.exactOptional(),
  }),
  'grant.closing': z.strictObject({
    ...chain,
    type: z.literal('grant.closing'),
    reason: closeReasonSchema,
    by: z.string().nullable(),
  }),
  'grant.closed': z.strictObject({
    ...chain,
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
const statementBase64: z.ZodType<EntryOf<'statement'>> = z.strictObject({
  ...statementFields,
  textBase64: z.base64(),
  characterSet: z.string().exactOptional(),
});

/** By what a line is: the name of its type, apart from statements whose text is no UTF-8. */
export const LINE_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...ENTRY_SCHEMAS,
  'statement-base64': statementBase64,
};

const NOT_THE_FORM = 'is not in the one form of JSON that lines have';

const numbered = z.object({ seq: ordinal, prev: z.string() });

/** What a line turned out to be. `chain` is there whenever the line names its place, even when the rest is wrong. */
export type ParsedLine =
  | { readonly entry: Entry }
  | { readonly chain: { readonly seq: number; readonly prev: string } | undefined; readonly wrong: string };

/** Reads one line of entries.jsonl; what is wrong with it is a value, not an exception. */
export function parseLine(line: Buffer): ParsedLine {
  const text = line.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { chain: undefined, wrong: 'is not JSON' };
  }
  if (isUsualEntry(json)) return { entry: json };
  const type = typeOf(json);
  if (type === undefined) return { chain: numbered.safeParse(json).data, wrong: 'has no known type' };
  const schema = type === 'statement' && hasBase64Text(json) ? statementBase64 : ENTRY_SCHEMAS[type];
  const parsed = schema.safeParse(json);
  // Writing a statement or a result again would cost as much as reading it, and there are a million of them.
  if (parsed.success && JSON.stringify(json) !== text) return { chain: parsed.data, wrong: NOT_THE_FORM };
  if (parsed.success) return { entry: parsed.data };
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code).join(', ');
  return { chain: numbered.safeParse(json).data, wrong: `does not fit its type ${type} (${fields})` };
}

function typeOf(json: unknown): EntryBody['type'] | undefined {
  if (typeof json !== 'object' || json === null || !('type' in json)) return undefined;
  return typeof json.type === 'string' && isEntryType(json.type) ? json.type : undefined;
}

function hasBase64Text(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'textBase64' in json;
}

function isEntryType(type: string): type is EntryBody['type'] {
  return Object.hasOwn(ENTRY_SCHEMAS, type);
}
