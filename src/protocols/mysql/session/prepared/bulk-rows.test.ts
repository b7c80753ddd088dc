import { describe, expect, it } from 'vitest';
import { PLAIN_SQL_MODE } from '../../sql/text/dialect.js';
import { analyse } from '../../sql/analyse.js';
import { dialectOf } from '../../sql/text/dialect.js';
import type { BulkExecuteRequest, BulkValue } from '../../wire/bulk-execute.js';
import { BulkRows, whyNotInBulk } from './bulk-rows.js';
import type { SessionScene } from '../../judge/judgement.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: PLAIN_SQL_MODE });
const scene: SessionScene = {
  database: 'shop',
  dialect,
  inTransaction: false,
  locksReads: false,
  characterSet: 'utf8mb4',
  narrowedTo: null,
};
const NUMBER_AND_TEXT = [{ type: 'MYSQL_TYPE_LONG' }, { type: 'MYSQL_TYPE_VAR_STRING' }];

function request(rows: readonly (readonly BulkValue[])[], types = NUMBER_AND_TEXT): BulkExecuteRequest {
  const rowBytes = Buffer.from(JSON.stringify(rows));
  return { statementId: 1, wantsUnitResults: false, newTypes: undefined, types, rows, rowBytes };
}

const rowsOf = (...given: Parameters<typeof request>): BulkRows => new BulkRows(request(...given), scene);

describe('rows of values', () => {
  it('have a digest that changes with each value and type', () => {
    const digests = [
      rowsOf([[1, 'a']]),
      rowsOf([[1, 'a']]),
      rowsOf([[1, 'b']]),
      rowsOf([[1, 'a']], [{ type: 'MYSQL_TYPE_SHORT' }, { type: 'MYSQL_TYPE_VAR_STRING' }]),
      rowsOf([
        [1, 'a'],
        [1, 'a'],
      ]),
    ].map(({ digest }) => digest);
    expect(digests[0]).toBe(digests[1]);
    expect(new Set(digests).size).toBe(4);
  });

  it('have the kinds of their values for a shape, with what stands in place of one', () => {
    const rows = rowsOf([
      [1, { indicator: 'default' }],
      [null, 'x'],
      [3, { base64: '/w==' }],
      [4, { indicator: 'ignore' }],
    ]);
    expect(rows.kinds((type) => type.slice(-4))).toEqual([
      ['LONG', 'null'],
      ['RING', 'default', 'ignore'],
    ]);
    expect(rows.hasDefault).toBe(true);
    expect(rowsOf([[1, null]]).hasDefault).toBe(false);
  });

  it('are put to people up to a number and a size, and one in any case', () => {
    const short = rowsOf(Array.from({ length: 3_000 }, (_, index) => [index, 'x']));
    expect(short.asked().rowCount).toBe(3_000);
    expect(short.asked().rows).toHaveLength(1_000);
    const long = rowsOf(Array.from({ length: 10 }, () => [1, 'x'.repeat(100_000)]));
    expect(long.asked().rows).toHaveLength(2);
    expect(rowsOf([[1, 'x'.repeat(1_000_000)]]).asked().rows).toHaveLength(1);
  });

  it('are read in what the session is set to', () => {
    const latin1 = { ...scene, characterSet: 'latin1' };
    expect(
      new BulkRows(
        request([
          [1, 'ab'],
          [2, 'é'],
        ]),
        latin1,
      ).recorded.rows,
    ).toEqual([
      [1, 'ab'],
      [2, { base64: 'w6k=' }],
    ]);
    const narrow = { ...scene, narrowedTo: 'latin1' };
    expect(
      new BulkRows(
        request([
          [1, 'é'],
          [{ indicator: 'ignore' }, null],
        ]),
        narrow,
      ).recorded.rows[0],
    ).toEqual([1, 'é']);
    expect(
      () =>
        new BulkRows(
          request([
            [1, 'a'],
            [2, 'ř'],
          ]),
          narrow,
        ),
    ).toThrow(/^statement_not_utf8/);
  });
});

describe('a statement is executed with rows of values', () => {
  const [plain, withDefault] = [{ hasDefault: false }, { hasDefault: true }];
  const why = (text: string, rows = plain) => whyNotInBulk(rows, analyse(Buffer.from(text), dialect, 'shop').facts);

  it.each(['INSERT INTO t VALUES (?)', 'REPLACE t SET a = ?', 'UPDATE t SET a = ?', 'DELETE FROM t WHERE a = ?'])(
    'when it changes rows: %s',
    (text) => {
      expect(why(text)).toBeUndefined();
    },
  );

  it.each([
    'SELECT ?',
    'SELECT * FROM t WHERE a = ? FOR UPDATE',
    'SET sql_mode = ?',
    'CALL p(?)',
    'DO ?',
    'EXPLAIN DELETE FROM t WHERE a = ?',
    'ANALYZE UPDATE t SET a = ?',
    'CREATE TABLE u AS SELECT ? AS a',
    `UPDATE t SET a = ${'('.repeat(250)}?${')'.repeat(250)}`,
    'KILL ?',
  ])('and not when it does anything else, or is not understood: %s', (text) => {
    expect(why(text)).toContain('only an INSERT, REPLACE, UPDATE or DELETE');
  });

  it('with defaults where the target takes them', () => {
    expect(why('INSERT INTO t VALUES (?)', withDefault)).toBeUndefined();
    expect(why('REPLACE INTO t VALUES (?)', withDefault)).toBeUndefined();
    expect(why('UPDATE t SET a = ?', withDefault)).toContain('DEFAULT in place of a value');
    expect(why('DELETE FROM t WHERE a = ?', withDefault)).toContain('DEFAULT in place of a value');
  });
});
