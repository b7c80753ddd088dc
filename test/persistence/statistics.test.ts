import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statisticsQuery, statisticsView, type StatisticsView } from '../../src/contracts/broker/statistics.js';
import { StatisticsService } from '../../src/control/statistics/statistics.service.js';
import { lowestIdAt, newGrantId } from '../../src/domain/ids.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { StatisticsRepository } from '../../src/persistence/statements/statistics.repository.js';
import { insertActiveGrant } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { placeQuestion, type PlacedQuestion } from '../support/placed-questions.js';
import { placeStatements } from '../support/indexed-statements.js';

const NOW_MS = Date.parse('2026-11-29T12:30:00Z');
const MINUTE_MS = 60_000;

describe.each(engines())('statistics on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await source.runMigrations();
    await placeStatements(source, { target: 'shop' }, [
      { at: '2026-11-27T23:59:59.999999Z', kind: 'update', verdict: 'hold', changed: 4, decision: 'approved' },
      { at: '2026-11-28T00:00:00Z' },
      { at: '2026-11-28T00:10:00Z' },
      { at: '2026-11-28T00:59:59.999999Z', kind: 'delete', verdict: 'deny', error: { code: '1227', state: '42000' } },
      { at: '2026-11-28T01:00:00Z', kind: 'update', changed: 9_000_000_000 },
      { at: '2026-11-28T09:00:00Z', kind: 'update', changed: 6 },
      {
        at: '2026-11-28T09:30:00Z',
        kind: 'delete',
        verdict: 'hold',
        decision: 'approved',
        error: { code: '1105', state: 'HY000' },
      },
    ]);
    await placeStatements(source, { target: 'wiki' }, [{ at: '2026-11-28T00:30:00Z', kind: 'insert', changed: 1 }]);
    await ask({ askedAt: '2026-11-28T08:00:00Z', minutes: 1, state: 'approved', groups: ['dba'] });
    await ask({ askedAt: '2026-11-28T08:10:00Z', minutes: 2, state: 'approved', groups: ['dba', 'security'] });
    await ask({ askedAt: '2026-11-28T08:20:00Z', minutes: 30, state: 'denied', groups: ['dba'] });
    await ask({ askedAt: '2026-11-28T08:30:00Z', minutes: 60, state: 'timed-out', groups: ['security'] });
    await ask({ askedAt: '2026-11-28T08:40:00Z', minutes: 5, state: 'approved', groups: [], target: 'wiki' });
    await ask({ askedAt: '2026-11-28T23:59:59Z', minutes: 1, state: 'cancelled', groups: [] });
    await ask({ askedAt: '2026-11-27T08:00:00Z', minutes: 1, state: 'approved', groups: ['dba'] });
    for (const [reason, closedAt] of [
      ['completed', '2026-11-28T00:00:00Z'],
      ['completed', '2026-11-28T23:59:59Z'],
      ['expired', '2026-11-28T12:00:00Z'],
      ['revoked', '2026-11-27T12:00:00Z'],
    ] as const) {
      const closingAtMs = Date.parse(closedAt);
      const id = newGrantId();
      const requested = lowestIdAt(closingAtMs - 20 * MINUTE_MS).slice(0, 10) + id.slice(10);
      await insertActiveGrant(source, { id: requested, state: 'sealed', closeReason: reason, closingAtMs });
    }
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  interface Asked extends Omit<PlacedQuestion, 'askedAtMs' | 'settledAtMs'> {
    readonly askedAt: string;
    readonly minutes: number | null;
  }

  function ask({ askedAt, minutes, ...question }: Asked): Promise<void> {
    const askedAtMs = Date.parse(askedAt);
    const settledAtMs = minutes === null ? null : askedAtMs + minutes * MINUTE_MS;
    return placeQuestion(source, { ...question, askedAtMs, settledAtMs });
  }

  async function look(query: object): Promise<StatisticsView> {
    const clock = { ...systemClock, nowMs: () => NOW_MS };
    const service = new StatisticsService(new StatisticsRepository(source), clock);
    const view = await service.look(statisticsQuery.parse(query));
    expect(statisticsView.parse(view)).toEqual(view);
    return view;
  }

  const DAY = { from: '2026-11-28', to: '2026-11-28' };

  it('count statements by hour, target and verdict, of exactly the days that are asked for', async () => {
    const { statements, from, to, target, cut } = await look(DAY);
    expect({ from, to, target, cut }).toEqual({ ...DAY, target: null, cut: [] });
    expect(statements).toEqual([
      { at: '2026-11-28T00:00:00.000Z', target: 'shop', allow: 2, hold: 0, deny: 1 },
      { at: '2026-11-28T00:00:00.000Z', target: 'wiki', allow: 1, hold: 0, deny: 0 },
      { at: '2026-11-28T01:00:00.000Z', target: 'shop', allow: 1, hold: 0, deny: 0 },
      { at: '2026-11-28T09:00:00.000Z', target: 'shop', allow: 1, hold: 1, deny: 0 },
    ]);
    expect((await look({ ...DAY, target: 'wiki' })).statements).toHaveLength(1);
    expect((await look({ ...DAY, target: 'nowhere' })).statements).toEqual([]);
  });

  it('sum up the rows that were changed, by day, target and verb, and approved statements that failed', async () => {
    const { changes } = await look({ from: '2026-11-27', to: '2026-11-28' });
    expect(changes).toEqual([
      { day: '2026-11-27', target: 'shop', verb: 'update', rows: 4, approvedFailed: 0 },
      { day: '2026-11-28', target: 'shop', verb: 'delete', rows: 0, approvedFailed: 1 },
      { day: '2026-11-28', target: 'shop', verb: 'update', rows: 9_000_000_006, approvedFailed: 0 },
      { day: '2026-11-28', target: 'wiki', verb: 'insert', rows: 1, approvedFailed: 0 },
    ]);
  });

  it('say how long questions waited, by the day they were asked and by group', async () => {
    const { decisions } = await look(DAY);
    expect(decisions).toEqual([
      {
        day: '2026-11-28',
        group: null,
        asked: 2,
        decided: 1,
        timedOut: 0,
        p50Ms: 5 * MINUTE_MS,
        p90Ms: 5 * MINUTE_MS,
      },
      {
        day: '2026-11-28',
        group: 'dba',
        asked: 3,
        decided: 3,
        timedOut: 0,
        p50Ms: 2 * MINUTE_MS,
        p90Ms: 30 * MINUTE_MS,
      },
      {
        day: '2026-11-28',
        group: 'security',
        asked: 2,
        decided: 1,
        timedOut: 1,
        p50Ms: 2 * MINUTE_MS,
        p90Ms: 2 * MINUTE_MS,
      },
    ]);
    expect((await look({ ...DAY, target: 'wiki' })).decisions).toMatchObject([{ group: null, asked: 1 }]);
  });

  it('count the tasks that were closed, by day and reason', async () => {
    expect((await look(DAY)).tasks).toEqual([
      { day: '2026-11-28', reason: 'completed', tasks: 2 },
      { day: '2026-11-28', reason: 'expired', tasks: 1 },
    ]);
  });

  it('count what is open now by how long it has waited', async () => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
    for (const minutes of [0, 3, 3, 50, 3_000]) {
      await ask({ askedAt: ago(minutes), minutes: null, state: 'pending', groups: [] });
    }
    const { open } = await look(DAY);
    expect(open.map(({ questions: waiting }) => waiting)).toEqual([1, 2, 0, 1, 0, 1]);
    expect(open[0]).toEqual({ fromSeconds: 0, toSeconds: 60, questions: 1 });
    expect(open.at(-1)).toEqual({ fromSeconds: 86_400, toSeconds: null, questions: 1 });
  });

  it('cover the last seven days by themselves, and no more than a month', async () => {
    expect(await look({})).toMatchObject({ from: '2026-11-23', to: '2026-11-29' });
    expect(await look({ to: '2026-11-10' })).toMatchObject({ from: '2026-11-04', to: '2026-11-10' });
    await expect(look({ from: '2026-10-01', to: '2026-11-28' })).rejects.toThrow('request_invalid');
    await expect(look({ from: '2026-11-28', to: '2026-11-27' })).rejects.toThrow('request_invalid');
    expect(statisticsQuery.safeParse({ from: 'yesterday' }).success).toBe(false);
  });
});
