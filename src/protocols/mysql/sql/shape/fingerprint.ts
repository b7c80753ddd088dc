import { isUtf8 } from 'node:buffer';
import type { SqlDialect } from '../text/dialect.js';
import { KeyWriter } from './key-writer.js';
import { TEXT_BYTES_MAX } from '../text/scan.js';

const writer = new KeyWriter();

/**
 * The text's shape, when it is a plain SELECT, INSERT, UPDATE, DELETE or REPLACE, or queries in parentheses; undefined: analyse it.
 *
 * Names and operators are there as they are written, keywords in lower case; a literal is its type (`?s` text, `?n`
 * number, `?x` hexadecimal or bits, `?p` parameter), lists of them are cut short; white space is there only where it
 * tells two things apart. Two texts of one shape, under one dialect and session database, have the same facts: a shape
 * is a text whose tokens can be read back, and no fact looks at a literal's value. Texts with variables, braces,
 * executable comments or hints have none.
 *
 * One pass, one string: it stands between every statement and its forwarding.
 */
export function fingerprintOf(text: Buffer, dialect: SqlDialect): string | undefined {
  return isUtf8(text) ? fingerprintOfUtf8(text, dialect) : undefined;
}

/** The same, of bytes that are known to be UTF-8. */
export function fingerprintOfUtf8(text: Buffer, dialect: SqlDialect): string | undefined {
  if (text.length > TEXT_BYTES_MAX || dialect.sqlMode.oracle) return undefined;
  return writer.write(text, dialect);
}

/**
 * The shape of a text whose fingerprint there is, with the types of every row of VALUES: a fingerprint leaves out rows
 * that follow the first, whatever they are made of. Undefined where that is too long.
 */
export function shapeWithTypesOf(text: Buffer, dialect: SqlDialect): string | undefined {
  return writer.write(text, dialect, { tellsRowsApart: true });
}
