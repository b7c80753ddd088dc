import { describe, expect, test } from 'vitest';
import { PLAIN_SQL_MODE, type SqlDialect } from '../text/dialect.js';
import { bodyTouch, viewListsOneTable, viewTouch } from './stored-code.js';

const MARIADB: SqlDialect = { flavour: 'mariadb', version: 101119, sqlMode: PLAIN_SQL_MODE };

function touchedBy(body: string): readonly string[] | string {
  const { tables, unknown } = bodyTouch(body, MARIADB, 'shop');
  return unknown ?? [...new Set(tables.map(({ database, table, action }) => `${action} ${database}.${table}`))].sort();
}

describe('the body of a trigger or routine', () => {
  test.each<readonly [string, readonly string[]]>([
    ['INSERT INTO audit VALUES (NEW.id)', ['insert shop.audit']],
    ['BEGIN END', []],
    ['BEGIN INSERT INTO audit VALUES (1); DELETE FROM other.t; END', ['delete other.t', 'insert shop.audit']],
    ['SET NEW.a = (SELECT MAX(x) FROM prices), @b = 1, c := NEW.a + 1', ['read shop.prices']],
    ['RETURN (SELECT 1 FROM a)', ['read shop.a']],
    ["IF NEW.a = 'THEN' THEN UPDATE a SET x = 1; END IF", ['update shop.a']],
    [
      'IF EXISTS (SELECT 1 FROM a) THEN DELETE FROM b; ELSEIF 1 THEN DELETE FROM c; ELSE DELETE FROM d; END IF',
      ['delete shop.b', 'delete shop.c', 'delete shop.d', 'read shop.a'],
    ],
    [
      'CASE NEW.a WHEN 1 THEN DELETE FROM a; WHEN (SELECT 2 FROM w) THEN DELETE FROM b; ELSE BEGIN END; END CASE',
      ['delete shop.a', 'delete shop.b', 'read shop.w'],
    ],
    ['CASE WHEN CASE 1 WHEN 1 THEN 2 ELSE 3 END THEN DELETE FROM a; END CASE', ['delete shop.a']],
    ['x: BEGIN a: WHILE 1 DO DELETE FROM a; LEAVE a; END WHILE a; END x', ['delete shop.a']],
    ['l: LOOP ITERATE l; DELETE FROM a; END LOOP', ['delete shop.a']],
    ['REPEAT DELETE FROM a; UNTIL CASE WHEN 1 THEN (SELECT 1 FROM b) END END REPEAT', ['delete shop.a', 'read shop.b']],
    [
      `BEGIN
         DECLARE a, b INT DEFAULT (SELECT 1 FROM d);
         DECLARE c CURSOR FOR SELECT * FROM e;
         DECLARE oops CONDITION FOR SQLSTATE '45000';
         DECLARE CONTINUE HANDLER FOR SQLSTATE VALUE '02000', NOT FOUND, SQLEXCEPTION, 1062, oops
           BEGIN DELETE FROM h; END;
         OPEN c; FETCH c INTO a, b; CLOSE c;
         SELECT 1, x INTO a, @b FROM f WHERE x = a;
         SIGNAL oops SET MESSAGE_TEXT = 'no';
         GET DIAGNOSTICS a = ROW_COUNT;
       END`,
      ['delete shop.h', 'read shop.d', 'read shop.e', 'read shop.f'],
    ],
    ['INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE x = 2', ['insert shop.a', 'update shop.a']],
    ['IF 1 THEN IF 2 THEN DELETE FROM a; END IF; END IF;', ['delete shop.a']],
  ])('touches what its statements do: %s', (body, expected) => {
    expect(touchedBy(body)).toEqual(expected);
  });

  test('calls what it calls', () => {
    const { routines, functions } = bodyTouch('BEGIN CALL p(f(1)); SET @x = other.g(LOWER(2)); END', MARIADB, 'shop');
    expect(routines).toEqual([
      { database: 'shop', name: 'p' },
      { database: 'shop', name: 'f' },
      { database: 'other', name: 'g' },
    ]);
    expect(functions).toContain('lower');
  });

  test.each([
    "BEGIN PREPARE s FROM 'DELETE FROM a'; EXECUTE s; END",
    "EXECUTE IMMEDIATE 'DELETE FROM a'",
    "EXECUTE IMMEDIATE CONCAT('DELETE ', 'FROM a')",
    'SET GLOBAL general_log = 1',
    'SET @@global.general_log = 1',
    'SET @a = 1, @@session.sql_log_bin = 0',
    'BEGIN DELETE FROM a',
    'BEGIN DELETE FROM a; END DELETE FROM b',
    'IF 1 THEN DELETE FROM a;',
    'BEGIN GRANT ALL ON *.* TO x; END',
    "BEGIN SELECT 1 INTO OUTFILE '/tmp/x' FROM a; END",
    'FOR r IN (SELECT 1 FROM a) DO DELETE FROM a; END FOR',
    "BEGIN SET x = 'unclosed; END",
    'BEGIN /*!50000 DELETE */ FROM a; END',
    '',
    `${'BEGIN '.repeat(100)}${'END; '.repeat(99)}END`,
  ])('says that it is not known: %s', (body) => {
    expect(bodyTouch(body, MARIADB, 'shop').unknown).not.toBeNull();
  });
});

describe('the query of a view', () => {
  test('reads its tables in the database that the view is in', () => {
    const { tables, routines, unknown } = viewTouch(
      'select `shop`.`a`.`id` AS `id`,`f`(1) AS `n`,sleep(0) AS `s` from (`shop`.`a` join `other`.`b` on(`other`.`b`.`x` = 1))',
      MARIADB,
      'shop',
    );
    expect(unknown).toBeNull();
    expect(tables.map(({ database, table }) => `${database}.${table}`)).toEqual(['shop.a', 'other.b']);
    expect(routines.map(({ name }) => name).sort()).toEqual(['f', 'sleep']);
  });

  test.each([
    ['select `shop`.`a`.`id` AS `id` from `shop`.`a`', true],
    ['select `x`.`id` AS `id` from `shop`.`a` `x` where `x`.`id` > 1 limit 3', true],
    [
      'select (select max(`b`.`n`) from `shop`.`b`) AS `n` from `shop`.`a` where (`a`.`id` in (select 1 from `b`,`c`))',
      true,
    ],
    ['select extract(year from `shop`.`a`.`day`) AS `y` from `shop`.`a`', true],
    ['select 1 from (`shop`.`a` join `shop`.`b` on(1))', false],
    ['select 1 from (`shop`.`a` `x` join `shop`.`a` `y`)', false],
    ['select 1 from `shop`.`a` `x`,`shop`.`a` `y`', false],
    ['select 1 from (select `id` from `shop`.`a`) `d`', false],
    ['with `c` as (select 1) select 1 from `c`', false],
    ['select 1 AS `one`', false],
    ["select 'unclosed from `a`", false],
  ])('has a single table in its FROM or not: %s', (definition, expected) => {
    expect(viewListsOneTable(definition, MARIADB, 'shop')).toBe(expected);
  });
});
