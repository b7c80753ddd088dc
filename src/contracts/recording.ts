import { z } from 'zod';
import { CLOSE_REASONS } from '../domain/grant.js';
import { grantView } from './grant.js';
import { idSchema, pageQuery, timeQuery } from './page.js';
import { principalName } from './principal.js';
import { protocolName, protocolOfTarget } from './protocol-value.js';

export const ENTRIES_LIMIT_DEFAULT = 200;
export const ENTRIES_LIMIT_MAX = 1_000;

export const recordingParams = z.strictObject({ grantId: idSchema });
export type RecordingParams = z.infer<typeof recordingParams>;

/** Searching the text of statements (`text=`) is not here yet: the schema refuses it as an unknown field. */
export const recordingListQuery = z.strictObject({
  ...pageQuery,
  principal: principalName.optional(),
  target: z.string().min(1).max(100).optional(),
  protocol: protocolName.optional(),
  from: timeQuery.optional().meta({ description: 'The grant was requested at this time or later.' }),
  to: timeQuery.optional().meta({ description: 'The grant was requested before this time.' }),
});
export type RecordingListQuery = z.infer<typeof recordingListQuery>;

export const entriesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: 'Entries whose `seq` is greater.' }),
  limit: z.coerce.number().int().min(1).max(ENTRIES_LIMIT_MAX).default(ENTRIES_LIMIT_DEFAULT),
});
export type EntriesQuery = z.infer<typeof entriesQuery>;

const time = z.iso.datetime();

export const recordingView = z.object({
  grantId: idSchema,
  state: z.enum(['recording', 'sealed']),
  principal: grantView.shape.principal,
  target: z.string(),
  protocol: protocolOfTarget,
  task: grantView.shape.task,
  /** The counts, the size and the digest of the sealed file: null until it is sealed. */
  entries: z.int().nullable(),
  statements: z.int().nullable(),
  bytes: z.int().nullable(),
  sha256: z.string().nullable(),
  keyId: z.string().nullable(),
  interrupted: z.boolean().nullable(),
  closeReason: z.enum(CLOSE_REASONS).nullable(),
  openedAt: time,
  closedAt: time.nullable(),
  sealedAt: time.nullable(),
});
export type RecordingView = z.infer<typeof recordingView>;

export const recordingPage = z.object({ items: z.array(recordingView), next: idSchema.nullable() });

/** Entries as they stand in the recording (docs/recording-format.md); `next` goes into `after`. */
export const entriesPage = z.object({
  items: z.array(z.record(z.string(), z.unknown())),
  format: z
    .int()
    .nullable()
    .meta({ description: 'Of these lines, as docs/recording-format.md has it; null while there is none.' }),
  next: z.int().nullable(),
});
export type EntriesPage = z.infer<typeof entriesPage>;

/** Everything holds, or the first thing that does not. */
export const verificationView = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    grant: idSchema,
    entries: z.int(),
    segments: z.int(),
    keyId: z.string(),
    keyTrusted: z.boolean().meta({ description: 'The key that sealed it is one that GET /v1/keys lists.' }),
    bytes: z.int(),
    bodiesUnchecked: z.string().optional().meta({
      description:
        'The protocol of the recording, when this version does not know it and has checked all but the bodies.',
    }),
    damage: z
      .object({ where: z.string(), what: z.string(), bytes: z.int() })
      .nullable()
      .meta({ description: 'What was damaged before the recording was sealed; its bytes are kept and prove nothing.' }),
  }),
  z.object({
    ok: z.literal(false),
    problem: z.object({
      where: z.string().meta({
        description:
          '`entry 12`, `frame 3`, `frames`, `index`, `segment 2`, `manifest`, `signature` or `archive byte 1234`.',
      }),
      what: z.string(),
    }),
  }),
]);
