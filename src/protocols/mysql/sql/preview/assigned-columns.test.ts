import { describe, expect, it } from 'vitest';
import type { RecordedValue } from '../../../sql/bound-values.js';
import { PLAIN_SQL_MODE } from '../text/dialect.js';
import { assignedColumns } from './assigned-columns.js';

const DIALECT = { flavour: 'mysql', version: 90_704, sqlMode: PLAIN_SQL_MODE } as const;

function assignedIn(text: string, values: readonly RecordedValue[] = []) {
  const hasColumn = ({ table }: { table: string }, column: string) => column.startsWith(table.slice(0, 1));
  return assignedColumns({ text: Buffer.from(text), dialect: DIALECT, database: 'shop', values, hasColumn });
}

/** What each column gets, in short; `?` where it is not certain. */
function valuesIn(text: string, values: readonly RecordedValue[] = []): readonly unknown[] {
  return (assignedIn(text, values) ?? []).map(({ value }) => {
    if (value === undefined) return '?';
    if (value.kind === 'null') return null;
    return value.kind === 'integer' ? value.value : `${value.kind}:${value.text}`;
  });
}

describe('what an UPDATE assigns', () => {
  it('is named by table and column, in one table and in several', () => {
    expect(
      assignedIn('UPDATE LOW_PRIORITY orders o SET o.`a` = 1, b := 2 WHERE id = 1 ORDER BY id LIMIT 1'),
    ).toMatchObject([
      { table: { database: 'shop', table: 'orders' }, column: 'a' },
      { table: { database: 'shop', table: 'orders' }, column: 'b', written: '2' },
    ]);
    expect(assignedIn('UPDATE a JOIN main.b ON a.id = b.id SET a_x = 1, b.y = a_x + 1')).toMatchObject([
      { table: { database: 'shop', table: 'a' }, column: 'a_x', value: { value: 1n } },
      { table: { database: 'main', table: 'b' }, column: 'y', value: undefined, written: 'a_x + 1' },
    ]);
    expect(assignedIn('UPDATE a, b SET c = 1')).toBeUndefined();
    expect(assignedIn('DELETE FROM orders')).toBeUndefined();
  });

  it('is a literal, NULL, a truth value or a sum of whole numbers', () => {
    const text = `UPDATE t SET a = 5, b = 'it''s', c = NULL, d = TRUE, e = -5, f = 2 * (3 + 4) - 1, g = 1.50, h = -.5`;
    expect(valuesIn(text)).toEqual([5n, "text:it's", null, 1n, -5n, 13n, 'decimal:1.50', 'decimal:-0.5']);
    expect(valuesIn(String.raw`UPDATE t SET a = 'a\'b\n', b = "q"`)).toEqual(["text:a'b\n", 'text:q']);
  });

  it.each([
    'a + 1',
    'NOW()',
    '1 / 2',
    '1.5 + 1',
    '5 DIV 2',
    '1e3',
    "'a' 'b'",
    "_latin1'a'",
    "N'a'",
    '0x41',
    "DATE '2026-01-01'",
    'DEFAULT',
    '(SELECT 1)',
    '9223372036854775808',
    '9223372036854775807 + 1',
    '1 + ?',
    '@x',
    '-TRUE',
    '1 = 1',
  ])('is not certain as %s', (written) => {
    expect(valuesIn(`UPDATE t SET a = ${written} WHERE id = 1`)).toEqual(['?']);
  });

  it('is a bound value, each by its own place', () => {
    const values: readonly RecordedValue[] = [
      { type: 'MYSQL_TYPE_LONGLONG', value: '18446744073709551615', unsigned: true },
      { type: 'MYSQL_TYPE_VAR_STRING', value: 'x' },
      { type: 'MYSQL_TYPE_NULL', value: null },
      { type: 'MYSQL_TYPE_DOUBLE', value: 1.5 },
      { type: 'MYSQL_TYPE_BLOB', value: 'eA==', encoding: 'base64' },
      { type: 'MYSQL_TYPE_LONG', value: 7 },
    ];
    expect(valuesIn('UPDATE t SET a = ?, b = ?, c = ?, d = ?, e = ? WHERE id = ?', values)).toEqual([
      18_446_744_073_709_551_615n,
      'text:x',
      null,
      '?',
      '?',
    ]);
    expect(valuesIn('UPDATE t SET a = ?')).toEqual(['?']);
  });

  it('is not certain of a column that is assigned twice', () => {
    expect(valuesIn('UPDATE t SET a = 1, b = 2, A = 3')).toEqual(['?', 2n, '?']);
  });
});
