import { describe, expect, it } from 'vitest';
import type { SqlDialect } from '../text/dialect.js';
import { analyse } from '../analyse.js';
import { dialectOf } from '../text/dialect.js';
import { disagreement, plainOpinion } from '../opinion/opinion.js';
import type { PlainView } from './plain-read.js';

const MARIADB = dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: '' });
const MYSQL = dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: '' });
const BOTH = [MARIADB, MYSQL];

const read = (text: string, dialect: SqlDialect): PlainView | undefined =>
  analyse(Buffer.from(text), dialect, 'shop').plain;

/** What the second parser has no grammar for, and plain reads of all the forms that both servers have. */
const PLAIN = `
SELECT
SELECT a AS k1, b AS z1 FROM t x1 WHERE x1.id = 1
SELECT b, COUNT(*) FROM t GROUP BY b WITH ROLLUP
SELECT EXTRACT(DAY_HOUR FROM d), EXTRACT(YEAR_MONTH FROM d) FROM t
SELECT 1 FROM t WHERE a SOUNDS LIKE 'b'
SELECT CAST(a AS CHAR(10) CHARACTER SET utf8mb4), CONVERT(a USING latin1), CONVERT(b, UNSIGNED INTEGER) FROM t
SELECT DISTINCT(a), t.*, shop.t.b 'name' FROM t, (SELECT 1 AS one) AS s LEFT JOIN (u JOIN v USING (id)) ON s.one = u.id
WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5), d AS (SELECT * FROM c) SELECT n FROM d, t
(SELECT a FROM t) UNION DISTINCT (SELECT b FROM u ORDER BY b LIMIT 3) ORDER BY 1 LIMIT 5 OFFSET 2
SELECT a FROM t WHERE b IN (SELECT c FROM u) AND NOT EXISTS (SELECT 1 FROM v WHERE v.a <=> t.a) OR d BETWEEN 1 AND 2
SELECT SUM(a) OVER (PARTITION BY b ORDER BY c DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), RANK() OVER w FROM t WINDOW w AS (ORDER BY a)
SELECT GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ', ') FROM t GROUP BY c HAVING COUNT(DISTINCT d) > 1
SELECT CASE a WHEN 1 THEN 'x' ELSE NULL END, IF(a, 1, 2), LEFT(b, 3), TRIM(LEADING 'x' FROM c) FROM t
SELECT a + INTERVAL 1 DAY, DATE_ADD(a, INTERVAL '1:2' HOUR_MINUTE), TIMESTAMPDIFF(DAY, a, b), DATE '2026-01-01' FROM t
SELECT * FROM t USE INDEX (PRIMARY, i) WHERE MATCH (a, b) AGAINST ('+x' IN BOOLEAN MODE)
SELECT a FROM t WHERE b > ALL (SELECT c FROM u) AND (d, e) = (1, 2) AND name COLLATE utf8mb4_bin LIKE 'x!%' ESCAPE '!'
SELECT ST_ASTEXT(POINT(1, 1)) FROM t
SELECT @a, @@session.sql_mode, ?, 0x41, b'01', _utf8mb4'x', 'a' 'b', CURRENT_TIMESTAMP(3)
`
  .trim()
  .split('\n')
  .slice(1);

