import {
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_DATE,
  MYSQL_TYPE_DATETIME,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_FLOAT,
  MYSQL_TYPE_JSON,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_NEWDECIMAL,
  MYSQL_TYPE_NULL,
  MYSQL_TYPE_SHORT,
  MYSQL_TYPE_STRING,
  MYSQL_TYPE_TIME,
  MYSQL_TYPE_TIMESTAMP,
  MYSQL_TYPE_TINY,
  MYSQL_TYPE_VAR_STRING,
} from '../../src/protocols/mysql/wire/values/field-types.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { type Parameter } from './wire-client.js';

/** Every type that a parameter may have, at its edges. */
export const VALUES: readonly Parameter[] = [
  { type: MYSQL_TYPE_TINY, bytes: int(1, 0x80) },
  { type: MYSQL_TYPE_TINY, unsigned: true, bytes: int(1, 255) },
  { type: MYSQL_TYPE_SHORT, bytes: int(2, 0x8000) },
  { type: MYSQL_TYPE_LONG, unsigned: true, bytes: Buffer.from('ffffffff', 'hex') },
  { type: MYSQL_TYPE_LONGLONG, bytes: Buffer.from('0000000000000080', 'hex') },
  { type: MYSQL_TYPE_LONGLONG, unsigned: true, bytes: Buffer.alloc(8, 0xff) },
  { type: MYSQL_TYPE_FLOAT, bytes: Buffer.from('0000c03f', 'hex') },
  { type: MYSQL_TYPE_DOUBLE, bytes: Buffer.from('9a9999999999b93f', 'hex') },
  { type: MYSQL_TYPE_NULL, bytes: null },
  { type: MYSQL_TYPE_NEWDECIMAL, bytes: lenenc('-12345678901234567890.0123456789') },
  { type: MYSQL_TYPE_VAR_STRING, bytes: lenenc('žluť 😀 \\ \' "') },
  { type: MYSQL_TYPE_STRING, bytes: lenenc('') },
  { type: MYSQL_TYPE_STRING, bytes: null },
  { type: MYSQL_TYPE_BLOB, bytes: lenenc(Buffer.from([0, 255, 0xfe, 0xfb])) },
  { type: MYSQL_TYPE_LONG_BLOB, bytes: lenenc(Buffer.alloc(70_000, 'x')) },
  { type: MYSQL_TYPE_JSON, bytes: lenenc('{"a": 1}') },
  { type: MYSQL_TYPE_DATE, bytes: Buffer.from('04e807021d', 'hex') },
  { type: MYSQL_TYPE_DATETIME, bytes: Buffer.from('07e807021d173b3b', 'hex') },
  { type: MYSQL_TYPE_DATETIME, bytes: Buffer.from('0be807021d173b3b40e20100', 'hex') },
  { type: MYSQL_TYPE_TIMESTAMP, bytes: Buffer.from('04e807021d', 'hex') },
  { type: MYSQL_TYPE_TIME, bytes: Buffer.from('080122000000163b3b', 'hex') },
  { type: MYSQL_TYPE_TIME, bytes: Buffer.from('0c000000000000000001000000', 'hex') },
  { type: MYSQL_TYPE_TIME, bytes: Buffer.from('00', 'hex') },
];

/** A day with a time of day, and parts that no clock shows: what happens to them is the server's to say. */
export const ODD_MOMENTS: readonly Parameter[] = [
  { type: MYSQL_TYPE_DATE, bytes: Buffer.from('07e807021d173b3b', 'hex') },
  { type: MYSQL_TYPE_DATE, bytes: Buffer.from('0be807021d173b3b40e20100', 'hex') },
  { type: MYSQL_TYPE_DATE, bytes: Buffer.from('041027021d', 'hex') },
  { type: MYSQL_TYPE_DATETIME, bytes: Buffer.from('07e8070d1d173b3b', 'hex') },
  { type: MYSQL_TYPE_DATETIME, bytes: Buffer.from('07e807021d643c3d', 'hex') },
  { type: MYSQL_TYPE_TIMESTAMP, bytes: Buffer.from('0be8070220173b3b40e20100', 'hex') },
  { type: MYSQL_TYPE_TIME, bytes: Buffer.from('0800230000000c1e1e', 'hex') },
  { type: MYSQL_TYPE_TIME, bytes: Buffer.from('0c01000000000a3c3c01000000', 'hex') },
];

export function parameterOf(type: number, bytes: Buffer | null): Parameter {
  return { type, bytes };
}

export function int(bytes: 1 | 2 | 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
}

export function lenenc(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([new PayloadWriter().lenencInteger(bytes.length).finish(), bytes]);
}
