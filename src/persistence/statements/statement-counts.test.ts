import { expect, it } from 'vitest';
import { NO_OUTCOME, type StatementToIndex } from './indexed-statement.js';
import { countsWith } from './statement-counts.js';

const statement = (verdict: string, outcome: Partial<StatementToIndex['outcome']> = {}): StatementToIndex => ({
  atUs: 1,
  seq: 2,
  operation: 1,
  kind: 'SELECT',
  database: null,
  tables: [],
  verdict,
  policies: [],
  inTransaction: false,
  text: 'SELECT 1',
  wording: 'select ?n',
  isCut: false,
  bound: null,
  outcome: { ...NO_OUTCOME, ...outcome },
});

it('counts statements once, and what became of them when it is known', () => {
  const error = { code: '1146', state: '42S02' };
  const first = countsWith(null, {
    statements: [statement('allow', { rows: 3 }), statement('hold'), statement('deny', { error })],
    outcomes: [],
  });
  expect(first).toEqual({ statements: 3, held: 1, denied: 1, errors: 1, rows: 3, changed: 0 });
  const answered = { before: NO_OUTCOME, after: { ...NO_OUTCOME, changed: 2 } };
  const again = { before: answered.after, after: { ...NO_OUTCOME, error } };
  expect(countsWith(first, { statements: [], outcomes: [{ atUs: 1, seq: 2, ...answered }] }).changed).toBe(2);
  expect(
    countsWith(first, {
      statements: [],
      outcomes: [
        { atUs: 1, seq: 2, ...answered },
        { atUs: 1, seq: 2, ...again },
      ],
    }),
  ).toEqual({ ...first, errors: 2 });
});
