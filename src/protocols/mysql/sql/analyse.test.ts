import { describe, expect, it } from 'vitest';
import type { StatementFacts } from '../../sql/statement.js';
import { analyse } from './analyse.js';
import { dialectOf } from './text/dialect.js';

const DIALECTS = {
  mysql: dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: '' }),
  mariadb: dialectOf({ flavour: 'mariadb', version: '5.5.5-10.11.19-MariaDB', sqlMode: '' }),
};

const factsOf = (text: string, flavour: keyof typeof DIALECTS = 'mariadb'): StatementFacts =>
  analyse(Buffer.from(text), DIALECTS[flavour], 'shop').facts;

/** `read shop.orders`, sorted. */
const tablesOf = ({ tables }: StatementFacts): readonly string[] =>
  tables.map(({ action, database, table }) => `${action} ${database}.${table}`).sort();

describe('the facts of a statement', () => {
  it.each<[string, string, readonly string[]]>([
    ['SELECT 1', 'select read', []],
    ['SELECT a FROM t, db.u v JOIN w USING (id)', 'select read', ['read db.u', 'read shop.t', 'read shop.w']],
    [
      'SELECT (SELECT MAX(a) FROM u) FROM t WHERE b IN (SELECT 1 FROM w)',
      'select read',
      ['read shop.t', 'read shop.u', 'read shop.w'],
    ],
    ['WITH c AS (SELECT * FROM t) SELECT * FROM c JOIN u', 'select read', ['read shop.t', 'read shop.u']],
    ['WITH c AS (SELECT * FROM c) SELECT 1', 'select read', ['read shop.c']],
    ['SELECT * FROM (SELECT * FROM t) d UNION SELECT * FROM u', 'select read', ['read shop.t', 'read shop.u']],
    ['INSERT INTO t SELECT * FROM u', 'insert insert', ['insert shop.t', 'read shop.u']],
    ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1', 'insert insert', ['insert shop.t', 'update shop.t']],
    ['REPLACE t SET a = 1', 'replace replace', ['replace shop.t']],
    ['UPDATE t SET a = 1', 'update update', ['update shop.t']],
    ['UPDATE t a JOIN u b SET b.x = a.x', 'update update', ['read shop.t', 'read shop.u', 'update shop.u']],
    [
      'UPDATE t a JOIN u b SET x = 1',
      'update update',
      ['read shop.t', 'read shop.u', 'update shop.t', 'update shop.u'],
    ],
    ['DELETE a FROM t a JOIN u b', 'delete delete', ['delete shop.t', 'read shop.t', 'read shop.u']],
    ['DELETE FROM a USING db.t a JOIN u', 'delete delete', ['delete db.t', 'read db.t', 'read shop.u']],
    ['TRUNCATE t', 'truncate schema', ['schema shop.t']],
    ['EXPLAIN DELETE FROM t', 'explain read', ['read shop.t']],
    ['ANALYZE DELETE FROM t', 'analyze delete delete', ['delete shop.t']],
    ['CHECK TABLE t', 'check table schema', ['schema shop.t']],
    ['RENAME TABLE a TO b', 'rename table schema', ['schema shop.a', 'schema shop.b']],
    ['CREATE TABLE x.t LIKE u', 'create table schema', ['read shop.u', 'schema x.t']],
    ['CREATE TRIGGER x.tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1', 'create trigger schema', ['schema x.t']],
    [
      'CREATE TRIGGER tr AFTER UPDATE ON t FOR EACH ROW BEGIN SET @a = 1; DELETE FROM u; END;',
      'create trigger schema',
      ['schema shop.t'],
    ],
    [
      'CREATE OR REPLACE DEFINER = CURRENT_USER PROCEDURE p(a INT) BEGIN IF a THEN SELECT 1; END IF; END',
      'create procedure schema',
      ['schema shop.*'],
    ],
    ['ALTER EVENT x.e DO BEGIN SELECT 1; SELECT 2; END', 'alter event schema', ['schema x.*']],
    ['CREATE TABLE x.t (a INT REFERENCES u (id))', 'create table schema', ['read x.u', 'schema x.t']],
    [
      'CREATE TABLE t (a INT) ENGINE=MERGE UNION (u)',
      'create table schema',
      ['delete shop.u', 'schema shop.t', 'update shop.u'],
    ],
    ['DROP DATABASE d', 'drop database schema', ['schema d.*']],
    ['LOCK TABLES t WRITE', 'lock tables lock', ['lock shop.t']],
    ['CALL p()', 'call execute', []],
    ['SET @a = (SELECT b FROM t)', 'set session', ['read shop.t']],
    ['SET GLOBAL a = 1', 'set admin', []],
    ['GRANT ALL ON *.* TO x', 'grant admin', []],
    ['SHOW COLUMNS FROM t FROM d', 'show columns read', ['read d.t']],
    ['-- nothing', 'empty session', []],
  ])('say what it is and what it touches: %s', (text, kind, tables) => {
    const facts = factsOf(text);
    expect(facts.notUnderstood).toBeNull();
    expect(`${facts.kind} ${facts.action}`).toBe(kind);
    expect(tablesOf(facts)).toEqual(tables);
  });

  it.each<[string, StatementFacts['where']]>([
    ['DELETE FROM t', 'none'],
    ['DELETE FROM t WHERE 1', 'constant'],
    ['DELETE FROM t WHERE 1 = 1 AND NOW() > 5', 'constant'],
    ['DELETE FROM t WHERE id = 5', 'column'],
    ['DELETE FROM t WHERE id = 5 OR 1', 'constant'],
    ['DELETE FROM t WHERE id = 5 OR (a = 1 AND 1)', 'column'],
    ['DELETE FROM t WHERE id = id', 'constant'],
    ['DELETE FROM t WHERE a IS NULL OR a IS NOT NULL', 'constant'],
    ['DELETE FROM t WHERE NOT (id = 5 AND 0)', 'constant'],
    ['DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = 5)', 'constant'],
    ['DELETE FROM t WHERE id BETWEEN 1 AND 5 AND 1', 'column'],
    ['SELECT a FROM t WHERE id = 5 UNION SELECT a FROM t', 'none'],
  ])('say whether its condition narrows it: %s', (text, where) => {
    expect(factsOf(text).where).toBe(where);
  });

  it.each([
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 'into-file'],
    ['SELECT a FROM t INTO @a', 'into-variable'],
    ['SELECT a FROM t FOR SHARE', 'locking-read'],
    ['SELECT @a := 1', 'assignment'],
    ['DELETE FROM t RETURNING *', 'returning'],
    ['CREATE OR REPLACE VIEW v AS SELECT 1', 'or-replace'],
    ['CREATE TEMPORARY TABLE t (a INT)', 'temporary'],
    ['CREATE TABLE t AS (SELECT 1)', 'from-query'],
    ['ALTER TABLE t DROP PARTITION p', 'drops-partition'],
    ['CREATE OR REPLACE DEFINER = CURRENT_USER SQL SECURITY DEFINER VIEW v AS SELECT 1', 'task-owned'],
    ['CREATE TRIGGER tr AFTER DELETE ON t FOR EACH ROW SET @a = 1', 'task-owned'],
    ['CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1', 'task-owned'],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'task-owned'],
    ['ALTER EVENT e DISABLE', 'task-owned'],
    ['SET autocommit = 0', 'autocommit'],
  ])('have flags for what is more than it seems: %s', (text, flag) => {
    expect(factsOf(text).flags).toContain(flag);
  });

  it.each([
    'CREATE SQL SECURITY INVOKER VIEW v AS SELECT 1',
    'CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT 1',
    'ALTER VIEW v AS SELECT 1',
    'CREATE TABLE t (a INT)',
    'DROP TRIGGER tr',
  ])('do not say that what outlives its maker will not: %s', (text) => {
    expect(factsOf(text).flags).not.toContain('task-owned');
  });

  it.each([
    ['SELECT COUNT(*), UPPER(a) FROM t', []],
    ['SELECT shop_secret(1)', ['shop.shop_secret']],
    ['SELECT db.f(1)', ['db.f']],
    ['SELECT `upper`(a)', ['shop.upper']],
    ['SELECT COUNT (a)', ['shop.COUNT']],
    ['SELECT SLEEP(1), LOAD_FILE(a), GET_LOCK(a, 1)', ['null.SLEEP', 'null.LOAD_FILE', 'null.GET_LOCK']],
  ])('name the functions that are not known to do no harm: %s', (text, names) => {
    expect(factsOf(text).unknownFunctions.map(({ database, name }) => `${database}.${name}`)).toEqual(names);
  });

  it.each([
    ['SELECT 1; DROP TABLE t', 'more than one statement'],
    ["SELECT 'a", 'unclosed string'],
    ['SELECT /* a', 'unclosed comment'],
    ['SELECT /*! 1', 'unclosed comment'],
    ['BEGIN NOT ATOMIC DELETE FROM t; END', 'compound statement'],
    ['HANDLER t OPEN', 'HANDLER'],
    ['SET debug_dbug = 1', 'a session variable that is not known to be harmless'],
    ['SELECT a FROM t WHERE a = \u0001', 'control character'],
    ['FROBNICATE t', 'unknown kind of statement'],
    [`SELECT ${'('.repeat(300)}1${')'.repeat(300)}`, 'nested too deeply'],
  ])('say why it could not be understood, and call it unknown: %j', (text, reason) => {
    const { facts, fingerprint } = analyse(Buffer.from(text), DIALECTS.mariadb, 'shop');
    expect(facts).toMatchObject({ notUnderstood: reason, action: 'unknown' });
    expect(fingerprint).toBeNull();
  });

  it('are those of the server that it is for', () => {
    expect(tablesOf(factsOf('SELECT 1 /*M! FROM t */', 'mysql'))).toEqual([]);
    expect(tablesOf(factsOf('SELECT 1 /*M! FROM t */', 'mariadb'))).toHaveLength(1);
    expect(factsOf('SELECT /*+ NO_INDEX(t) */ 1', 'mysql').notUnderstood).toBe('optimizer hint');
    expect(factsOf('SELECT /*+ NO_INDEX(t) */ 1', 'mariadb').notUnderstood).toBeNull();
    // Five digits to this version of MySQL, six to others.
    expect(factsOf('SELECT 1 /*!800001*/', 'mysql').notUnderstood).toBe('executable comment');
    expect(factsOf('SELECT \\N', 'mariadb').notUnderstood).toBeNull();
    expect(factsOf('SELECT \\N', 'mysql').notUnderstood).not.toBeNull();
    expect(factsOf('SELECT MD5(a) FROM t', 'mysql').unknownFunctions).not.toEqual([]);
    expect(factsOf('SELECT MD5(a) FROM t', 'mariadb').unknownFunctions).toEqual([]);
  });
});

describe('a text that names tables without end', () => {
  const many = (one: (index: number) => string) => Array.from({ length: 20_000 }, (_, index) => one(index)).join(',');
  it.each([
    ['common table expressions', `WITH ${many((index) => `a${index} AS (SELECT 1 FROM t${index})`)} SELECT 1`],
    ['tables of an UPDATE', `UPDATE ${many((index) => `t${index}`)} SET ${many((index) => `t${index}.a = 1`)}`],
    ['tables of a DELETE', `DELETE ${many((index) => `t${index}`)} FROM ${many((index) => `t${index}`)}`],
    ['tables of a SELECT', `SELECT 1 FROM ${many((index) => `t${index}`)}`],
  ])('is not understood, and not looked at for long: %s', (_what, text) => {
    const started = process.cpuUsage();
    const reason = 'it names more tables than can be looked at';
    expect(factsOf(text)).toMatchObject({ action: 'unknown', notUnderstood: reason });
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });
});
