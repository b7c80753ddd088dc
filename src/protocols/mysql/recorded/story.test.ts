import { describe, expect, it } from 'vitest';
import { replayedEntry } from '../../../recording/replay/replay-sealed.js';
import { driverNoise } from '../../../recording/replay/step-facts.js';
import * as telling from '../../../recording/replay/step-text.js';
import { type StoryStep, Story } from '../../../recording/replay/story.js';
import * as recorded from '../../../recording/testing/recordings.js';
import type { MysqlEntry, MysqlFields, StatementEntry } from './bodies.js';
import { MYSQL_REPLAY } from './mysql-replay.js';

const stepText = (step: StoryStep) => telling.stepText(step, MYSQL_REPLAY.nouns);

function statement(number: number, text = `SELECT ${number}`): StatementEntry {
  const body = { database: 'shop', text };
  return { ...recorded.statement(number), body };
}

/** The steps of entries that come at these microseconds. */
function stepsOf(...entries: readonly (readonly [mono: number, body: MysqlFields])[]): readonly StoryStep[] {
  const story = new Story({ inFlight: 'one' });
  const teller = MYSQL_REPLAY.teller({ rowsMax: 10 });
  const steps = entries.flatMap(([mono, body], index) => {
    const entry: MysqlEntry = { seq: index + 1, prev: '', at: '2026-01-01T00:00:00.000000Z', mono, ...body };
    teller.follow(entry);
    return story.take(replayedEntry({ entry, written: entry }, teller, undefined));
  });
  return [...steps, ...story.rest()];
}

const answer = (number: number, changed: object = {}): MysqlFields => ({
  type: 'result',
  session: 1,
  operation: number,
  name: 'COM_QUERY',
  outcome: 'ok',
  durationUs: 120,
  body: { results: [{ kind: 'ok', affectedRows: 1, lastInsertId: 0, warnings: 0 }] },
  ...changed,
});

const HELD = [
  [1_000, { ...statement(1, 'UPDATE t SET a = 1'), verdict: 'hold', why: 'It changes rows.' }],
  [
    1_500,
    {
      type: 'approval.asked',
      session: 1,
      operation: 1,
      approval: 'A',
      approvers: [],
      quorum: 1,
      expires: '',
      again: false,
    },
  ],
  [
    3_001_500.25,
    {
      type: 'approval.decided',
      session: 1,
      operation: 1,
      approval: 'A',
      outcome: 'approved',
      decisions: [{ by: 'ann', decision: 'approve', reason: null, at: 'T' }],
    },
  ],
  [3_002_000, { type: 'forwarded', session: 1, operation: 1, approval: 'A', given: ['UPDATE ON shop.t'] }],
  [3_003_000, answer(1, { durationUs: 3_002_200.5 })],
] as const satisfies readonly (readonly [number, MysqlFields])[];

describe('a replay', () => {
  it('tells one statement from its arrival to its answer, in times that add up, without words of the protocol', () => {
    const steps = stepsOf(...HELD);
    expect(steps).toHaveLength(1);
    const { head, body } = stepText(steps[0] ?? never());
    expect([head, ...body]).toEqual([
      '+0.000799s  session 1  statement 1: held, approved, 1 row changed',
      'UPDATE t SET a = 1',
      'why: It changes rows.',
      'asked: any approver, one must approve (approval A)',
      'approved by ann at T',
      'was given for it alone: UPDATE ON shop.t',
      '1 row affected',
      'time: judged 0.201 + waited for people 3000.500 + made ready 0.500 + ran 1.000 = 3002.201 ms',
    ]);
    expect([head, ...body].join()).not.toMatch(/COM_|MYSQL_TYPE/);
  });

  it('says what was not run, and what nobody knows', () => {
    const [denied, unknown, open] = stepsOf(
      [10, { ...statement(1, 'DROP TABLE t'), verdict: 'deny' }],
      [20, answer(1, { outcome: 'error', body: { results: [] }, durationUs: 15 })],
      [30, statement(2, 'DELETE FROM t')],
      [5, answer(2, { outcome: 'unknown', body: { results: [] }, durationUs: 0 })],
      [50, statement(3, 'SELECT 2')],
    ).map(stepText);
    expect(denied).toMatchObject({ head: expect.stringContaining('denied by policy, not run'), tone: 'refused' });
    expect(denied?.body.at(-1)).toBe('time: judged 0.005 + turned away 0.010 = 0.015 ms');
    expect(unknown?.head).toContain('its answer never came, it may have taken effect');
    expect(unknown?.body).toEqual(['DELETE FROM t']);
    expect(open?.head).toContain('no answer is recorded');
  });

  it('keeps sessions apart that work at the same time', () => {
    const other = { ...statement(2, 'SELECT 2'), session: 2 };
    const steps = stepsOf([1, statement(1)], [2, other], [3, answer(2, { session: 2 })], [4, answer(1)]);
    expect(steps.map(({ session }) => session)).toEqual([2, 1]);
  });
});

describe('what drivers do by themselves', () => {
  const noiseOf = (text: string, changed: object = {}): string | undefined =>
    driverNoise(
      stepsOf([1, { ...statement(1, text), ...changed }], [2, answer(1, { body: { results: [] } })])[0] ?? never(),
    );

  it.each([
    'SET NAMES utf8mb4',
    "SET sql_mode = 'STRICT_ALL_TABLES', wait_timeout=28800",
    '/* mysql-connector-j */ SELECT  @@session.auto_increment_increment AS auto_increment_increment, @@tx_isolation',
    'select @@version_comment limit 1',
    'SELECT 1',
    'SELECT DATABASE(), USER() ;',
    "SHOW VARIABLES LIKE 'sql_mode'",
    '/*!40101 SET NAMES utf8 */',
    '-- ping\n',
    'select $$',
  ])('is folded: %j', (text) => {
    expect(noiseOf(text)).toBeDefined();
  });

  it.each([
    'SET @a = (SELECT secret FROM t)',
    "SET @a = '#', @b = (SELECT secret FROM t)",
    "SET @a = '/*', @b = (SELECT SLEEP(9)), @c = '*/'",
    'SET GLOBAL max_connections = 1',
    "SET PASSWORD = 'x'",
    'SELECT @@version, name FROM t',
    'SELECT 1 FROM t',
    'SHOW TABLES',
    'UPDATE t SET a = 1',
    '/* SET NAMES utf8 */ DELETE FROM t',
  ])('is not what may do something else: %j', (text) => {
    expect(noiseOf(text)).toBeUndefined();
  });

  it('is not what was held, denied or failed', () => {
    expect(noiseOf('SET NAMES utf8mb4', { verdict: 'deny' })).toBeUndefined();
    const failed = stepsOf([1, statement(1, 'SET NAMES x')], [2, answer(1, { outcome: 'error' })]);
    expect(driverNoise(failed[0] ?? never())).toBeUndefined();
    const [ping] = stepsOf([1, { type: 'note', session: 1, name: 'COM_PING' }], [2, answer(1)]);
    expect(driverNoise(ping ?? never())).toBe('ping');
  });
});

function never(): never {
  throw new Error('There is a step');
}
