import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../../test/support/rounds.js';
import type { SqlDialect } from '../text/dialect.js';
import { analyse } from '../analyse.js';
import { dialectOf } from '../text/dialect.js';
import { fingerprintOf } from './fingerprint.js';

const MYSQL = dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: '' });
const MARIADB = dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: '' });
const ANSI = dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: 'ANSI_QUOTES' });
const NO_ESCAPES = dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: 'NO_BACKSLASH_ESCAPES' });

const shape = (text: string, dialect = MYSQL): string | undefined => fingerprintOf(Buffer.from(text), dialect);

describe('the fingerprint of a statement', () => {
  it.each([
    ['SELECT a FROM t WHERE id = 1', 'select a from t where id=?n'],
    ["SELECT a FROM t WHERE n = 'x' AND h = 0x41", 'select a from t where n=?s and h=?x'],
    ['SELECT a FROM t WHERE id IN (1, 2, 3)', 'select a from t where id in(?n,?+)'],
    ['INSERT INTO t VALUES (1, 2), (3, 4), (5, 6)', 'insert into t values(?n,?n),?+'],
    ['UPDATE t SET a = ? WHERE id = ?;', 'update t set a=?p where id=?p'],
    ['DELETE FROM `t` -- gone\nWHERE id = 1', 'delete from `t` where id=?n'],
  ])('is its text with literals by type: %s', (text, expected) => {
    expect(shape(text)?.replaceAll(' (', '(')).toBe(expected);
  });

  it.each([
    ['SELECT a FROM t WHERE id = 1', '\n select  a\tFROM t/* x */WHERE id=17 ;'],
    ['SELECT a FROM t LIMIT 1', 'SELECT a FROM t LIMIT 999'],
    ['SELECT 1e0 union', 'SELECT 1e0union'],
    ['(SELECT 1) UNION (SELECT 2)', ' ( SELECT 3 ) /* x */UNION ( SELECT 4 )'],
    ['SELECT a FROM t WHERE id IN (1, 2)', 'SELECT a FROM t WHERE id IN (1, 2, 3, 4)'],
    ["INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL)"],
    ["SELECT 'a''b'", 'SELECT "c\\"d"'],
  ])('is the same for texts that differ in values and spaces alone: %s', (one, other) => {
    expect(shape(one)).toBe(shape(other));
    expect(shape(one)).toBeDefined();
  });

  it.each([
    ['SELECT a FROM t', 'SELECT a FROM T'],
    ['SELECT a FROM t', 'SELECT a FROM `t`'],
    ['SELECT a FROM t', 'SELECT a FROM t WHERE 1'],
    ['SELECT a FROM t WHERE 1', "SELECT a FROM t WHERE '1'"],
    ['SELECT a FROM t WHERE 1', 'SELECT a FROM t WHERE a'],
    ['SELECT a FROM t', 'SELECT a FROM t LIMIT 1'],
    ['SELECT a FROM t', 'SELECT a FROM t FOR UPDATE'],
    ['SELECT a FROM t', "SELECT a FROM t INTO OUTFILE 'x'"],
    ["SELECT a FROM t INTO OUTFILE 'x'", "SELECT a FROM t INTO DUMPFILE 'x'"],
    ['SELECT count(a) FROM t', 'SELECT count (a) FROM t'],
    ['SELECT a.b FROM t', 'SELECT a .b FROM t'],
    ['SELECT a FROM t WHERE id = 1', 'SELECT a FROM t WHERE id = id'],
    ['SELECT a FROM t WHERE id IN (1, 2)', 'SELECT a FROM t WHERE id IN (1, b)'],
    ['SELECT a FROM t WHERE id IN (1, 2)', "SELECT a FROM t WHERE id IN (1, '2')"],
    ['INSERT INTO t VALUES (1), (2)', 'INSERT INTO t VALUES (1), (sleep(1))'],
    ['INSERT INTO t VALUES (1), (2)', 'INSERT INTO t VALUES (1), ((SELECT a FROM u))'],
    ['SELECT a FROM t WHERE a = - 1', 'SELECT a FROM t WHERE a = 1'],
    ['SELECT 1 . 5', 'SELECT 1.5'],
    ['DELETE FROM t WHERE a', 'DELETE FROM t WHERE a = 1'],
    ['SELECT a FROM t ORDER BY 1', 'SELECT a FROM t GROUP BY 1'],
  ])('tells apart what is not the same: %s and %s', (one, other) => {
    const first = shape(one);
    if (first !== undefined) expect(first).not.toBe(shape(other));
    else expect(shape(other)).toBeUndefined();
  });

  it.each([
    'SHOW TABLES',
    'SET @a = 1',
    'WITH c AS (SELECT 1) SELECT * FROM c',
    'SELECT @a',
    'SELECT @@version',
    'SELECT a := 1',
    'SELECT 1; SELECT 2',
    'SELECT 1;;',
    'SELECT /*! 1 */ 2',
    'SELECT /*+ MAX_EXECUTION_TIME(1) */ 2',
    "SELECT {d '2020-01-01'}",
    'SELECT count/**/(1)',
    "SELECT 'unclosed",
    'SELECT 1 /* unclosed',
    'SELECT \\N',
    'SELECT $a',
    'SELECT \u0000',
    '',
    ';',
  ])('does not exist for %j', (text) => {
    expect(shape(text)).toBeUndefined();
  });

  it('does not exist for what is no UTF-8, and for a shape too long to keep', () => {
    expect(fingerprintOf(Buffer.from([0x53, 0x45, 0xff]), MYSQL)).toBeUndefined();
    expect(shape(`SELECT ${Array.from({ length: 5_000 }, (_, index) => `a${index}`).join(', ')}`)).toBeUndefined();
  });

  it('follows the session: quotes are names or texts, a backslash escapes or does not', () => {
    expect(shape('SELECT "a"')).toBe('select ?s');
    expect(shape('SELECT "a"', ANSI)).toBe('select "a"');
    expect(shape("SELECT 'a\\' FROM t -- '", NO_ESCAPES)).toBe('select ?s from t');
    expect(shape("SELECT 'a\\' FROM t -- '", MARIADB)).toBe('select ?s');
  });
});

