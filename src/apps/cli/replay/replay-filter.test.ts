import { expect, it } from 'vitest';
import type { Entry, EntryBody } from '../../../recording/entries/entries.js';
import { stepText } from '../../../recording/replay/step-text.js';
import { Story } from '../../../recording/replay/story.js';
import { statement } from '../../../recording/testing/recordings.js';
import { dialectOf } from '../../../protocols/mysql/sql/text/dialect.js';
import { isChosen } from './replay-filter.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });

/** A replayed UPDATE that failed at the target. */
function failed(changed: object) {
  const bodies: readonly EntryBody[] = [
    { ...statement(1, 'UPDATE t SET a = ?'), prepared: 1, command: 'COM_STMT_EXECUTE', ...changed },
    {
      type: 'result',
      session: 1,
      statement: 1,
      command: 'COM_STMT_EXECUTE',
      outcome: 'error',
      results: [],
      error: { errno: 1062, sqlState: '23000', message: 'Duplicate entry' },
      durationUs: 120,
      ...('command' in changed ? { command: String(changed.command) } : {}),
    },
  ];
  const story = new Story();
  const steps = bodies.flatMap((body, index) => {
    const chain = { seq: index + 1, prev: '', at: '2026-01-01T00:00:00.000000Z', mono: index * 1_000 };
    const entry: Entry = { ...chain, ...body };
    return story.take({ entry, response: undefined });
  });
  const [step] = [...steps, ...story.rest()];
  if (step?.kind !== 'statement') throw new Error('There is no statement');
  return step;
}

it('rows of values that failed may have changed something, a statement that failed has not', () => {
  const bulk = { types: [{ type: 'MYSQL_TYPE_LONG' }], rows: [[1], ['Ada'], [{ indicator: 'ignore' }]] };
  const step = failed({ command: 'COM_STMT_BULK_EXECUTE', bulk });
  const { head, body } = stepText(step);
  expect(head).toContain('statement 1: failed; rows of values before may have been run');
  expect(body).toEqual(expect.arrayContaining(['row 1: 1 (long)', "row 2: 'Ada' (long)", 'row 3: IGNORE']));
  expect(isChosen(step, { changes: true }, dialect)).toBe(true);
  expect(isChosen(step, { grep: /^ada$/i }, dialect)).toBe(true);
  expect(isChosen(step, { grep: /bob/ }, dialect)).toBe(false);

  const single = failed({ values: [{ type: 'MYSQL_TYPE_LONG', value: 1 }] });
  expect(stepText(single).head).toMatch(/: failed$/);
  expect(isChosen(single, { changes: true }, dialect)).toBe(false);
});
