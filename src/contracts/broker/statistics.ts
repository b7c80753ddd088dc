import { z } from 'zod';
import { CLOSE_REASONS } from '../../domain/grant.js';

/** Days that one call covers at most, so that no series has more than some thousand points. */
export const STATISTICS_DAYS_MAX = 31;
/** Days that it covers where the caller names none. */
export const STATISTICS_DAYS_DEFAULT = 7;
/** Points of one series at most; `cut` names the series that have more. */
export const STATISTICS_POINTS_MAX = 20_000;

const day = z.iso.date();

export const statisticsQuery = z.strictObject({
  from: day.optional().meta({ description: 'The first day, in UTC. Absent: six days before the last.' }),
  to: day.optional().meta({ description: 'The last day, in UTC, which is included. Absent: today.' }),
  target: z.string().min(1).max(100).optional().meta({ description: 'Of this target alone. Absent: of all.' }),
});
export type StatisticsQuery = z.infer<typeof statisticsQuery>;

const time = z.iso.datetime();
const count = z.int().nonnegative();

/** The series of {@link statisticsView}, by which `cut` names them. */
export const STATISTICS_SERIES = ['statements', 'decisions', 'changes', 'tasks'] as const;

const statementsPoint = z.object({
  at: time.meta({ description: 'The beginning of the hour.' }),
  target: z.string(),
  allow: count,
  hold: count,
  deny: count,
});

const decisionsPoint = z.object({
  day,
  group: z.string().nullable().meta({
    description: 'Of which a decision had to come; null: of any approver. A question to two groups counts for each.',
  }),
  asked: count.meta({ description: 'Questions that were asked on this day.' }),
  decided: count.meta({
    description:
      'Of these, those that people have approved or denied; not an approval that ended with its grant, unused.',
  }),
  timedOut: count.meta({ description: 'Of these, those that nobody answered in time.' }),
  p50Ms: z.int().nullable().meta({ description: 'From asked to decided; null where none was decided.' }),
  p90Ms: z.int().nullable(),
});

const openPoint = z.object({
  fromSeconds: count.meta({ description: 'Questions that have waited so long or longer,' }),
  toSeconds: z.int().nullable().meta({ description: 'and less than this; null: any longer.' }),
  questions: count,
});

const changesPoint = z.object({
  day,
  target: z.string(),
  verb: z.string().meta({ description: "The statement's kind, such as `update`." }),
  rows: count.meta({ description: 'Rows that these statements changed, as the target said.' }),
  approvedFailed: count.meta({
    description:
      'Statements that people had approved and that ended with an error; one that changed more rows than was approved was rolled back.',
  }),
});

const tasksPoint = z.object({
  day: day.meta({ description: 'On which the task was closed.' }),
  reason: z.enum(CLOSE_REASONS),
  tasks: count,
});

/** What the overview plots. Points that would be zero are left out. Days and hours are of UTC. */
export const statisticsView = z
  .object({
    from: day,
    to: day,
    target: z.string().nullable(),
    takenAt: time,
    statements: z.array(statementsPoint).meta({ description: 'Recorded statements by hour, target and verdict.' }),
    decisions: z.array(decisionsPoint).meta({ description: 'How long questions waited, by the day they were asked.' }),
    open: z.array(openPoint).meta({ description: 'Questions that are open now, by how long they have waited.' }),
    changes: z.array(changesPoint).meta({ description: 'Rows changed by day, target and verb.' }),
    tasks: z.array(tasksPoint).meta({ description: 'Tasks by the day on which they were closed, and why.' }),
    cut: z.array(z.enum(STATISTICS_SERIES)).meta({
      description: `Series that have more than ${STATISTICS_POINTS_MAX} points, of which the newest are here: ask for fewer days or for one target.`,
    }),
  })
  .meta({ id: 'Statistics' });
export type StatisticsView = z.infer<typeof statisticsView>;
