import { expect, it } from 'vitest';
import { PLAIN_SQL_MODE } from '../sql/text/dialect.js';
import { RecentStatements } from './recent-statements.js';

const DIALECT = { flavour: 'mariadb', version: 101_119, sqlMode: PLAIN_SQL_MODE } as const;

function recentOf(operations: readonly number[], text: string | undefined = 'SELECT 1'): RecentStatements {
  const recent = new RecentStatements();
  for (const operation of operations) {
    const of = { session: 1, operation, atMs: operation * 1000, kind: 'select', verdict: 'allow' } as const;
    recent.began({ ...of, text, dialect: DIALECT });
  }
  return recent;
}

it('gives the last five before an operation, in their order, with how they ended', () => {
  const recent = recentOf([1, 2, 3, 5, 4, 6, 7, 8]);
  recent.ended(4, 'ok');
  recent.ended(5, 'error');
  recent.ended(99, 'ok');
  const shown = recent.before(7).map(({ operation, outcome }) => [operation, outcome]);
  expect(shown).toEqual([
    [2, null],
    [3, null],
    [4, 'ok'],
    [5, 'error'],
    [6, null],
  ]);
});

it('gives none before the first, and forgets those of long ago', () => {
  expect(recentOf([1, 2]).before(1)).toEqual([]);
  const many = recentOf(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(many.before(50)).toEqual([]);
  expect(many.before(101).map(({ operation }) => operation)).toEqual([96, 97, 98, 99, 100]);
});

it('writes texts in one line with hidden characters shown, and leaves out those that are too long', () => {
  expect(recentOf([1], 'SELECT\u200b 1 -- a\nFROM t').before(2)).toMatchObject([
    { line: expect.stringContaining('⟨U+200B⟩') },
  ]);
  expect(recentOf([1], 'SELECT 1\nFROM t -- no').before(2)).toMatchObject([{ line: 'SELECT 1 ⏎ FROM t ⟦-- no⟧' }]);
  expect(recentOf([1], 'x'.repeat(16_385)).before(2)).toMatchObject([{ operation: 1, line: null }]);
});
