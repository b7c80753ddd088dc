import { z } from 'zod';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../call-limits.js';
import { timeQuery } from '../page.js';

const range = {
  from: timeQuery.optional().meta({ description: 'Entries of this time or later.' }),
  to: timeQuery.optional().meta({ description: 'Entries before this time.' }),
};

export const recordListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.coerce.number().int().min(1).optional(),
  act: z
    .string()
    .regex(/^[a-z]+(?:[.-][a-z]+)*$/)
    .max(64)
    .optional()
    .meta({ description: 'Entries of this act, such as `key.made`.' }),
  principal: z.string().min(1).max(200).optional().meta({ description: 'The name of the one who did it.' }),
  subject: z.string().min(1).max(300).optional().meta({ description: 'The name or id of what it was done to.' }),
  ...range,
});
export type RecordListQuery = z.infer<typeof recordListQuery>;

export const recordExportQuery = z.strictObject(range);
export type RecordExportQuery = z.infer<typeof recordExportQuery>;

const time = z.iso.datetime();
const value = z.record(z.string(), z.unknown()).nullable();

/** An entry of the administrative record; docs/administrative-record.md has what the members mean. */
export const recordEntryView = z.object({
  seq: z.int(),
  at: time,
  act: z.string(),
  who: z.object({
    principal: z.string().nullable(),
    name: z.string().nullable(),
    person: z.string().nullable(),
    sponsor: z.object({ name: z.string(), isClaim: z.boolean() }).nullable(),
    signIn: z.string().nullable(),
  }),
  from: z.string().nullable(),
  request: z.string().nullable(),
  subject: z.object({ kind: z.string(), name: z.string() }),
  before: value,
  after: value,
  why: z.string().nullable(),
  outcome: z.enum(['done', 'asked', 'refused']),
  code: z.string().nullable(),
  count: z.int(),
});
export type RecordEntryView = z.infer<typeof recordEntryView>;

export const recordEntryPage = z.object({ items: z.array(recordEntryView), next: z.int().nullable() });
export type RecordEntryPage = z.infer<typeof recordEntryPage>;

/** Everything holds, or the first entry that does not. */
export const recordVerificationView = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    checkedAt: time,
    entries: z.int(),
    last: z.object({ seq: z.int(), hash: z.string(), at: time }).nullable(),
    checkpoints: z.int(),
    signed: z
      .object({ seq: z.int(), hash: z.string(), at: time, keyId: z.string() })
      .nullable()
      .meta({ description: 'The last checkpoint; null while there is none.' }),
    unsigned: z.int().meta({ description: 'Entries after the last checkpoint.' }),
  }),
  z.object({
    ok: z.literal(false),
    checkedAt: time,
    entries: z.int().meta({ description: 'Entries before the one that does not hold.' }),
    problem: z.object({ entry: z.int(), what: z.string() }),
  }),
]);
export type RecordVerificationView = z.infer<typeof recordVerificationView>;
