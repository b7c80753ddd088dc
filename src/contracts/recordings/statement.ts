import { z } from 'zod';
import { VERDICTS } from '../../domain/verdict.js';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../call-limits.js';
import { idSchema, timeQuery } from '../page.js';
import { protocolOfTarget } from '../protocol-value.js';
import { sponsorView } from '../sponsor.js';

/** Words and phrases of one search; more say nothing that fewer do not. */
export const SEARCH_WORDS_MAX = 8;
/** A count is exact up to here. */
export const SEARCH_COUNT_MAX = 10_000;
/** Tasks whose title has the words of a search, besides the statements. */
export const SEARCH_TASKS_MAX = 10;

/** How the waiting of a held statement ended; `pending`: it waits. */
export const STATEMENT_DECISIONS = [
  'pending',
  'approved',
  'denied',
  'timed-out',
  'cancelled',
  'withdrawn',
  'abandoned',
] as const;
export type StatementDecision = (typeof STATEMENT_DECISIONS)[number];

const facet = z.string().min(1).max(200);

export const statementSearchQuery = z.strictObject({
  text: z.string().min(1).max(500).optional().meta({
    description:
      'Words that all stand in the statement or its bound values, anywhere, also within a name. Case does not matter. A phrase stands in double quotes.',
  }),
  principal: facet.optional().meta({ description: 'The name of the one whose grant it was.' }),
  sponsor: facet.optional().meta({ description: 'The name of the one who answers for the agent.' }),
  target: facet.optional(),
  table: facet.optional().meta({ description: '`database.table`, or `table` in any database. Case does not matter.' }),
  kind: facet.optional().meta({ description: 'What the statement is: `select`, `create table`.' }),
  verdict: z.enum(VERDICTS).optional(),
  decision: z.enum(STATEMENT_DECISIONS).optional(),
  error: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .meta({ description: 'The code or the state of the error that it ended with; `any` for any error.' }),
  rowsMin: z.coerce.number().int().min(1).optional().meta({ description: 'It read or changed so many rows or more.' }),
  durationMinMs: z.coerce.number().int().min(1).optional(),
  from: timeQuery.optional().meta({ description: 'Statements of this time or later.' }),
  to: timeQuery.optional().meta({ description: 'Statements before this time.' }),
  grant: idSchema.optional(),
  task: facet.optional().meta({ description: 'Words in the title or the reference of the task.' }),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().min(1).max(200).optional().meta({ description: 'The `next` of the page before.' }),
});
export type StatementSearchQuery = z.infer<typeof statementSearchQuery>;

const time = z.iso.datetime();
const ranges = z
  .array(z.tuple([z.int(), z.int()]))
  .meta({ description: 'Where the words of the search stand: from and to in UTF-16 units, `to` not included.' });
const task = z.object({ title: z.string(), reference: z.string().nullable() });

/** A recorded statement as a search shows it. All texts are as they were sent: hidden characters are in them. */
export const statementView = z.object({
  grant: idSchema,
  seq: z.int().meta({ description: 'The number of its entry in the recording.' }),
  operation: z.int(),
  at: time,
  principal: z.string(),
  sponsor: sponsorView.nullable(),
  target: z.string(),
  protocol: protocolOfTarget,
  database: z.string().nullable(),
  kind: z.string().meta({
    description:
      'What it is, such as `select`; `unknown` where it was not understood; of a protocol that this version does not know, its name.',
  }),
  tables: z.array(z.string()),
  verdict: z.enum(VERDICTS),
  decision: z.enum(STATEMENT_DECISIONS).nullable().meta({ description: 'Null: nobody was asked.' }),
  decidedBy: z.array(z.string()),
  error: z
    .object({ code: z.string(), state: z.string().nullable() })
    .nullable()
    .meta({ description: 'What it ended with, in the words of its protocol.' }),
  rows: z.int().nullable().meta({ description: 'Rows that it read; null: not known, or it read none.' }),
  changed: z.int().nullable().meta({ description: 'Rows that it changed; null: not known, or it changes none.' }),
  durationUs: z.int().nullable().meta({ description: 'Null: it has not been answered.' }),
  excerpt: z.string(),
  excerptCut: z
    .object({ start: z.boolean(), end: z.boolean() })
    .meta({ description: 'Text before or after the excerpt is left out.' }),
  match: ranges,
  values: z
    .object({ text: z.string(), match: ranges })
    .nullable()
    .meta({ description: 'The values bound to it, where words of the search stand in them.' }),
  isTextCut: z
    .boolean()
    .meta({ description: 'The index has only the beginning of the text; the recording has all of it.' }),
  task,
  live: z.boolean().meta({ description: 'Its recording is not sealed yet.' }),
});
export type StatementView = z.infer<typeof statementView>;

/** What a search looked at, and in sentences what it did not. */
export const searchedView = z.object({
  from: time.nullable().meta({ description: 'How far back statements were looked at; null: to the first.' }),
  to: time.nullable().meta({ description: 'Up to when; null: to the last that is in the index.' }),
  texts: z.enum(['all', 'fingerprints', 'window']).meta({
    description:
      '`all`: every text in the time. `fingerprints`: every text back to `textsFrom`, and before that only the wording without values. `window`: every text back to `textsFrom`, and nothing before it.',
  }),
  textsFrom: time.nullable().meta({ description: 'Null where `texts` is `all`.' }),
  notSearched: z.array(z.string()),
});

export const statementSearchPage = z.object({
  items: z.array(statementView),
  next: z
    .string()
    .nullable()
    .meta({ description: 'Goes into `cursor`. A page may have fewer items than `limit`, or none, and go on.' }),
  count: z.object({
    value: z.int(),
    exact: z.boolean().meta({ description: 'False: there are more, or not everything was counted.' }),
  }),
  tasks: z
    .array(
      z.object({ grant: idSchema, principal: z.string(), target: z.string(), task, openedAt: time, live: z.boolean() }),
    )
    .meta({ description: 'On the first page: the newest tasks with the words in their title or reference.' }),
  searched: searchedView,
});
export type StatementSearchPage = z.infer<typeof statementSearchPage>;
export type SearchedView = z.infer<typeof searchedView>;
