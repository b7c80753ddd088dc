import { z } from 'zod';
import { VERDICTS } from '../../domain/verdict.js';
import { idSchema } from '../page.js';
import { toldEntry } from './recording.js';

/** Rows of one page of a result. */
export const RESULT_PAGE_ROWS = 100;
/** Of a longer value a page has the beginning. */
export const CELL_CHARACTERS_MAX = 8_192;

const ordinal = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

export const statementParams = z.strictObject({ grantId: idSchema, number: ordinal });
export type StatementParams = z.infer<typeof statementParams>;

export const resultQuery = z.strictObject({
  page: ordinal.default(1).meta({ description: `Which ${RESULT_PAGE_ROWS} rows, from 1.` }),
  result: ordinal.default(1).meta({ description: 'Which result of the answer, from 1: a statement may have several.' }),
  entry: ordinal.optional().meta({
    description: 'The `seq` of a later result with rows of this statement, of `fetches`. Absent: its own result.',
  }),
});
export type ResultQuery = z.infer<typeof resultQuery>;

const time = z.iso.datetime();

const recordedError = z.object({
  code: z.string().meta({ description: "The target's number of the error: `1064`." }),
  state: z.string().nullable().meta({ description: 'SQLSTATE.' }),
  message: z.string().meta({ description: 'As the target sent it.' }),
});

const keptBytes = z.object({
  bytes: z.int().meta({ description: 'Bytes that there were.' }),
  kept: z.int().meta({ description: 'Of these, from the start, in the recording.' }),
  sha256: z.string().meta({ description: 'Over all bytes, hex; checked here only where all were kept.' }),
});

/** A value that was bound to a statement. `base64`: bytes. `default`, `ignore`: stands in place of a value. */
const boundValue = z.object({
  type: z.string(),
  form: z.enum(['null', 'text', 'number', 'base64', 'default', 'ignore']),
  value: z.string().nullable(),
});

const linesTold = z
  .array(z.string())
  .meta({ description: 'In the words of its protocol, hidden characters written out.' });

const recordedApproval = z.object({
  seq: z.int(),
  id: z.string(),
  approvers: z.array(z.string()),
  quorum: z.int(),
  expiresAt: time,
  again: z.boolean().meta({ description: 'An earlier operation of the grant had asked it.' }),
  decided: z
    .object({
      seq: z.int(),
      outcome: z.enum(['approved', 'denied', 'timed-out', 'cancelled', 'withdrawn', 'abandoned']),
      scope: z.string().nullable(),
      decisions: z.array(
        z.object({
          by: z.string(),
          decision: z.enum(['approve', 'deny']),
          reason: z.string().nullable(),
          at: time,
          decidedWith: z.string().nullable(),
        }),
      ),
    })
    .nullable()
    .meta({ description: 'Null: it had not been decided when the recording ended, or it still waits.' }),
});

