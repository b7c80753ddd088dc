import { describe, expect, test } from 'vitest';
import { PLAIN_SQL_MODE, type SqlDialect } from '../text/dialect.js';
import type { PreviewColumn } from './preview-column.js';
import { previewQueryOf, type PreviewQuery } from './preview-query.js';

const DIALECTS: Readonly<Record<'mariadb' | 'mysql', SqlDialect>> = {
  mariadb: { flavour: 'mariadb', version: 101119, sqlMode: PLAIN_SQL_MODE },
  mysql: { flavour: 'mysql', version: 90704, sqlMode: PLAIN_SQL_MODE },
};

const COLUMNS: Readonly<Record<string, readonly PreviewColumn[]>> = {
  t: [
    { name: 'id', isKey: true, form: 'text' },
    { name: 'odd`name', isKey: false, form: 'bytes' },
  ],
  u: [
    { name: 'a', isKey: true, form: 'text' },
    { name: 'b', isKey: true, form: 'text' },
    { name: 'flag', isKey: false, form: 'bits' },
    { name: 'place', isKey: false, form: 'opaque' },
  ],
};

function queryOf(text: string, flavour: 'mariadb' | 'mysql' = 'mariadb'): PreviewQuery {
  return previewQueryOf({
    text: Buffer.from(text),
    dialect: DIALECTS[flavour],
    database: 'shop',
    columns: ({ table }) => COLUMNS[table.toLowerCase()],
  });
}

function countOf(text: string, flavour?: 'mariadb' | 'mysql'): string {
  const query = queryOf(text, flavour);
  return query.kind === 'query' ? query.count.text.replaceAll(/\s+/g, ' ') : JSON.stringify(query);
}

function sampleOf(text: string, flavour?: 'mariadb' | 'mysql'): string | null {
  const query = queryOf(text, flavour);
  return query.kind === 'query' ? (query.sample?.query.text.replaceAll(/\s+/g, ' ') ?? null) : null;
}

