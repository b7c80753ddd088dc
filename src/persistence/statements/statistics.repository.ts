import { lowestIdAt } from '../../domain/ids.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';

/** Statements of one hour that are alike. */
export interface StatementCount {
  /** Milliseconds since the epoch at the beginning of the hour. */
  readonly hourMs: number;
  readonly target: string;
  readonly kind: string;
  readonly verdict: string;
  readonly statements: number;
  readonly changedRows: number;
  /** Those that people had approved and that ended with an error. */
  readonly approvedFailed: number;
}

/** A question, as far as it is counted. */
export interface CountedQuestion {
  readonly state: string;
  readonly askedAtMs: number;
  readonly settledAtMs: number | null;
  /** The groups of which a decision has to come; any approver where it is empty. */
  readonly groups: readonly string[];
}

export interface TaskCount {
  readonly dayMs: number;
  readonly reason: string;
  readonly tasks: number;
}

/** From `fromMs` up to and without `toMs`; of one target where it is named. */
export interface StatisticsRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly target: string | undefined;
}

/** So many questions are read for one answer; of more the newest. */
export const QUESTIONS_READ_MAX = 50_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const US_PER_MS = 1_000;
/** What waits longest: a grant that was asked for, waited for people, and had all the time that a target can give. */
const GRANT_LIFE_MS_MAX = 9 * DAY_MS;

type Row = Readonly<Record<string, unknown>>;

/** Sums over the index of statements, over approvals and over grants. All days are of UTC. */
export class StatisticsRepository {
  readonly #at: StateAccess;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /**
   * Of some hours, so that each reading ends in time. Statements stand in the order of time: reading all of an hour is
   * less work than looking up those of a target one by one.
   */
  async statements({ fromMs, toMs, target }: StatisticsRange): Promise<readonly StatementCount[]> {
    const targetNo = target === undefined ? undefined : await this.#targetNumber(target);
    if (target !== undefined && targetNo === undefined) return [];
    const rows = await this.#query(
      `SELECT counted.*, target.value AS target, kind.value AS kind FROM (
         SELECT t.at DIV ${HOUR_MS * US_PER_MS} AS hour, t.target_no, t.kind_no, t.verdict, COUNT(*) AS statements,
           SUM(t.changed_rows) AS changed, SUM(t.decision = 'approved' AND t.error_no IS NOT NULL) AS failed
         FROM statements t FORCE INDEX (PRIMARY)
         WHERE t.at >= ? AND t.at < ? ${targetNo === undefined ? '' : 'AND t.target_no = ?'}
         GROUP BY hour, t.target_no, t.kind_no, t.verdict
       ) counted
       JOIN statement_terms target ON target.term_no = counted.target_no
       JOIN statement_terms kind ON kind.term_no = counted.kind_no`,
      [fromMs * US_PER_MS, toMs * US_PER_MS, ...(targetNo === undefined ? [] : [targetNo])],
    );
    return rows.map((row) => ({
      hourMs: Number(row['hour']) * HOUR_MS,
      target: String(row['target']),
      kind: String(row['kind']),
      verdict: String(row['verdict']),
      statements: Number(row['statements']),
      changedRows: Number(row['changed'] ?? 0),
      approvedFailed: Number(row['failed'] ?? 0),
    }));
  }

  /** Questions that were asked in the range, the newest first. */
  async questions({ fromMs, toMs, target }: StatisticsRange): Promise<readonly CountedQuestion[]> {
    // Ids begin with the time at which they were made, which is when the question was asked, or just before.
    const rows = await this.#query(
      `SELECT state, asked_at, settled_at, JSON_EXTRACT(summary, '$.terms.approvers') AS groups_asked FROM approvals
       WHERE id >= ? AND id < ? AND asked_at >= ? AND asked_at < ? ${target === undefined ? '' : 'AND target_name = ?'}
       ORDER BY id DESC LIMIT ${QUESTIONS_READ_MAX + 1}`,
      [lowestIdAt(fromMs - DAY_MS), lowestIdAt(toMs + DAY_MS), fromMs, toMs, ...(target === undefined ? [] : [target])],
    );
    return rows.map((row) => ({
      state: String(row['state']),
      askedAtMs: Number(row['asked_at']),
      settledAtMs: row['settled_at'] === null ? null : Number(row['settled_at']),
      groups: groupsIn(row['groups_asked']),
    }));
  }

  /** How many questions are open, by the first of these ages in seconds that they have not reached; the last is beyond all. */
  async openQuestions(ages: readonly number[], target: string | undefined): Promise<readonly number[]> {
    const age = `(${NOW_MS_SQL} - asked_at)`;
    const steps = [0, ...ages].map((fromSeconds, index) => {
      const upTo = ages[index];
      const isYounger = upTo === undefined ? '' : `AND ${age} < ${upTo * 1_000}`;
      const isOlder = fromSeconds === 0 ? 'TRUE' : `${age} >= ${fromSeconds * 1_000}`;
      return `COALESCE(SUM(${isOlder} ${isYounger}), 0) AS step_${index}`;
    });
    const [row] = await this.#query(
      `SELECT ${steps.join(', ')} FROM approvals
       WHERE state = 'pending' AND expires_at > ${NOW_MS_SQL} ${target === undefined ? '' : 'AND target_name = ?'}`,
      target === undefined ? [] : [target],
    );
    return steps.map((_, index) => Number(row?.[`step_${index}`] ?? 0));
  }

  /** Tasks by the day on which they were closed, and why. */
  async tasks({ fromMs, toMs, target }: StatisticsRange): Promise<readonly TaskCount[]> {
    const rows = await this.#query(
      `SELECT closing_at DIV ${DAY_MS} AS day, close_reason, COUNT(*) AS tasks FROM grants
       WHERE id >= ? AND id < ? AND close_reason IS NOT NULL AND closing_at >= ? AND closing_at < ?
         ${target === undefined ? '' : 'AND target_name = ?'}
       GROUP BY day, close_reason`,
      [
        lowestIdAt(fromMs - GRANT_LIFE_MS_MAX),
        lowestIdAt(toMs + DAY_MS),
        fromMs,
        toMs,
        ...(target === undefined ? [] : [target]),
      ],
    );
    return rows.map((row) => ({
      dayMs: Number(row['day']) * DAY_MS,
      reason: String(row['close_reason']),
      tasks: Number(row['tasks']),
    }));
  }

  async #targetNumber(name: string): Promise<number | undefined> {
    const [row] = await this.#query("SELECT term_no FROM statement_terms WHERE kind = 'target' AND value = ?", [name]);
    return row === undefined ? undefined : Number(row['term_no']);
  }

  #query(query: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return atState(() => managerOf(this.#at).query(query, [...values]));
  }
}

function groupsIn(json: unknown): readonly string[] {
  const groups: unknown = typeof json === 'string' ? JSON.parse(json) : json;
  return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
}
