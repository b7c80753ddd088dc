import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { CLOSE_REASONS } from '../../domain/grant.js';
import type { CountedQuestion, StatementCount, TaskCount } from '../../persistence/statements/statistics.repository.js';

/** Seconds between the bars of questions that are open: a minute, five, a quarter of an hour, an hour, a day. */
export const OPEN_AGES = [60, 300, 900, 3_600, 86_400] as const;

/** Statements by hour, target and verdict. */
export function statementsOf(counts: readonly StatementCount[]): StatisticsView['statements'] {
  const points = new Map<string, StatisticsView['statements'][number]>();
  for (const { hourMs, target, verdict, statements } of counts) {
    const key = `${hourMs} ${target}`;
    const point = points.get(key) ?? { at: new Date(hourMs).toISOString(), target, allow: 0, hold: 0, deny: 0 };
    if (verdict === 'allow' || verdict === 'hold' || verdict === 'deny') point[verdict] += statements;
    points.set(key, point);
  }
  return [...points.values()].sort((a, b) => compare(a.at, b.at) || compare(a.target, b.target));
}

/** Rows changed by day, target and verb. */
export function changesOf(counts: readonly StatementCount[]): StatisticsView['changes'] {
  const points = new Map<string, StatisticsView['changes'][number]>();
  for (const { hourMs, target, kind: verb, changedRows, approvedFailed } of counts) {
    if (changedRows === 0 && approvedFailed === 0) continue;
    const day = dayOf(hourMs);
    const key = JSON.stringify([day, target, verb]);
    const point = points.get(key) ?? { day, target, verb, rows: 0, approvedFailed: 0 };
    point.rows = Math.min(Number.MAX_SAFE_INTEGER, point.rows + changedRows);
    point.approvedFailed += approvedFailed;
    points.set(key, point);
  }
  return [...points.values()].sort(
    (a, b) => compare(a.day, b.day) || compare(a.target, b.target) || compare(a.verb, b.verb),
  );
}

/** How long questions waited, by the day on which they were asked and the groups that had to answer. */
export function decisionsOf(questions: readonly CountedQuestion[]): StatisticsView['decisions'] {
  const points = new Map<string, { day: string; group: string | null; asked: CountedQuestion[] }>();
  for (const question of questions) {
    const day = dayOf(question.askedAtMs);
    for (const group of question.groups.length === 0 ? [null] : question.groups) {
      const key = JSON.stringify([day, group]);
      const point = points.get(key) ?? { day, group, asked: [] };
      point.asked.push(question);
      points.set(key, point);
    }
  }
  return [...points.values()]
    .sort((a, b) => compare(a.day, b.day) || compare(a.group ?? '', b.group ?? ''))
    .map(({ day, group, asked }) => {
      const waits = asked.flatMap(waitOf).sort((a, b) => a - b);
      const timedOut = asked.filter(({ state }) => state === 'timed-out').length;
      const decided = asked.filter(({ state }) => DECIDED.has(state)).length;
      const [p50Ms, p90Ms] = [atShare(waits, 0.5), atShare(waits, 0.9)];
      return { day, group, asked: asked.length, decided, timedOut, p50Ms, p90Ms };
    });
}

/** How many questions are open, by how long they have waited: one count for each of `OPEN_AGES`, and one beyond. */
export function openOf(counts: readonly number[]): StatisticsView['open'] {
  return counts.map((questions, index) => ({
    fromSeconds: index === 0 ? 0 : (OPEN_AGES[index - 1] ?? 0),
    toSeconds: OPEN_AGES[index] ?? null,
    questions,
  }));
}

export function tasksOf(counts: readonly TaskCount[]): StatisticsView['tasks'] {
  return counts
    .flatMap(({ dayMs, reason: said, tasks }) => {
      const reason = CLOSE_REASONS.find((each) => each === said);
      return reason === undefined ? [] : [{ day: dayOf(dayMs), reason, tasks }];
    })
    .sort((a, b) => compare(a.day, b.day) || compare(a.reason, b.reason));
}

const DECIDED: ReadonlySet<string> = new Set(['approved', 'denied', 'withdrawn']);

/** From asked to settled, of a question that people have answered; when a withdrawn approval was given is not kept. */
function waitOf({ state, askedAtMs, settledAtMs }: CountedQuestion): readonly number[] {
  const isAnswered = (state === 'approved' || state === 'denied') && settledAtMs !== null;
  return isAnswered ? [Math.max(0, settledAtMs - askedAtMs)] : [];
}

/** The smallest of the sorted numbers that this share of them does not exceed. */
function atShare(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
