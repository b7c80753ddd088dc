import type { StatisticsView } from '../../contracts/broker/statistics.js';
import type { PlotValues, PlotTone } from '../parts/plot/plot-values.js';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

type Days = Pick<StatisticsView, 'from' | 'to'>;

/** What a plot of times needs: every step of the range, and one value for each. */
export interface TimedValues {
  readonly xs: readonly number[];
  readonly series: readonly PlotValues[];
}

/** Each hour of the range. */
export function hoursOf({ from, to }: Days): readonly number[] {
  return stepsOf(from, to, HOUR_SECONDS);
}

/** Each day of the range. */
export function daysOf({ from, to }: Days): readonly number[] {
  return stepsOf(from, to, DAY_SECONDS);
}

/** How often each verdict came in each hour, all targets together. */
export function verdictsByHour(
  view: Days & Pick<StatisticsView, 'statements'>,
  labels: Readonly<Record<'allow' | 'hold' | 'deny', string>>,
): TimedValues {
  const xs = hoursOf(view);
  const of = (verdict: 'allow' | 'hold' | 'deny', tone: PlotTone): PlotValues => ({
    label: labels[verdict],
    tone,
    values: summed(
      xs,
      view.statements.map(({ at, ...point }) => [secondsOf(at), point[verdict]] as const),
    ),
  });
  return { xs, series: [of('deny', 3), of('hold', 2), of('allow', 1)] };
}

/** Tasks by day, one series for each reason that occurs. */
export function tasksByDay(
  view: Days & Pick<StatisticsView, 'tasks'>,
  labels: Readonly<Record<StatisticsView['tasks'][number]['reason'], string>>,
): TimedValues {
  const xs = daysOf(view);
  const tones = { completed: 1, expired: 2, failed: 3, revoked: 4, drained: 5 } as const;
  const reasons = (Object.keys(tones) as (keyof typeof tones)[]).filter((reason) =>
    view.tasks.some((point) => point.reason === reason),
  );
  const series = reasons.map((reason) => ({
    label: labels[reason],
    tone: tones[reason],
    values: summed(
      xs,
      view.tasks.filter((point) => point.reason === reason).map(({ day, tasks }) => [secondsOf(day), tasks] as const),
    ),
  }));
  return { xs, series };
}

/** Verbs beyond the ones that changed most are one series together. */
const VERBS_MAX = 4;

export interface ChangedValues extends TimedValues {
  /** Places of days on which approved statements failed. */
  readonly marked: readonly number[];
}

/** Rows changed by day and verb, all targets together; null where none were, since a scale of powers has no zero. */
export function changesByDay(view: Days & Pick<StatisticsView, 'changes'>, others: string): ChangedValues {
  const xs = daysOf(view);
  const sums = new Map<string, number>();
  for (const { verb, rows } of view.changes) sums.set(verb, (sums.get(verb) ?? 0) + rows);
  const verbs = [...sums]
    .filter(([, rows]) => rows > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([verb]) => verb);
  const named = verbs.length > VERBS_MAX + 1 ? verbs.slice(0, VERBS_MAX) : verbs;
  const rest = verbs.filter((verb) => !named.includes(verb));
  const groups = [
    ...named.map((verb) => ({ label: verb, of: [verb] })),
    ...(rest.length === 0 ? [] : [{ label: others, of: rest }]),
  ];
  const series = groups.map(({ label, of }, index) => ({
    label,
    tone: toneAt(index),
    values: summed(
      xs,
      view.changes.filter(({ verb }) => of.includes(verb)).map(({ day, rows }) => [secondsOf(day), rows] as const),
    ).map((rows) => (rows === 0 ? null : rows)),
  }));
  const failed = summed(
    xs,
    view.changes.map(({ day, approvedFailed }) => [secondsOf(day), approvedFailed] as const),
  );
  return { xs, series, marked: failed.flatMap((count, at) => (count > 0 ? [at] : [])) };
}

export interface DecisionLabels {
  readonly p50: string;
  readonly p90: string;
  readonly timedOut: string;
}

/** Seconds until half and nine of ten questions of one group were decided, and the share that timed out, in per cent. */
export function waitsByDay(
  view: Days & Pick<StatisticsView, 'decisions'>,
  group: string | null,
  labels: DecisionLabels,
): TimedValues {
  const xs = daysOf(view);
  const byDay = new Map(
    view.decisions.filter((point) => point.group === group).map((point) => [secondsOf(point.day), point]),
  );
  const values = (of: (point: StatisticsView['decisions'][number]) => number | null): readonly (number | null)[] =>
    xs.map((x) => {
      const point = byDay.get(x);
      return point === undefined ? null : of(point);
    });
  const inSeconds = (ms: number | null): number | null => (ms === null ? null : Math.max(1, ms / 1_000));
  return {
    xs,
    series: [
      { label: labels.p50, tone: 1, values: values(({ p50Ms }) => inSeconds(p50Ms)) },
      { label: labels.p90, tone: 2, values: values(({ p90Ms }) => inSeconds(p90Ms)) },
      {
        label: labels.timedOut,
        tone: 3,
        isShare: true,
        values: values(({ asked, timedOut }) => (100 * timedOut) / asked),
      },
    ],
  };
}

function toneAt(index: number): PlotTone {
  const tones = [1, 2, 3, 4, 5] as const;
  return tones[index % tones.length] ?? 5;
}

function stepsOf(from: string, to: string, seconds: number): readonly number[] {
  const first = secondsOf(from);
  const count = (secondsOf(to) + DAY_SECONDS - first) / seconds;
  return Array.from({ length: count }, (_, index) => first + index * seconds);
}

function summed(xs: readonly number[], points: readonly (readonly [number, number])[]): readonly number[] {
  const sums = new Map<number, number>();
  for (const [x, value] of points) sums.set(x, (sums.get(x) ?? 0) + value);
  return xs.map((x) => sums.get(x) ?? 0);
}

/** Of a day or a time. */
function secondsOf(time: string): number {
  return Date.parse(time) / 1_000;
}