describe('the grammar of plain reads', () => {
  it.each(PLAIN)('knows %s', (text) => {
    for (const dialect of BOTH) {
      const { facts, plain } = analyse(Buffer.from(text), dialect, 'shop');
      expect(plain).toBeDefined();
      const opinion = plainOpinion(facts, plain);
      expect(opinion?.kind === 'view' && disagreement(facts, opinion.view, 'shop')).toBeNull();
    }
  });

  it.each([
    'SELECT a FROM t LIMIT 5 ROWS EXAMINED 100',
    'SELECT GROUP_CONCAT(a ORDER BY b LIMIT 2) FROM t',
    'ANALYZE FORMAT=JSON SELECT a FROM t',
    "SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01'",
    'SELECT a FROM t OFFSET 1 ROW FETCH FIRST 3 ROWS WITH TIES',
    'VALUES (1, 2), (3, 4)',
  ])('knows what MariaDB alone has: %s', (text) => {
    expect(read(text, MARIADB)).toBeDefined();
    expect(read(text, MYSQL)).toBeUndefined();
  });

  it.each([
    'TABLE t LIMIT 3',
    'EXPLAIN ANALYZE SELECT a FROM t',
    "SELECT document->>'$.a' FROM t",
    'VALUES ROW(1, 2), ROW(3, 4)',
  ])('knows what MySQL alone has: %s', (text) => {
    expect(read(text, MYSQL)).toBeDefined();
    expect(read(text, MARIADB)).toBeUndefined();
  });

  it.each([
    'SELECT a FROM t FOR UPDATE',
    'SELECT a FROM t LOCK IN SHARE MODE',
    "SELECT a FROM t INTO OUTFILE '/tmp/x'",
    'SELECT a INTO @x FROM t',
    'SELECT @a := 1',
    'SELECT SLEEP(1)',
    'SELECT shop.price(1)',
    'SELECT price(1)',
    'SELECT `count`(1)',
    'SELECT count (a) FROM t',
    'SELECT NEXT VALUE FOR s',
    'SELECT a FROM t PROCEDURE ANALYSE()',
    'SELECT 1; SELECT 2',
    'SELECT /*!50000 1 */',
    'SELECT a FROM t WHERE',
    'SELECT a b c FROM t',
    'SELECT a FROM t AS select',
    'INSERT INTO t SELECT 1',
    'DELETE FROM t',
    'WITH c AS (SELECT 1) DELETE FROM t',
    'SHOW TABLES',
    `SELECT ${'('.repeat(150)}1${')'.repeat(150)}`,
  ])('leaves %s to others', (text) => {
    for (const dialect of BOTH) expect(read(text, dialect)).toBeUndefined();
  });

  it('takes a constructor of geometries with a wrong number of arguments for a stored function of MariaDB', () => {
    for (const call of ['POINT(1)', 'POINT(1, 2, 3)', 'POLYGON()'])
      expect(read(`SELECT ${call}`, MARIADB)).toBeUndefined();
    expect(read('SELECT LINESTRING(POINT(1, 1), POINT(2, 2))', MARIADB)).toBeDefined();
  });

  it('says which tables are read, and takes names of common table expressions for none', () => {
    const view = read('WITH c AS (SELECT * FROM a) SELECT * FROM c JOIN shop.b WHERE x IN (SELECT y FROM d)', MARIADB);
    expect(view?.tables.map(({ database, table }) => [database, table])).toEqual([
      [null, 'a'],
      ['shop', 'b'],
      [null, 'd'],
    ]);
    expect(read('WITH c AS (SELECT 1) SELECT * FROM C', MARIADB)).toBeUndefined();
  });

  it('says whether a WHERE names a column, outside of sub-queries', () => {
    const whereOf = (where: string): unknown => read(`SELECT a FROM t ${where}`, MYSQL)?.where;
    expect(whereOf('')).toBe('none');
    expect(whereOf('WHERE 1 = (SELECT b FROM u)')).toBe('constant');
    expect(whereOf('WHERE a = 1')).toBe('column');
    expect(read('SELECT 1 UNION SELECT 2', MYSQL)?.where).toBeNull();
  });

  it('reads texts far longer than the second parser takes', () => {
    const numbers = Array.from({ length: 60_000 }, (_, number) => number).join(',');
    expect(read(`SELECT COUNT(*) FROM t WHERE id IN (${numbers})`, MYSQL)).toBeDefined();
  });

  it('reads quotes as the session does', () => {
    const ansi = dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: 'ANSI_QUOTES' });
    expect(read('SELECT "a" FROM "t"', ansi)?.tables).toMatchObject([{ table: 't' }]);
    expect(read('SELECT "a" FROM "t"', MYSQL)).toBeUndefined();
  });
});