/** A statement of a recording with all that the recording says of it. */
export const recordedStatement = z.object({
  grantId: idSchema,
  operation: z.int(),
  seq: z.int(),
  session: z.int(),
  at: time,
  format: z.int(),
  entry: z.record(z.string(), z.unknown()).meta({ description: 'Its entry as it stands in the recording.' }),
  text: z.string().nullable().meta({
    description:
      'Exactly as it was sent; bytes that are no text are written out. Null where this version does not know the protocol.',
  }),
  database: z.string().nullable().meta({ description: "The session's, when the statement was sent." }),
  values: z.array(boundValue),
  rowsOfValues: z.int().nullable().meta({
    description: 'How many rows of values it was run with at once; `values` has the first. Null: it was run once.',
  }),
  told: toldEntry.nullable(),
  name: z.string().meta({ description: 'What the protocol calls it.' }),
  verdict: z.enum(VERDICTS),
  policies: z.array(z.string()),
  shape: z.string().nullable(),
  why: z.string().nullable().meta({ description: 'Why it was held or denied.' }),
  approval: recordedApproval.nullable(),
  forwarded: z
    .object({
      seq: z.int(),
      at: time,
      given: z
        .array(z.string())
        .meta({ description: 'Privileges that the task account had for this statement alone.' }),
      lines: linesTold,
    })
    .nullable()
    .meta({ description: 'Null: it went to the target at once, or never; see `verdict` and `result`.' }),
  result: z
    .object({
      seq: z.int(),
      outcome: z.enum(['ok', 'error', 'unknown']),
      durationUs: z.number(),
      told: toldEntry.nullable(),
      error: recordedError.nullable(),
      request: keptBytes.nullable().meta({ description: 'What the client sent beyond the entry.' }),
      response: keptBytes.nullable().meta({ description: 'What the client was sent.' }),
    })
    .nullable()
    .meta({ description: 'Of one that was denied or refused, what its client was told; it never ran.' }),
  noResult: z.enum(['denied', 'not-forwarded', 'waits', 'runs', 'not-recorded', 'far-away']).nullable().meta({
    description:
      'Why there is none. `denied`: it never ran. `not-forwarded`: people did not let it. `waits`, `runs`: the recording goes on. `not-recorded`: nobody could say how it ended; it may have run. `far-away`: its result comes after more entries than one call looks through.',
  }),
  fetches: z.array(z.object({ seq: z.int(), rows: z.number().nullable() })).meta({
    description: 'Later results with rows of this statement, which the client fetched from a cursor: the first 100.',
  }),
  times: z
    .object({
      arrivedUs: z.number().nullable(),
      judgedUs: z.number(),
      decidedUs: z.number().nullable(),
      forwardedUs: z.number().nullable(),
      answeredUs: z.number().nullable(),
    })
    .meta({ description: "On the recording's clock: microseconds since the first entry." }),
  chain: z.object({
    prev: z.string().meta({ description: 'The digest of the entry before, as this entry has it.' }),
    before: z
      .string()
      .nullable()
      .meta({ description: 'The digest of the entry before, computed now; null for the first.' }),
    holds: z.boolean().meta({ description: 'Both are the same.' }),
    digest: z.string().meta({ description: 'SHA-256 of this entry, hex.' }),
    after: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether the entry after it has that digest; null while there is none.' }),
  }),
});
export type RecordedStatementView = z.infer<typeof recordedStatement>;

/** A value of a row: null is NULL, text is text, `hex` are bytes. `bytes` is its whole size; what is shorter was cut. */
const cell = z.union([
  z.null(),
  z.string(),
  z.object({ text: z.string(), bytes: z.int() }).meta({ description: 'The beginning of a long text.' }),
  z.object({ hex: z.string(), bytes: z.int() }),
]);
export type ResultCell = z.infer<typeof cell>;

const column = z.object({
  name: z.string(),
  type: z.string().meta({ description: 'As the target names it.' }),
  table: z.string().nullable().meta({ description: 'The table or alias that it is said to be of.' }),
  numeric: z.boolean(),
});

const resultHead = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rows'),
    columns: z.array(column),
    rows: z.int().meta({ description: 'Rows that are in the recording.' }),
    complete: z.boolean().meta({ description: 'False: the recording has the beginning only, or an error ended it.' }),
  }),
  z.object({
    kind: z.literal('done'),
    changed: z.string().meta({ description: 'Rows that were changed, as a decimal number.' }),
    insertId: z.string().nullable(),
    info: z.string(),
  }),
]);

/** A page of what a statement was answered with, decoded from the bytes that were kept. */
export const recordedResult = z.object({
  operation: z.int(),
  seq: z.int().meta({ description: 'Of the result.' }),
  outcome: z.enum(['ok', 'error', 'unknown']),
  results: z.array(resultHead).meta({ description: 'All of the answer, in their order.' }),
  result: z.int().meta({ description: 'Whose rows these are, from 1.' }),
  page: z.int(),
  pages: z.int().meta({ description: 'Of this result; 0 where it has no rows.' }),
  rows: z.array(z.array(cell)).meta({ description: 'In the order in which they came.' }),
  error: recordedError.nullable(),
  response: keptBytes.nullable(),
  whole: z.boolean().meta({ description: 'The whole answer was kept and decoded.' }),
  unreadable: z
    .enum(['nothing-kept', 'no-protocol', 'bytes-missing', 'altered', 'not-decodable', 'too-large'])
    .nullable()
    .meta({
      description:
        'Why there are no rows to show: nothing was kept; this version does not know the protocol; the bytes are not where the entry says; they have another digest than it says; they are no answer; they are more than is read at once.',
    }),
});
export type RecordedResultView = z.infer<typeof recordedResult>;
