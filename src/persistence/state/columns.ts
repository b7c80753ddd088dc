import type { EntitySchemaColumnOptions } from 'typeorm';
import { UNNAMED_PROTOCOL } from '../../domain/protocol-value.js';

/**
 * The kinds of columns. Times are BIGINT milliseconds since the epoch: they are compared, and no session time zone can
 * bend them. JSON is TEXT, because MariaDB's JSON is another type than MySQL's.
 */

/** A ULID in lower case. */
export const ulidColumn = { type: 'char', length: 26 } as const satisfies EntitySchemaColumnOptions;

/** A value that is written as JSON, at most 64 KiB of it. */
export const jsonColumn = { type: 'simple-json' } as const satisfies EntitySchemaColumnOptions;

/** JSON that 64 KiB may be too little for. */
export const largeJsonColumn = {
  type: 'mediumtext',
  transformer: {
    to: (value: unknown): unknown =>
      value === null || value === undefined || typeof value === 'function' ? value : JSON.stringify(value),
    from: (text: string | null): unknown => (text === null ? null : JSON.parse(text)),
  },
} as const satisfies EntitySchemaColumnOptions;

/** The driver reads BIGINT as text; milliseconds fit a number until the year 287396. */
export const msColumn = {
  type: 'bigint',
  transformer: {
    from: (value: string | number | null) => (value === null ? null : Number(value)),
    to: (value: unknown) => value,
  },
} as const satisfies EntitySchemaColumnOptions;

/** The name of a protocol. */
export const protocolColumn = {
  type: 'varchar',
  length: 32,
  default: UNNAMED_PROTOCOL,
} as const satisfies EntitySchemaColumnOptions;

/** Text of at most `length` characters. */
export function word(length: number) {
  return { type: 'varchar', length } as const satisfies EntitySchemaColumnOptions;
}