describe('the query that counts', () => {
  test.each([
    ['UPDATE t SET id = 1', 'SELECT COUNT(*) FROM t'],
    ['update LOW_PRIORITY ignore `t` x set x.id=1 where x.id>1', 'SELECT COUNT(*) FROM `t` x WHERE x.id>1'],
    ["UPDATE t SET id = 'where' WHERE id = 'set' -- limit 1", "SELECT COUNT(*) FROM t WHERE id = 'set'"],
    ['UPDATE t SET t.where = 1 WHERE t.limit = 2', 'SELECT COUNT(*) FROM t WHERE t.limit = 2'],
    [
      'UPDATE t SET id = (SELECT MAX(id) FROM u WHERE a = 1 LIMIT 1), id = 2 WHERE id IN (SELECT a FROM u ORDER BY a)',
      'SELECT COUNT(*) FROM t WHERE id IN (SELECT a FROM u ORDER BY a)',
    ],
    [
      'DELETE FROM t WHERE id > 1 ORDER BY id LIMIT 3',
      'SELECT COUNT(*) FROM ( SELECT 1 FROM t WHERE id > 1 LIMIT 3 ) AS `~rows`',
    ],
    ['DELETE FROM t/* a comment */WHERE id=1', 'SELECT COUNT(*) FROM t WHERE id=1'],
    ['DELETE FROM t WHERE id = 1;', 'SELECT COUNT(*) FROM t WHERE id = 1'],
    ['DELETE x FROM t AS x WHERE x.id = 1', 'SELECT COUNT(*) FROM t AS x WHERE x.id = 1'],
    [
      'DELETE t, u FROM t JOIN u ON u.a = t.id',
      'SELECT COUNT(DISTINCT `t`.`id`) + COUNT(DISTINCT `u`.`a`, `u`.`b`) FROM t JOIN u ON u.a = t.id',
    ],
    ['DELETE FROM u USING t, u WHERE u.a = t.id', 'SELECT COUNT(DISTINCT `u`.`a`, `u`.`b`) FROM t, u WHERE u.a = t.id'],
    [
      'UPDATE t JOIN u ON u.a = t.id SET flag = 1',
      'SELECT COUNT(DISTINCT `u`.`a`, `u`.`b`) FROM t JOIN u ON u.a = t.id',
    ],
    [
      'UPDATE (t AS x LEFT JOIN u USING (id)), other SET X.id = 1',
      'SELECT COUNT(DISTINCT `x`.`id`) FROM (t AS x LEFT JOIN u USING (id)), other',
    ],
    [
      'UPDATE t FORCE INDEX (PRIMARY) JOIN (SELECT a FROM u) AS d ON LEFT(d.a, 1) = t.id SET t.id = 1',
      'SELECT COUNT(DISTINCT `t`.`id`) FROM t FORCE INDEX (PRIMARY) JOIN (SELECT a FROM u) AS d ON LEFT(d.a, 1) = t.id',
    ],
    [
      'INSERT INTO t (id) SELECT a FROM u WHERE a > 1',
      'SELECT COUNT(*) FROM ( SELECT a FROM u WHERE a > 1 ) AS `~rows`',
    ],
  ])('of %s', (text, expected) => {
    expect(countOf(text)).toBe(expected);
  });

  test.each([
    [
      'WITH c AS (SELECT a FROM u) UPDATE t SET id = 1 WHERE id IN (SELECT a FROM c)',
      'WITH c AS (SELECT a FROM u) SELECT COUNT(*) FROM t WHERE id IN (SELECT a FROM c)',
    ],
    [
      'with recursive c (k) as (select 1 union all select k + 1 from c where k < 3) delete from t where id in (select k from c) limit 2',
      'with recursive c (k) as (select 1 union all select k + 1 from c where k < 3) SELECT COUNT(*) FROM ( SELECT 1 FROM t WHERE id in (select k from c) LIMIT 2 ) AS `~rows`',
    ],
    [
      'WITH c AS (SELECT a FROM u), d AS (SELECT a FROM c) DELETE t FROM t JOIN d ON d.a = t.id',
      'WITH c AS (SELECT a FROM u), d AS (SELECT a FROM c) SELECT COUNT(DISTINCT `t`.`id`) FROM t JOIN d ON d.a = t.id',
    ],
  ])('keeps the common table expressions of %s', (text, expected) => {
    expect(countOf(text, 'mysql')).toBe(expected);
    expect(sampleOf(text, 'mysql')).toMatch(/^with .*\) SELECT .* LIMIT 20$/i);
  });

  test('takes the values of common table expressions before those of its own clauses', () => {
    const query = queryOf(
      'WITH c AS (SELECT a FROM u WHERE a > ?) UPDATE t SET id = ? WHERE id IN (SELECT a FROM c) OR id = ?',
      'mysql',
    );
    expect(query).toMatchObject({ kind: 'query', count: { values: [0, 2] } });
  });

  test('takes the placeholders of its own clauses, by their numbers in the statement', () => {
    const query = queryOf("UPDATE t SET id = ?, id = '?' WHERE id = ? OR id = /* ? */ ? LIMIT ?");
    expect(query).toMatchObject({ kind: 'query', count: { values: [1, 2, 3] } });
  });

  test('is one that only reads', () => {
    const query = queryOf('DELETE FROM t WHERE id IN (SELECT a FROM u)');
    expect(query).toMatchObject({
      count: {
        facts: {
          action: 'read',
          tables: [
            { table: 't', action: 'read' },
            { table: 'u', action: 'read' },
          ],
        },
      },
    });
  });
});

describe('the query that shows rows', () => {
  test('asks for readable, cut values under names that the statement cannot mean', () => {
    expect(sampleOf('UPDATE t SET id = 1 WHERE id > 1')).toBe(
      "SELECT LEFT(CAST(`t`.`id` AS CHAR), 201) AS `~0`, CONCAT('0x', HEX(LEFT(`t`.`odd``name`, 101))) AS `~1` FROM t WHERE id > 1 LIMIT 20",
    );
    expect(sampleOf('DELETE FROM u AS `x``y`')).toBe(
      "SELECT LEFT(CAST(`x``y`.`a` AS CHAR), 201) AS `~0`, LEFT(CAST(`x``y`.`b` AS CHAR), 201) AS `~1`, CAST(`x``y`.`flag` + 0 AS CHAR) AS `~2`, IF(`x``y`.`place` IS NULL, NULL, '(not shown)') AS `~3` FROM u AS `x``y` LIMIT 20",
    );
  });

  test('has the order and the limit of the statement, and its own limit over it', () => {
    expect(sampleOf('DELETE FROM t ORDER BY id DESC LIMIT 1000')).toMatch(
      /^SELECT \* FROM \( SELECT .* FROM t ORDER BY id DESC LIMIT 1000 \) AS `~rows` LIMIT 20$/,
    );
  });

  test('shows each row of a join once', () => {
    expect(sampleOf('DELETE t FROM t JOIN u ON u.a = t.id')).toMatch(/^SELECT DISTINCT LEFT/);
  });

  test('is none where no columns are known', () => {
    expect(sampleOf('DELETE FROM elsewhere')).toBeNull();
  });
});

