import { describe, expect, it } from 'vitest';
import { dialectOf } from '../sql/text/dialect.js';
import { wordingOf } from './wording.js';

const DIALECT = dialectOf({ flavour: 'mariadb', version: '10.11.19', sqlMode: '' });

function wording(text: string): string {
  return wordingOf(text, DIALECT).text;
}

describe('the wording of a statement', () => {
  it.each([
    ["SELECT a FROM t WHERE b = 'x' AND c > 12.5", 'SELECT a FROM t WHERE b = ? AND c > ?'],
    ['SELECT  0xff,\n\t"q"  FROM `t`', 'SELECT  ?, …  FROM `t`'],
    ['SELECT a FROM t WHERE id IN (1, 2,3)', 'SELECT a FROM t WHERE id IN (?, …)'],
    ["INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')", 'INSERT INTO t VALUES (?, …), …'],
    ['INSERT INTO t VALUES (1), (2)', 'INSERT INTO t VALUES (?, …), …'],
    ["SELECT '発送済', 'it''s'", 'SELECT ?, …'],
    ['SELECT a /* trace 4bf92f35 */ FROM t -- end', 'SELECT a   FROM t  '],
  ])('of %j is %j', (text, expected) => {
    expect(wording(text)).toBe(expected);
  });

  it('is the text itself, letter for letter, where it has neither values nor comments', () => {
    for (const text of [
      'COMMIT',
      'SELECT  *\nFROM t WHERE id = ?',
      'SELECT `1` FROM t1',
      'SET NAMES utf8mb4',
      '',
      '済',
    ]) {
      expect(wordingOf(text, DIALECT)).toEqual({ text, isPartial: false });
    }
  });

  it('is the same for statements that differ in their values only, and has none of them', () => {
    const texts = ["DELETE FROM t WHERE a = 'secret-1'", "DELETE FROM t WHERE a = 'secret-22'"].map(wording);
    expect(new Set(texts).size).toBe(1);
    expect(texts.join('')).not.toContain('secret');
  });

  it('leaves out what could not be read, since that may be a value', () => {
    const { text, isPartial } = wordingOf("SELECT a FROM t WHERE b = 'unfinished secret", DIALECT);
    expect(isPartial).toBe(true);
    expect(text).toMatch(/^SELECT a FROM t WHERE b =.* …$/);
    expect(text).not.toContain('secret');
  });
});
