import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewOf } from './opinion-view.js';

beforeAll(init);

/** `read`s and `write`s by name, in the order in which the tree has them. */
function seenIn(text: string): { readonly kind: string; readonly where: string | null; readonly tables: string[] } {
  const { kind, where, tables } = viewOf(parse(text, 'mysql'));
  const names = tables.map(({ database, table, isWritten }) => {
    return `${isWritten ? '!' : ''}${database === null ? '' : `${database}.`}${table}`;
  });
  return { kind, where, tables: [...new Set(names)].sort() };
}

describe('a view of the second parser', () => {
  it.each([
    ['SELECT 1', 'select', 'none', []],
    ['SELECT a FROM t WHERE a = 1', 'select', 'column', ['t']],
    ['SELECT a FROM db.t, `o``dd`.`x.y` WHERE 1', 'select', 'constant', ['db.t', 'o`dd.x.y']],
    ['SELECT a FROM t WHERE @a', 'select', 'constant', ['t']],
    ['SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE b = 1)', 'select', 'constant', ['t', 'u']],
    ['SELECT a FROM t JOIN (SELECT b FROM u) v ON v.b = t.a', 'select', 'none', ['t', 'u']],
    ['SELECT a FROM t UNION SELECT b FROM u WHERE b', 'select', null, ['t', 'u']],
    ['VALUES ROW(1, 2) UNION SELECT a, b FROM t', 'select', null, ['t']],
    ['(VALUES ROW(1))', 'select', null, []],
    ['EXPLAIN ANALYZE SELECT a FROM t WHERE a = 1', 'select', 'column', ['t']],
    ['EXPLAIN ANALYZE UPDATE t SET a = 1', 'update', 'none', ['!t', 't']],
    ['SELECT now() FROM dual', 'select', 'none', []],
    ['WITH c AS (SELECT 1 FROM t) SELECT * FROM c, C', 'select', 'none', ['t']],
    ['WITH c AS (SELECT 1 FROM c) SELECT * FROM c, db.c', 'select', 'none', ['c', 'db.c']],
    ['WITH RECURSIVE c AS (SELECT 1 UNION SELECT 2 FROM c) SELECT * FROM c', 'select', 'none', []],
    ['SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) x, c', 'select', 'none', ['c']],
    ['INSERT INTO t VALUES (1)', 'insert', null, ['!t']],
    ['INSERT INTO t SELECT * FROM u WHERE a', 'insert', null, ['!t', 'u']],
    ['REPLACE INTO db.t SET a = (SELECT 1 FROM u)', 'replace', null, ['!db.t', 'u']],
    ['UPDATE t SET a = 1', 'update', 'none', ['!t', 't']],
    ['UPDATE IGNORE t SET a = 1 WHERE b = 1', 'update', 'column', ['!t', 't']],
    ['UPDATE low_priority t SET a = 1', 'update', 'none', ['!t', 't']],
    ['UPDATE `ignore` t SET a = 1', 'update', 'none', ['!ignore', 'ignore']],
    ['DELETE IGNORE FROM t WHERE a = 1', 'delete', 'column', ['!t', 't']],
    ['DELETE QUICK FROM t', 'delete', 'none', ['!t', 't']],
    ['UPDATE t JOIN u ON t.a = u.a SET t.b = 1 WHERE u.c', 'update', 'column', ['t', 'u']],
    ['DELETE FROM t WHERE a LIMIT 1', 'delete', 'column', ['!t', 't']],
    ['DELETE x FROM t AS x JOIN u AS y ON x.a = y.a WHERE 1 = 1', 'delete', 'constant', ['!t', 't', 'u']],
    ['DELETE FROM x USING t AS x JOIN u', 'delete', 'none', ['!t', 't', 'u']],
    ['DELETE t FROM db.t WHERE t.a', 'delete', 'column', ['!db.t', 'db.t']],
    ['WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM c)', 'delete', 'column', ['!t', 't']],
    ['WITH c AS (SELECT 1) UPDATE c SET a = 1', 'update', 'none', ['!c']],
    ['SET @a = 1', 'other', null, []],
    ['DROP TABLE t', 'other', null, []],
  ])('of %s', (text, kind, where, tables) => {
    expect(seenIn(text)).toEqual({ kind, where, tables });
  });

  it('counts the statements', () => {
    expect(viewOf(parse('SELECT 1; DELETE FROM t', 'mysql'))).toMatchObject({ statements: 2, kind: 'select' });
  });
});
