import type { RowDataPacket } from 'mysql2';
import { describe, expect, test } from 'vitest';
import { SQL_APPROVALS } from '../../src/protocols/sql/approval-views.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { usePreviewShop } from './preview-shop.js';

/** Columns of every kind, and what is written into them. */
const COLUMNS: readonly (readonly [string, readonly string[]])[] = [
  ['c_int INT', ['5', '-5', "'17'", "' 17'", '2147483648', '1 + 2 * 3', 'TRUE', 'NULL', '1.5', "'x'"]],
  ['c_tiny TINYINT UNSIGNED NOT NULL DEFAULT 0', ['255', '256', '-1', 'NULL', "'7'"]],
  ['c_zero INT(5) UNSIGNED ZEROFILL', ['5']],
  ['c_big BIGINT UNSIGNED', ['18446744073709551615', "'18446744073709551615'", '9223372036854775807']],
  ['c_dec DECIMAL(5,2)', ['5', '1.5', '-1.50', '1.005', '1000', "'9.9'", "'-0.00'"]],
  ['c_dbl DOUBLE', ['5', '0.1']],
  ['c_var VARCHAR(5)', ["'abc'", "'äpfel'", "'abcdef'", '12', "''", "'a\\nb'", "'it''s'", '1.50', 'TRUE']],
  ['c_lat VARCHAR(5) CHARACTER SET latin1', ["'abc'", "'ä'", "'€'"]],
  ['c_char CHAR(5)', ["'ab'", "'ab  '"]],
  ['c_text TINYTEXT', ["'text'"]],
  ["c_enum ENUM('new','shipped')", ["'shipped'", "'SHIPPED'", "'gone'", '1']],
  ['c_date DATE', ["'2026-01-31'", "'2026-02-30'", "'26-1-31'", '20260131']],
  ['c_dt DATETIME', ["'2026-01-31 10:00:00'", "'2026-01-31'", "'2026-01-31 10:00:00.7'"]],
  ['c_dt6 DATETIME(6)', ["'2026-01-31 10:00:00'"]],
  ['c_ts TIMESTAMP NULL', ["'2026-01-31 10:00:00'", 'NULL']],
  ['c_time TIME', ["'10:00:00'"]],
  ['c_json JSON', [`'{"b": 1, "a": 2}'`]],
  ['c_set SET("a","b")', ["'b,a'"]],
  ['c_bit BIT(4)', ['5']],
];

const CASES = COLUMNS.flatMap(([column, values]) =>
  values.map((value) => [column.split(' ')[0] ?? '', value] as const),
);

describe.each(engines())('before and after on $flavour $version', (engine) => {
  const shop = usePreviewShop(engine);

  const withTable = async (work: () => Promise<void>): Promise<void> => {
    const columns = COLUMNS.map(([column]) => column).join(', ');
    await shop().rootRows(`CREATE TABLE aged (id INT PRIMARY KEY, ${columns}) CHARACTER SET utf8mb4`);
    await shop().rootRows('INSERT INTO aged (id) VALUES (1), (2)');
    try {
      await work();
    } finally {
      await shop().rootRows('DROP TABLE aged');
    }
  };

  test(
    'what is told is what the server stores, in a strict mode and in none; the rest says why',
    { timeout: 120_000 },
    () =>
      withTable(async () => {
        const told: string[] = [];
        for (const [column, value] of CASES) {
          const { assigned, sample } = await shop().preview(`UPDATE aged SET ${column} = ${value} WHERE id = 1`);
          const [only] = assigned ?? [];
          expect([column, assigned?.length, only?.column, sample?.of?.table]).toEqual([column, 1, column, 'aged']);
          if (only?.after.by !== 'statement') {
            expect(only?.after.why.length).toBeGreaterThan(10);
            continue;
          }
          told.push(`${column} = ${value}`);
          for (const mode of ['', 'STRICT_ALL_TABLES']) {
            const stored = await withMysql2({ ...rootLogin(engine), database: shop().database }, async (root) => {
              await root.query(`SET SESSION sql_mode = '${mode}'`);
              await root.query('START TRANSACTION');
              await root.query(`UPDATE aged SET ${column} = ${value} WHERE id = 1`);
              const [rows] = await root.query<RowDataPacket[]>(
                `SELECT LEFT(CAST(${column} AS CHAR), 201) AS v FROM aged WHERE id = 1`,
              );
              await root.query('ROLLBACK');
              const stored: unknown = rows[0]?.['v'];
              return stored;
            });
            expect([column, value, mode, stored]).toEqual([column, value, mode, only.after.value]);
          }
        }
        expect(told).toEqual(
          expect.arrayContaining([
            'c_int = 5',
            'c_int = 1 + 2 * 3',
            'c_int = NULL',
            'c_dec = 1.5',
            "c_var = 'äpfel'",
            "c_enum = 'shipped'",
            "c_date = '2026-01-31'",
          ]),
        );
        expect(told.length).toBeGreaterThan(25);
      }),
  );

  test('people see which columns of the sample change, and to what', () =>
    withTable(async () => {
      const preview = await shop().preview("UPDATE aged SET c_var = 'new', c_int = c_int + 1 WHERE id = 1");
      expect(SQL_APPROVALS.preview(preview)).toMatchObject({
        sample: {
          changed: ['c_int', 'c_var'],
          after: expect.arrayContaining([
            null,
            { by: 'statement', value: 'new' },
            { by: 'database', why: 'It is computed by the database: c_int + 1' },
          ]),
        },
      });
      const joined = await shop().preview(
        "UPDATE parts JOIN aged ON aged.id = parts.item SET c_var = 'x', qty = 7 WHERE parts.part = 1",
      );
      expect(joined.assigned).toMatchObject([
        { table: 'aged', column: 'c_var', after: { value: 'x' } },
        { table: 'parts', column: 'qty', after: { value: '7' } },
      ]);
    }));

  test('a trigger before the change, a view, and rows of values leave it to the database', () =>
    withTable(async () => {
      const whyOf = async (text: string, more = {}): Promise<unknown> => {
        const { assigned } = await shop().preview(text, more);
        return assigned?.map(({ after }) => (after.by === 'database' ? after.why : after.value));
      };
      const update = "UPDATE aged SET c_var = 'x' WHERE id = 1";
      expect(await whyOf(update)).toEqual(['x']);
      expect(await whyOf(update, { bulk: { rows: 2, isCounted: true } })).toEqual([
        expect.stringContaining('row of values'),
      ]);
      expect(await whyOf(update, { isRepeatable: false })).toEqual([expect.stringContaining('character set')]);
      expect(await whyOf("UPDATE fives SET name = 'x'")).toEqual([expect.stringContaining('not written into a table')]);
      await shop().rootRows("CREATE TRIGGER aged_before BEFORE UPDATE ON aged FOR EACH ROW SET NEW.c_var = 'other'");
      expect(await whyOf(update)).toEqual([expect.stringContaining('trigger runs before the change')]);
      expect(await whyOf('DELETE FROM aged WHERE id = 1')).toBeUndefined();
    }));
});
