import { expect, it } from 'vitest';
import type { MysqlEntry, MysqlFields, StatementBody } from '../../../protocols/mysql/recorded/bodies.js';
import { MYSQL_REPLAY } from '../../../protocols/mysql/recorded/mysql-replay.js';
import type { RecordedBulk } from '../../../protocols/sql/bound-values.js';
import { replayedEntry } from '../../../recording/replay/replay-sealed.js';
import { stepText } from '../../../recording/replay/step-text.js';
import { Story } from '../../../recording/replay/story.js';
import { statement } from '../../../recording/testing/recordings.js';
import { isChosen } from './replay-filter.js';

const { nouns } = MYSQL_REPLAY;

/** A replayed UPDATE that failed at the target. */
function failed(name: string, changed: Pick<StatementBody, 'values' | 'bulk'>) {
  const asked = statement(1);
  const bodies: readonly MysqlFields[] = [
    { ...asked, name, body: { database: 'shop', text: 'UPDATE t SET a = ?', prepared: 1, ...changed } },
    {
      type: 'result',
      session: 1,
      operation: 1,
      name,
      outcome: 'error',
      durationUs: 120,
      body: { results: [], error: { errno: 1062, sqlState: '23000', message: 'Duplicate entry' } },
    },
  ];
  const story = new Story({ inFlight: 'one' });
  const teller = MYSQL_REPLAY.teller({ rowsMax: 10 });
  const steps = bodies.flatMap((body, index) => {
    const chain = { seq: index + 1, prev: '', at: '2026-01-01T00:00:00.000000Z', mono: index * 1_000 };
    const entry: MysqlEntry = { ...chain, ...body };
    teller.follow(entry);
    return story.take(replayedEntry({ entry, written: entry }, teller, undefined));
  });
  const [step] = [...steps, ...story.rest()];
  if (step?.kind !== 'operation') throw new Error('There is no statement');
  return step;
}

it('rows of values that failed may have changed something, a statement that failed has not', () => {
  const bulk: RecordedBulk = { types: [{ type: 'MYSQL_TYPE_LONG' }], rows: [[1], ['Ada'], [{ indicator: 'ignore' }]] };
  const step = failed('COM_STMT_BULK_EXECUTE', { bulk });
  const { head, body } = stepText(step, nouns);
  expect(head).toContain('statement 1: failed; rows of values before may have been run');
  expect(body).toEqual(expect.arrayContaining(['row 1: 1 (long)', "row 2: 'Ada' (long)", 'row 3: IGNORE']));
  expect(isChosen(step, { changes: true })).toBe(true);
  expect(isChosen(step, { grep: /^ada$/i })).toBe(true);
  expect(isChosen(step, { grep: /bob/ })).toBe(false);

  const single = failed('COM_STMT_EXECUTE', { values: [{ type: 'MYSQL_TYPE_LONG', value: 1 }] });
  expect(stepText(single, nouns).head).toMatch(/: failed$/);
  expect(isChosen(single, { changes: true })).toBe(false);
});
