import { z } from 'zod';
import { CLOSE_REASONS, GRANT_STATES } from '../../domain/grant.js';
import { EFFECTS, ENTRY_TYPES } from '../../domain/recorded.js';
import { VERDICTS } from '../../domain/verdict.js';
import { grantView } from '../grants/grant.js';
import { idSchema, pageQuery, timeQuery } from '../page.js';
import { principalName } from '../identity/principal.js';
import { protocolName, protocolOfTarget } from '../protocol-value.js';

export const ENTRIES_LIMIT_DEFAULT = 200;
export const ENTRIES_LIMIT_MAX = 1_000;

export const recordingParams = z.strictObject({ grantId: idSchema });
export type RecordingParams = z.infer<typeof recordingParams>;

/** `GET /v1/statements` searches the texts of statements. */
export const recordingListQuery = z.strictObject({
  ...pageQuery,
  principal: principalName.optional(),
  target: z.string().min(1).max(100).optional(),
  protocol: protocolName.optional(),
  from: timeQuery.optional().meta({ description: 'The grant was requested at this time or later.' }),
  to: timeQuery.optional().meta({ description: 'The grant was requested before this time.' }),
});
export type RecordingListQuery = z.infer<typeof recordingListQuery>;

const seq = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

export const entriesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: 'Entries whose `seq` is greater.' }),
  from: seq.optional().meta({ description: 'Entries from this `seq` on; the later of `after` and `from` counts.' }),
  before: seq.optional().meta({
    description:
      'Entries whose `seq` is less. Without `after` and `from`: the last of these, so that pages are read backwards.',
  }),
  type: z
    .string()
    .max(300)
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(ENTRY_TYPES)).max(ENTRY_TYPES.length))
    .optional()
    .meta({ description: 'Only entries of these types, separated by commas.' }),
  verdict: z.enum(VERDICTS).optional().meta({ description: 'Only operations that were judged so.' }),
  session: seq.optional().meta({ description: 'Only entries of this session.' }),
  told: z.literal('true').optional().meta({ description: 'With what each entry says, in words.' }),
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
  counts: z
    .object({
      statements: z.int(),
      held: z.int(),
      denied: z.int(),
      errors: z.int(),
      rows: z.int().meta({ description: 'Rows that were read.' }),
      changed: z.int().meta({ description: 'Rows that were changed.' }),
    })
    .nullable()
    .meta({
      description:
        'What its statements come to, from the index: of a recording that goes on, as far as it has been read. Null: it is not in the index.',
    }),
  /** The last verification on the server; null: there was none. A verification of one's own proves more. */
  verification: z.object({ ok: z.boolean(), at: time, by: z.string() }).nullable(),
  reviews: z
    .array(z.object({ principal: z.string(), at: time, isYours: z.boolean() }))
    .meta({ description: 'Who says that they have read it, the earliest first.' }),
});
export type RecordingView = z.infer<typeof recordingView>;

export const recordingPage = z.object({ items: z.array(recordingView), next: idSchema.nullable() });

/** What an entry says, in the words of its protocol. Hidden characters are written out. */
export const toldEntry = z.object({
  title: z
    .string()
    .meta({ description: 'What it is; of an operation what it does and to what: `UPDATE shop.orders`.' }),
  line: z.string().nullable().meta({
    description:
      'Of an operation: its text in one line. A line break is ⏎, what the server skips as a comment stands in ⟦…⟧.',
  }),
  effect: z.enum(EFFECTS).nullable().meta({
    description: 'Of an operation: what it does to the target where it is run. What is not understood is a change.',
  }),
  noise: z.string().nullable().meta({
    description: 'What it is, where it is one that clients send by themselves and that can do nothing else.',
  }),
  cameTo: z.string().nullable().meta({ description: 'Of a result, in a few words: `3 rows read`.' }),
  rows: z.number().nullable().meta({ description: 'Of a result: rows that were read.' }),
  changed: z.number().nullable().meta({ description: 'Of a result: rows that were changed, as the target said.' }),
});
export type ToldEntryView = z.infer<typeof toldEntry>;

/**
 * Entries as they stand in the recording (docs/recording-format.md), in their order. `next` goes into `after`, `previous`
 * into `before`. A call looks through a bounded number of entries: a page may have fewer than `limit`, even none, and
 * another one after it.
 */
export const entriesPage = z.object({
  items: z.array(z.record(z.string(), z.unknown())),
  told: z.array(toldEntry.nullable()).optional().meta({
    description: 'With `told=true`: of each item; null where this version does not know the protocol of the recording.',
  }),
  format: z
    .int()
    .nullable()
    .meta({ description: 'Of these lines, as docs/recording-format.md has it; null while there is none.' }),
  next: z.int().nullable().meta({ description: 'Null where nothing follows, and in a page that was read backwards.' }),
  previous: z
    .int()
    .nullable()
    .meta({ description: 'Null where nothing is before, and in a page that was read forwards.' }),
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
export type VerificationView = z.infer<typeof verificationView>;

/**
 * The events of a recording that goes on. `entry`: one was written; its id is its `seq`, and `Last-Event-ID` goes on after
 * it. `state`: what is known of the recording, first of all and when that changes. `sealed`: the last, the same once it is
 * sealed. `failed`: the last as well, a problem as other calls answer it: the recording cannot be read any further.
 */
export const RECORDING_EVENTS = ['entry', 'state', 'sealed', 'failed'] as const;
export type RecordingEvent = (typeof RECORDING_EVENTS)[number];

export const eventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({
    description: 'Entries whose `seq` is greater, unless `Last-Event-ID` says otherwise.',
  }),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

/** The data of `entry`. */
export const entryEvent = z.object({
  entry: z.record(z.string(), z.unknown()),
  told: toldEntry
    .nullable()
    .meta({ description: 'Null where this version does not know the protocol of the recording.' }),
});
export type EntryEvent = z.infer<typeof entryEvent>;

/** The data of `state` and `sealed`. */
export const recordingStateEvent = z.object({ grantState: z.enum(GRANT_STATES), recording: recordingView });
export type RecordingStateEvent = z.infer<typeof recordingStateEvent>;