/** Pieces that change how a text is cut, and statements that they are put into. */
const PIECES = `' " \` \\ /* */ -- # ; . .5 1. 1e0 0x4 x'41' N'a' ( ) + - ? $ , null default as in values or and not
  between limit from where t. \`t\`. || && ! <=> % \\' '' "" "a" 'b' 17 /**/ (1) (1),(2) for update into outfile`
  .split(/\s+/)
  .concat('\n', ' ', '\t', '-- ', '\u00a0', 'é');
const SEEDS = [
  'SELECT a, t.b FROM t WHERE id = 1 AND b IN (1, 2, 3) ORDER BY 1 LIMIT 5',
  "SELECT count(*), 'x' FROM db.t AS u JOIN `v w` USING (id) WHERE u.a BETWEEN 1 AND 2 OR NOT 1",
  "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (-3, NULL) ON DUPLICATE KEY UPDATE a = VALUES(a)",
  "UPDATE t SET a = a + 1, b = 'z' WHERE id IN (SELECT id FROM u WHERE c > 0x41) LIMIT 1",
  "DELETE FROM t WHERE a = 'x' AND (b = 1 OR b = 2)",
  "REPLACE INTO t SET a = 1, b = 1.5, c = DATE '2020-01-01'",
];

describe('texts of one fingerprint', () => {
  it.each<[string, SqlDialect]>([
    ['MySQL', MYSQL],
    ['MariaDB', MARIADB],
    ['ANSI_QUOTES', ANSI],
    ['NO_BACKSLASH_ESCAPES', NO_ESCAPES],
  ])('have the same facts, however they were put together: %s', (_name, dialect) => {
    const known = new Map<string, string>();
    const unlike: string[] = [];
    let shared = 0;
    for (const text of mutants(rounds(10_000))) {
      const fingerprint = fingerprintOf(text, dialect);
      const { facts } = fingerprint === undefined ? { facts: null } : analyse(text, dialect, 'shop');
      if (fingerprint === undefined || facts === null || facts.notUnderstood !== null) continue;
      const said = JSON.stringify(facts);
      const before = known.get(fingerprint);
      if (before !== undefined) shared++;
      if (before !== undefined && before !== said) unlike.push(text.toString());
      known.set(fingerprint, said);
    }
    expect(unlike).toEqual([]);
    expect(shared).toBeGreaterThan(rounds(500));
  });
});

/** Always the same ones: one to three pieces put into a statement, or values changed. */
function* mutants(count: number): Generator<Buffer> {
  let state = 42;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let index = 0; index < count; index++) {
    let text = SEEDS[below(SEEDS.length)] ?? '';
    if (below(2) === 0) text = text.replaceAll(/\d+/g, () => String(below(100)));
    for (let pieces = below(4); pieces > 0; pieces--) {
      const at = below(text.length + 1);
      text = text.slice(0, at) + (PIECES[below(PIECES.length)] ?? '') + text.slice(at + (below(3) === 0 ? 1 : 0));
    }
    yield Buffer.from(text);
  }
}
