import { Inject, Injectable } from '@nestjs/common';
import {
  STATISTICS_DAYS_DEFAULT,
  STATISTICS_DAYS_MAX,
  STATISTICS_POINTS_MAX,
  type StatisticsQuery,
  type StatisticsView,
} from '../../contracts/broker/statistics.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import {
  QUESTIONS_READ_MAX,
  StatisticsRepository,
  type StatementCount,
  type StatisticsRange,
} from '../../persistence/statements/statistics.repository.js';
import { CLOCK } from '../modules/tokens.js';
import { changesOf, decisionsOf, openOf, OPEN_AGES, statementsOf, tasksOf } from './statistics-series.js';

const DAY_MS = 86_400_000;
/** One reading of statements: of a busy day the state database has no more to read at a time than of a quarter. */
const READING_MS = DAY_MS / 4;

/** What the overview plots. */
@Injectable()
export class StatisticsService {
  constructor(
    private readonly statistics: StatisticsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look({ from, to, target }: StatisticsQuery): Promise<StatisticsView> {
    const nowMs = this.clock.nowMs();
    const lastMs = to === undefined ? Math.floor(nowMs / DAY_MS) * DAY_MS : dayMs(to);
    const firstMs = from === undefined ? lastMs - (STATISTICS_DAYS_DEFAULT - 1) * DAY_MS : dayMs(from);
    const days = (lastMs - firstMs) / DAY_MS + 1;
    if (days < 1) throw refused('`from` is after `to`.');
    if (days > STATISTICS_DAYS_MAX) throw refused(`One call covers ${STATISTICS_DAYS_MAX} days at most.`);
    const range: StatisticsRange = { fromMs: firstMs, toMs: lastMs + DAY_MS, target };
    const [counts, questions, open, tasks] = await Promise.all([
      this.#counts(range),
      this.statistics.questions(range),
      this.statistics.openQuestions(OPEN_AGES, target),
      this.statistics.tasks(range),
    ]);
    const series = {
      statements: statementsOf(counts),
      decisions: decisionsOf(questions.slice(0, QUESTIONS_READ_MAX)),
      changes: changesOf(counts),
      tasks: tasksOf(tasks),
    };
    const isCut = { ...lengths(series), decisions: questions.length > QUESTIONS_READ_MAX };
    return {
      from: dayOf(firstMs),
      to: dayOf(lastMs),
      target: target ?? null,
      takenAt: new Date(nowMs).toISOString(),
      statements: series.statements.slice(-STATISTICS_POINTS_MAX),
      decisions: series.decisions,
      open: openOf(open),
      changes: series.changes.slice(-STATISTICS_POINTS_MAX),
      tasks: series.tasks,
      cut: (['statements', 'decisions', 'changes', 'tasks'] as const).filter((name) => isCut[name]),
    };
  }

  /** One reading after the other: each is short, and together they do not take the state database from those who work. */
  async #counts({ fromMs, toMs, target }: StatisticsRange): Promise<readonly StatementCount[]> {
    const counts: StatementCount[] = [];
    for (let at = fromMs; at < toMs; at += READING_MS) {
      counts.push(...(await this.statistics.statements({ fromMs: at, toMs: at + READING_MS, target })));
    }
    return counts;
  }
}

type Lengths<T> = { readonly [Name in keyof T]: boolean };

function lengths<T extends Readonly<Record<string, readonly unknown[]>>>(series: T): Lengths<T> {
  const long = Object.entries(series).map(([name, points]) => [name, points.length > STATISTICS_POINTS_MAX]);
  return Object.fromEntries(long) as Lengths<T>;
}

function dayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refused(detail: string): BrokerError {
  return new BrokerError('request_invalid', { detail });
}
