/**
 * The types of columns and parameters, by the byte that stands for them in the binary protocol and in definitions.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
 */

export const MYSQL_TYPE_DECIMAL = 0x00;
export const MYSQL_TYPE_TINY = 0x01;
export const MYSQL_TYPE_SHORT = 0x02;
export const MYSQL_TYPE_LONG = 0x03;
export const MYSQL_TYPE_FLOAT = 0x04;
export const MYSQL_TYPE_DOUBLE = 0x05;
export const MYSQL_TYPE_NULL = 0x06;
export const MYSQL_TYPE_TIMESTAMP = 0x07;
export const MYSQL_TYPE_LONGLONG = 0x08;
export const MYSQL_TYPE_INT24 = 0x09;
export const MYSQL_TYPE_DATE = 0x0a;
export const MYSQL_TYPE_TIME = 0x0b;
export const MYSQL_TYPE_DATETIME = 0x0c;
export const MYSQL_TYPE_YEAR = 0x0d;
export const MYSQL_TYPE_NEWDATE = 0x0e;
export const MYSQL_TYPE_VARCHAR = 0x0f;
export const MYSQL_TYPE_BIT = 0x10;
export const MYSQL_TYPE_VECTOR = 0xf2;
export const MYSQL_TYPE_JSON = 0xf5;
export const MYSQL_TYPE_NEWDECIMAL = 0xf6;
export const MYSQL_TYPE_ENUM = 0xf7;
export const MYSQL_TYPE_SET = 0xf8;
export const MYSQL_TYPE_TINY_BLOB = 0xf9;
export const MYSQL_TYPE_MEDIUM_BLOB = 0xfa;
export const MYSQL_TYPE_LONG_BLOB = 0xfb;
export const MYSQL_TYPE_BLOB = 0xfc;
export const MYSQL_TYPE_VAR_STRING = 0xfd;
export const MYSQL_TYPE_STRING = 0xfe;
export const MYSQL_TYPE_GEOMETRY = 0xff;

const FIELD_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [MYSQL_TYPE_DECIMAL, 'MYSQL_TYPE_DECIMAL'],
  [MYSQL_TYPE_TINY, 'MYSQL_TYPE_TINY'],
  [MYSQL_TYPE_SHORT, 'MYSQL_TYPE_SHORT'],
  [MYSQL_TYPE_LONG, 'MYSQL_TYPE_LONG'],
  [MYSQL_TYPE_FLOAT, 'MYSQL_TYPE_FLOAT'],
  [MYSQL_TYPE_DOUBLE, 'MYSQL_TYPE_DOUBLE'],
  [MYSQL_TYPE_NULL, 'MYSQL_TYPE_NULL'],
  [MYSQL_TYPE_TIMESTAMP, 'MYSQL_TYPE_TIMESTAMP'],
  [MYSQL_TYPE_LONGLONG, 'MYSQL_TYPE_LONGLONG'],
  [MYSQL_TYPE_INT24, 'MYSQL_TYPE_INT24'],
  [MYSQL_TYPE_DATE, 'MYSQL_TYPE_DATE'],
  [MYSQL_TYPE_TIME, 'MYSQL_TYPE_TIME'],
  [MYSQL_TYPE_DATETIME, 'MYSQL_TYPE_DATETIME'],
  [MYSQL_TYPE_YEAR, 'MYSQL_TYPE_YEAR'],
  [MYSQL_TYPE_NEWDATE, 'MYSQL_TYPE_NEWDATE'],
  [MYSQL_TYPE_VARCHAR, 'MYSQL_TYPE_VARCHAR'],
  [MYSQL_TYPE_BIT, 'MYSQL_TYPE_BIT'],
  [MYSQL_TYPE_VECTOR, 'MYSQL_TYPE_VECTOR'],
  [MYSQL_TYPE_JSON, 'MYSQL_TYPE_JSON'],
  [MYSQL_TYPE_NEWDECIMAL, 'MYSQL_TYPE_NEWDECIMAL'],
  [MYSQL_TYPE_ENUM, 'MYSQL_TYPE_ENUM'],
  [MYSQL_TYPE_SET, 'MYSQL_TYPE_SET'],
  [MYSQL_TYPE_TINY_BLOB, 'MYSQL_TYPE_TINY_BLOB'],
  [MYSQL_TYPE_MEDIUM_BLOB, 'MYSQL_TYPE_MEDIUM_BLOB'],
  [MYSQL_TYPE_LONG_BLOB, 'MYSQL_TYPE_LONG_BLOB'],
  [MYSQL_TYPE_BLOB, 'MYSQL_TYPE_BLOB'],
  [MYSQL_TYPE_VAR_STRING, 'MYSQL_TYPE_VAR_STRING'],
  [MYSQL_TYPE_STRING, 'MYSQL_TYPE_STRING'],
  [MYSQL_TYPE_GEOMETRY, 'MYSQL_TYPE_GEOMETRY'],
]);

/** The type's name as the protocol spells it; `0x…` for a byte that has none. */
export function fieldTypeName(type: number): string {
  return FIELD_TYPE_NAMES.get(type) ?? `0x${type.toString(16).padStart(2, '0')}`;
}
