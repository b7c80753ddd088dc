import { describe, expect, it } from 'vitest';
import type { AskedParts, ShownParts } from '../../protocol/approval-views.js';
import { sqlDigest } from './asked-digest.js';
import { sqlHeadline } from './asked-headline.js';

const orders = { database: 'shop', table: 'orders', action: 'update', by: 'text' };
const facts = {
  kind: 'update',
  action: 'update' as const,
  statements: 1,
  tables: [],
  columns: [],
  functions: [],
  unknownFunctions: [],
  where: 'column' as const,
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: null,
};
const table = { database: 'shop', table: 'orders', rows: 8, estimated: false, isWritten: true };
const preview = { tables: [table], sample: null, triggers: [], cascades: [], locks: null };
const asked: AskedParts = {
  kind: 'update',
  action: 'update',
  summary: { action: 'update', tables: [orders], tablesMore: 0 },
  question: { text: 'UPDATE orders SET a = 1 WHERE id = 1', facts },
  preview,
  affected: { kind: 'exact', rows: 1 },
};
const exact = (rows: number) => ({ kind: 'exact', rows }) as const;

function amount(parts: Partial<AskedParts>): string | null {
  return sqlHeadline({ ...asked, ...parts }, 'orders-db').amount;
}

describe('the sentence about a statement', () => {
  it('says what it does, to what, and to how many rows of how many', () => {
    expect(sqlHeadline(asked, 'orders-db')).toEqual({
      verb: 'UPDATE',
      place: 'shop.orders',
      amount: '1 row of 8 changes',
      isExact: true,
      dangers: [],
    });
    expect(amount({ affected: exact(1_204) })).toBe('1,204 rows of 8 change');
    expect(amount({ preview: { ...preview, tables: [{ ...table, estimated: true }] } })).toBe(
      '1 row of about 8 changes',
    );
    expect(amount({ preview: null })).toBe('1 row changes');
    expect(amount({ action: 'insert', affected: exact(2) })).toBe('2 rows are added');
    expect(amount({ affected: null })).toBeNull();
  });

  it('marks a whole table, what cannot be counted or undone, and what nobody understands', () => {
    const whole = { text: 'DELETE FROM orders', facts: { ...facts, where: 'none' } };
    const all = sqlHeadline({ ...asked, action: 'delete', question: whole, affected: exact(8) }, 'orders-db');
    expect(all).toMatchObject({ amount: 'all 8 rows', dangers: ['wholeTable'] });
    const uncounted = sqlHeadline({ ...asked, affected: { kind: 'unknown', why: 'it took long' } }, 'orders-db');
    expect(uncounted).toMatchObject({ isExact: false, dangers: ['unknownCount'] });
    expect(uncounted.amount).toBe('nobody can know how many rows');
    const drop = { ...asked, kind: 'drop table', action: 'schema', affected: null };
    expect(sqlHeadline(drop, 'orders-db')).toMatchObject({
      verb: 'DROP TABLE',
      amount: null,
      dangers: ['irreversible'],
    });
    const unknown = { ...asked, action: 'unknown', summary: { action: 'unknown' } };
    expect(sqlHeadline(unknown, 'orders-db')).toMatchObject({ place: 'orders-db', dangers: ['notUnderstood'] });
  });

  it('names two tables and counts the others, with hidden characters written out', () => {
    const tables = ['a\u202e', 'b', 'c'].map((name) => ({ ...orders, database: null, table: name }));
    const many = { ...asked, summary: { action: 'update', tables, tablesMore: 4 } };
    expect(sqlHeadline(many, 'orders-db').place).toBe('a⟨U+202E⟩, b and 5 tables more');
  });
});

/** As the API shows an UPDATE, and no preview of it. */
function shownOf(changed: object): ShownParts {
  const text = 'UPDATE orders SET a = 1 WHERE id = 1';
  const operation = { text, shown: text, values: null, bulk: null, facts, ...changed };
  return { kind: 'update', operation, preview: null };
}

describe('what is told of a statement besides its text', () => {
  it('says how many rows of values it runs with, and shows the first of them', () => {
    const rowOf = (index: number) => [
      { type: 'MYSQL_TYPE_LONG', value: index, shown: String(index) },
      index === 0 ? { indicator: 'default' as const, shown: 'DEFAULT' } : { type: 'X', value: 'x', shown: "'x'" },
    ];
    const bulk = { rowCount: 1_000, rows: Array.from({ length: 50 }, (_, index) => rowOf(index)) };
    const { values } = sqlDigest(shownOf({ bulk }));
    expect(values.slice(0, 3)).toEqual([
      ['runs', 'once for each of 1000 rows of values'],
      ['row 1', '0, DEFAULT'],
      ['row 2', "1, 'x'"],
    ]);
    expect(values.slice(-2)).toEqual([
      ['row 10', "9, 'x'"],
      ['more', '990 more rows of values'],
    ]);
  });

  it('says what of it was not understood before anything else', () => {
    const { operation } = sqlDigest(shownOf({ facts: { ...facts, notUnderstood: 'odd' } }));
    expect(operation).toEqual([
      ['UNKNOWN', 'the broker did not understand it: odd'],
      ['does', 'update, WHERE names a column'],
    ]);
  });
});
