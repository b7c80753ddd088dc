import { expect, it } from 'vitest';
import { PLAIN_SQL_MODE } from '../sql/text/dialect.js';
import { difference } from './difference.js';

const DIALECT = { flavour: 'mysql', version: 90_704, sqlMode: PLAIN_SQL_MODE } as const;

function between(earlier: string, now: string, values: readonly [string[], string[]] = [[], []]) {
  const [before, after] = values;
  return difference(
    { text: now, dialect: DIALECT, values: after },
    { text: earlier, dialect: DIALECT, values: before },
  );
}

it('names the tokens that are gone and those that are new, with a little of what is around', () => {
  expect(
    between(
      'UPDATE shop.orders SET status = 1, note = 2 WHERE id = 6 LIMIT 1',
      'UPDATE shop.orders SET status = 1, note = 2 WHERE id IN (6, 7) LIMIT 1',
    ),
  ).toEqual([
    { kind: 'same', shown: '… , note = 2 WHERE id' },
    { kind: 'removed', shown: '=' },
    { kind: 'added', shown: 'IN (' },
    { kind: 'same', shown: '6' },
    { kind: 'added', shown: ', 7 )' },
    { kind: 'same', shown: 'LIMIT 1' },
  ]);
});

it('takes white space and comments for nothing, and bound values for a part', () => {
  expect(between('SELECT  1 -- a', 'SELECT 1')).toEqual([{ kind: 'same', shown: 'SELECT 1' }]);
  expect(between('DELETE FROM t WHERE id = ?', 'DELETE FROM t WHERE id = ?', [['5'], ["'5'"]])).toEqual([
    { kind: 'same', shown: '… FROM t WHERE id = ?' },
    { kind: 'removed', shown: '[value 1: 5]' },
    { kind: 'added', shown: "[value 1: '5']" },
  ]);
});

it('writes hidden characters out, cuts what is long, and gives up on texts that have nothing in common', () => {
  const [, , added] = between("SELECT 'a'", `SELECT '\u202e${'x'.repeat(500)}'`) ?? [];
  expect(added?.shown).toMatch(/^'⟨U\+202E⟩x{300,}…$/);
  const list = (count: number, from: number) => Array.from({ length: count }, (_, index) => index + from).join();
  expect(between(`SELECT ${list(300, 0)}`, `SELECT ${list(300, 9000)}`)).toBeNull();
  expect(between("SELECT 'open", 'SELECT 1')).toBeNull();
});