describe('the number of rows is in the text', () => {
  test.each([
    ['INSERT INTO t VALUES (1)', 1],
    ["INSERT INTO t (id, x) VALUES (1, '), ('), ((2), CONCAT('a', (SELECT 1))), (DEFAULT, NULL)", 3],
    ['INSERT INTO t VALUE (1), (2)', 2],
    ['INSERT INTO t SET id = 1', 1],
    ['INSERT INTO t () VALUES ()', 1],
  ])('of %s', (text, rows) => {
    expect(queryOf(text)).toEqual({ kind: 'rows', rows });
  });
});

describe('it says that it cannot know', () => {
  test.each([
    ['SELECT * FROM t', /reads/],
    ['INSERT IGNORE INTO t VALUES (1)', /1 row;/],
    ['REPLACE INTO t VALUES (1), (2)', /2 rows;/],
    ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE id = 2', /1 row;/],
    ['REPLACE INTO t SELECT a FROM u', /replaces or leaves out/],
    ['DELETE FROM t WHERE mystery(id)', /mystery/],
    ['DELETE FROM t WHERE SLEEP(1)', /sleep/i],
    ['DELETE FROM t WHERE LOAD_FILE(id) IS NULL', /load_file/i],
    ['DELETE FROM t WHERE id = @x', /variable/],
    ['DELETE FROM t WHERE (@x := id)', /variable|assign/],
    ['DELETE FROM t WHERE id = @@server_id', /variable/],
    ['DELETE FROM t WHERE id = LAST_INSERT_ID()', /last_insert_id/i],
    ['DELETE FROM t WHERE UUID() > id', /uuid/i],
    ['DELETE FROM t WHERE id = CURRENT_USER', /current_user/i],
    ['DELETE FROM t WHERE CURRENT_USER() = id', /current_user/i],
    ['DELETE FROM t WHERE id IN (SELECT a FROM u FOR UPDATE)', /locking-read|understood/],
    ['DELETE FROM t WHERE id = 1; DELETE FROM t', /more than one|understood/],
    ['DELETE FROM t WHERE id = 1 UNION SELECT 1', /understood|cannot be counted/],
    ["DELETE FROM t WHERE id = 'unclosed", /understood/],
    ['DELETE FROM t WHERE COUNT/*!50000 (id) */', /comment|understood/],
    ['DELETE FROM t WHERE COUNT/* */(id)', /comment|understood/],
    ['UPDATE t JOIN u ON u.a = t.id SET nobodys = 1', /could not be found out/],
    ['UPDATE t x JOIN t y ON x.id = y.id SET x.id = 1, y.id = 2', /under two names/],
    ['UPDATE t JOIN u ON u.a = t.id SET t.id = 1 LIMIT 1', /limit|understood/],
    ['DELETE elsewhere FROM elsewhere JOIN t ON t.id = elsewhere.id', /no primary key/],
    ['DELETE FROM t FOR PORTION OF p FROM 1 TO 2', /understood|cannot be counted/],
    ['CALL p()', /cannot be counted|understood/],
    ['ALTER TABLE t ADD x INT', /cannot be counted/],
    ['', /no statement/],
  ])('of %s', (text, why) => {
    const query = queryOf(text);
    expect(query).toEqual({ kind: 'unknown', why: expect.stringMatching(why) });
  });
});

test('all rows go when tables are emptied or dropped', () => {
  expect(queryOf('TRUNCATE t')).toMatchObject({ kind: 'tables', tables: [{ database: 'shop', table: 't' }] });
  expect(queryOf('DROP TABLE t, other.u')).toMatchObject({
    kind: 'tables',
    tables: [
      { database: 'shop', table: 't' },
      { database: 'other', table: 'u' },
    ],
  });
});
