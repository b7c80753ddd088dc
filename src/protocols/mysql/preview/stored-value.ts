import type { LiteralValue } from '../sql/preview/literal-value.js';
import type { ColumnForm } from './column-form.js';

/** How a value reads once it is stored, as a sample shows it; undefined where only the server can tell. */
export type StoredValue = { readonly value: string | null } | undefined;

/**
 * What a column has once a value is written into it. Only what every sql_mode, collation and time zone makes the same of is
 * told: what would be cut, rounded, refused or written in another form is for the server to say.
 */
export function storedValue(literal: LiteralValue, form: ColumnForm): StoredValue {
  if (literal.kind === 'null') return form.isNullable ? { value: null } : undefined;
  const written = WRITERS[form.type]?.(literal, form);
  return written === undefined ? undefined : { value: written };
}

type Writer = (literal: Exclude<LiteralValue, { kind: 'null' }>, form: ColumnForm) => string | undefined;

/** The bits that a whole number has. */
const BITS: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n };

const whole: Writer = (literal, { type, fullType }) => {
  const text = textOf(literal);
  const bits = BITS[type];
  if (bits === undefined || !/^(?:0|-?[1-9]\d{0,19})$/.test(text) || fullType.includes('zerofill')) return undefined;
  const value = BigInt(text);
  const isUnsigned = fullType.includes('unsigned');
  const min = isUnsigned ? 0n : -(2n ** (bits - 1n));
  const max = isUnsigned ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
  return value >= min && value <= max ? text : undefined;
};

const decimal: Writer = (literal, { precision, scale, fullType }) => {
  const parts = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(textOf(literal));
  if (parts === null || precision === null || scale === null || fullType.includes('zerofill')) return undefined;
  const [, sign = '', digits = '', fraction = ''] = parts;
  if (fraction.length > scale || (digits === '0' ? 0 : digits.length) > precision - scale) return undefined;
  const isZero = /^0*$/.test(digits + fraction);
  if (sign === '-' && (isZero || fullType.includes('unsigned'))) return undefined;
  return `${sign}${digits}${scale === 0 ? '' : `.${fraction.padEnd(scale, '0')}`}`;
};

const text: Writer = (literal, { type, lengthMax, characterSet }) => {
  if (literal.kind === 'decimal' || lengthMax === null) return undefined;
  const value = textOf(literal);
  const isAscii = Buffer.byteLength(value) === value.length; // which is the same in every character set of a column
  if (!isAscii && characterSet !== 'utf8mb4') return undefined;
  if (type === 'char' && value.endsWith(' ')) return undefined; // reads without its spaces
  const length = COUNTS_CHARACTERS.has(type) ? Array.from(value).length : Buffer.byteLength(value);
  return length <= lengthMax ? value : undefined;
};

const COUNTS_CHARACTERS: ReadonlySet<string> = new Set(['char', 'varchar']);

const member: Writer = (literal, { fullType }) => {
  if (literal.kind !== 'text') return undefined;
  const members = Array.from(fullType.matchAll(/'((?:[^']|'')*)'/g), ([, name = '']) => name.replaceAll("''", "'"));
  return members.includes(literal.text) ? literal.text : undefined;
};

const date: Writer = (literal) => (isDate(textOf(literal)) ? textOf(literal) : undefined);

const dateTime: Writer = (literal, { fullType }) => {
  if (literal.kind !== 'text' || fullType !== 'datetime') return undefined;
  const [day = '', time] = literal.text.split(' ');
  if (!isDate(day)) return undefined;
  if (time === undefined) return `${day} 00:00:00`;
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time) && literal.text === `${day} ${time}`
    ? literal.text
    : undefined;
};

const WRITERS: Readonly<Record<string, Writer>> = {
  ...Object.fromEntries(Object.keys(BITS).map((type) => [type, whole])),
  ...Object.fromEntries(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'].map((type) => [type, text])),
  decimal,
  enum: member,
  date,
  datetime: dateTime,
};

function textOf(literal: Exclude<LiteralValue, { kind: 'null' }>): string {
  return literal.kind === 'integer' ? String(literal.value) : literal.text;
}

/** A day that is on the calendar. */
function isDate(value: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(value)) return false;
  const time = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value);
}
