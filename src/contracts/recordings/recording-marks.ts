import { z } from 'zod';
import { MARK_KINDS } from '../../domain/recorded.js';

/**
 * A place in a recording that a reader jumps to. `write`: an operation that may have changed the target and was not kept
 * from it. `held`: one that people were asked about. `denied`: one that policies or people denied, or that was refused
 * before it was judged. `error`: one that failed, or whose outcome is unknown; not the
 * refusal of one that was denied. `session`: one was opened or refused.
 */
const mark = z.object({
  seq: z.int().meta({
    description:
      'The entry: of an operation its own, also for its error; else that of the result, the refusal or the session.',
  }),
  monoUs: z.number().meta({ description: 'When, in microseconds since the first entry.' }),
  kind: z.enum(MARK_KINDS),
  operation: z.int().nullable(),
  session: z.int().nullable().meta({ description: 'Null for a session that was refused.' }),
});
export type RecordingMark = z.infer<typeof mark>;

/**
 * The index of a recording. It is derived from the entries and is no evidence: it leads to entries, which are. Of a
 * recording that goes on it says what was written so far.
 */
export const recordingMarks = z.object({
  state: z.enum(['recording', 'sealed']),
  entries: z.int(),
  statements: z.int(),
  durationUs: z.number().meta({ description: 'From the first entry to the last, in microseconds.' }),
  firstAt: z.iso
    .datetime()
    .nullable()
    .meta({ description: 'When the first entry was made; null while there is none.' }),
  counts: z
    .object({ writes: z.int(), errors: z.int(), held: z.int(), denied: z.int(), sessions: z.int() })
    .meta({ description: 'Exact, also where marks were left out.' }),
  marks: z.array(mark).meta({ description: 'By `seq`.' }),
  thinned: z.array(z.object({ kind: z.enum(MARK_KINDS), of: z.int(), every: z.int() })).meta({
    description:
      'The kinds of which marks were left out since there are too many: of `of` each `every`th is here, from the first on. The entries between are found with `…/entries`.',
  }),
  bucketUs: z.number().meta({ description: 'Microseconds of one bucket of `density`.' }),
  density: z.array(z.int()).meta({ description: 'Operations in each bucket of the time from the first entry on.' }),
  lacks: z
    .object({
      cutAnswers: z.int().meta({ description: 'Results of whose answer only the beginning was kept, or nothing.' }),
      unknownOutcomes: z.int().meta({ description: 'Operations that were forwarded and whose answer never came.' }),
      interrupted: z.boolean().meta({ description: 'The gateway died, and a worker closed the recording.' }),
      damage: z.object({ where: z.string(), what: z.string() }).nullable().meta({
        description: 'What was damaged before the recording was sealed. What came after it is not in the recording.',
      }),
    })
    .meta({ description: 'What is not in the recording.' }),
});
export type RecordingMarks = z.infer<typeof recordingMarks>;
