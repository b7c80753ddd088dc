import { describe, expect, it } from 'vitest';
import { changesByDay, daysOf, hoursOf, tasksByDay, verdictsByHour, waitsByDay } from './overview-series.js';

const DAYS = { from: '2026-11-28', to: '2026-11-29' };
const FIRST = Date.parse('2026-11-28') / 1_000;

describe('what the overview plots', () => {
  it('has a place for every hour and every day of the range', () => {
    expect(hoursOf(DAYS)).toHaveLength(48);
    expect(daysOf(DAYS)).toEqual([FIRST, FIRST + 86_400]);
    expect(hoursOf({ from: '2026-11-28', to: '2026-11-28' }).at(-1)).toBe(FIRST + 23 * 3_600);
  });

  it('adds up the verdicts of all targets, with those that matter most at the bottom', () => {
    const { xs, series } = verdictsByHour(
      {
        ...DAYS,
        statements: [
          { at: '2026-11-28T01:00:00.000Z', target: 'shop', allow: 3, hold: 1, deny: 0 },
          { at: '2026-11-28T01:00:00.000Z', target: 'wiki', allow: 4, hold: 0, deny: 2 },
        ],
      },
      { allow: 'allowed', hold: 'held', deny: 'denied' },
    );
    expect(series.map(({ label, values }) => [label, values[1], values.length])).toEqual([
      ['denied', 2, xs.length],
      ['held', 1, xs.length],
      ['allowed', 7, xs.length],
    ]);
  });

  it('shows the reasons that occur, each with the look that it has in every plot', () => {
    const labels = { completed: 'c', expired: 'e', revoked: 'r', drained: 'd', failed: 'f' };
    const { series } = tasksByDay(
      {
        ...DAYS,
        tasks: [
          { day: '2026-11-29', reason: 'failed', tasks: 2 },
          { day: '2026-11-28', reason: 'completed', tasks: 5 },
        ],
      },
      labels,
    );
    expect(series).toEqual([
      { label: 'c', tone: 1, values: [5, 0] },
      { label: 'f', tone: 3, values: [0, 2] },
    ]);
  });

  it('names the verbs that change most and puts the others together; days without changes have no point', () => {
    const verbs = ['update', 'insert', 'delete', 'replace', 'load', 'merge'];
    const changes = verbs.map((verb, at) => ({
      day: '2026-11-29',
      target: 'shop',
      verb,
      rows: 10 ** (6 - at),
      approvedFailed: verb === 'merge' ? 1 : 0,
    }));
    const { series, marked } = changesByDay({ ...DAYS, changes }, 'others');
    expect(series.map(({ label, values }) => [label, values])).toEqual([
      ['update', [null, 1_000_000]],
      ['insert', [null, 100_000]],
      ['delete', [null, 10_000]],
      ['replace', [null, 1_000]],
      ['others', [null, 110]],
    ]);
    expect(new Set(series.map(({ tone }) => tone)).size).toBe(series.length);
    expect(marked).toEqual([1]);
  });

  it('shows how long one group takes, and the share that nobody answered', () => {
    const point = { day: '2026-11-28', asked: 4, decided: 3, timedOut: 1, p50Ms: 90_000, p90Ms: 3_600_000 };
    const { series } = waitsByDay(
      {
        ...DAYS,
        decisions: [
          { ...point, group: 'dba' },
          { ...point, group: null, p50Ms: 200, p90Ms: null },
        ],
      },
      'dba',
      { p50: 'half', p90: 'nine of ten', timedOut: 'timed out' },
    );
    expect(series.map(({ values }) => values)).toEqual([
      [90, null],
      [3_600, null],
      [25, null],
    ]);
  });
});
