import { expect, it } from 'vitest';
import type { LiteralValue } from '../sql/preview/literal-value.js';
import { columnFormOf } from './column-form.js';
import { storedValue } from './stored-value.js';

const FORMS = {
  int: columnFormOf('int', ['int(11)', 'YES', null, '10', '0', null]),
  'tinyint unsigned': columnFormOf('tinyint', ['tinyint(3) unsigned', 'NO', null, '3', '0', null]),
  zerofill: columnFormOf('int', ['int(5) unsigned zerofill', 'YES', null, '10', '0', null]),
  'decimal(5,2)': columnFormOf('decimal', ['decimal(5,2)', 'YES', null, '5', '2', null]),
  'varchar(5)': columnFormOf('varchar', ['varchar(5)', 'YES', '5', null, null, 'utf8mb4']),
  'latin1 varchar(5)': columnFormOf('varchar', ['varchar(5)', 'YES', '5', null, null, 'latin1']),
  'char(5)': columnFormOf('char', ['char(5)', 'YES', '5', null, null, 'utf8mb4']),
  tinytext: columnFormOf('tinytext', ['tinytext', 'YES', '255', null, null, 'utf8mb4']),
  enum: columnFormOf('enum', ["enum('new','shipped','it''s')", 'YES', '7', null, null, 'utf8mb4']),
  date: columnFormOf('date', ['date', 'YES', null, null, null, null]),
  datetime: columnFormOf('datetime', ['datetime', 'YES', null, null, null, null]),
  'datetime(6)': columnFormOf('datetime', ['datetime(6)', 'YES', null, null, null, null]),
  timestamp: columnFormOf('timestamp', ['timestamp', 'YES', null, null, null, null]),
  double: columnFormOf('double', ['double', 'YES', null, '22', null, null]),
  json: columnFormOf('json', ['json', 'YES', null, null, null, null]),
} as const;

const literal = (value: string | bigint | null): LiteralValue => {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'bigint') return { kind: 'integer', value };
  return value.startsWith('#') ? { kind: 'decimal', text: value.slice(1) } : { kind: 'text', text: value };
};

it.each<[keyof typeof FORMS, string | bigint | null, string | null]>([
  ['int', 5n, '5'],
  ['int', -2_147_483_648n, '-2147483648'],
  ['int', '17', '17'],
  ['int', null, null],
  ['tinyint unsigned', 255n, '255'],
  ['decimal(5,2)', 5n, '5.00'],
  ['decimal(5,2)', '#-0.5', '-0.50'],
  ['decimal(5,2)', '999.99', '999.99'],
  ['varchar(5)', 'äpfel', 'äpfel'],
  ['varchar(5)', 12n, '12'],
  ['varchar(5)', '', ''],
  ['latin1 varchar(5)', 'abc', 'abc'],
  ['char(5)', 'ab', 'ab'],
  ['tinytext', 'x'.repeat(255), 'x'.repeat(255)],
  ['enum', 'shipped', 'shipped'],
  ['enum', "it's", "it's"],
  ['date', '2024-02-29', '2024-02-29'],
  ['datetime', '2026-01-31 23:59:59', '2026-01-31 23:59:59'],
  ['datetime', '2026-01-31', '2026-01-31 00:00:00'],
])('into %s %s reads as %s', (form, value, stored) => {
  expect(storedValue(literal(value), FORMS[form])).toEqual({ value: stored });
});

it.each<[keyof typeof FORMS, string | bigint | null]>([
  ['int', 2_147_483_648n],
  ['int', '017'],
  ['int', '5 '],
  ['int', '#5.0'],
  ['tinyint unsigned', -1n],
  ['tinyint unsigned', 256n],
  ['tinyint unsigned', null],
  ['zerofill', 5n],
  ['decimal(5,2)', '#1.005'],
  ['decimal(5,2)', 1000n],
  ['decimal(5,2)', '#-0.00'],
  ['varchar(5)', 'abcdef'],
  ['latin1 varchar(5)', 'ä'],
  ['char(5)', 'ab '],
  ['tinytext', 'ä'.repeat(128)],
  ['enum', 'Shipped'],
  ['enum', 'gone'],
  ['enum', 1n],
  ['date', '2026-02-30'],
  ['date', '2026-1-1'],
  ['date', '0000-00-00'],
  ['datetime', '2026-01-31 24:00:00'],
  ['datetime', '2026-01-31  10:00:00'],
  ['datetime(6)', '2026-01-31 10:00:00'],
  ['timestamp', '2026-01-31 10:00:00'],
  ['double', 5n],
  ['json', '{}'],
])('into %s only the server can tell what happens to %s', (form, value) => {
  expect(storedValue(literal(value), FORMS[form])).toBeUndefined();
});
