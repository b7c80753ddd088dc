import { isUtf8 } from 'node:buffer';
import {
  fieldTypeName,
  MYSQL_TYPE_BIT,
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_DATE,
  MYSQL_TYPE_DATETIME,
  MYSQL_TYPE_DECIMAL,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_ENUM,
  MYSQL_TYPE_FLOAT,
  MYSQL_TYPE_GEOMETRY,
  MYSQL_TYPE_INT24,
  MYSQL_TYPE_JSON,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_MEDIUM_BLOB,
  MYSQL_TYPE_NEWDATE,
  MYSQL_TYPE_NEWDECIMAL,
  MYSQL_TYPE_NULL,
  MYSQL_TYPE_SET,
  MYSQL_TYPE_SHORT,
  MYSQL_TYPE_STRING,
  MYSQL_TYPE_TIME,
  MYSQL_TYPE_TIMESTAMP,
  MYSQL_TYPE_TINY,
  MYSQL_TYPE_TINY_BLOB,
  MYSQL_TYPE_VARCHAR,
  MYSQL_TYPE_VAR_STRING,
  MYSQL_TYPE_VECTOR,
  MYSQL_TYPE_YEAR,
} from './field-types.js';
import type { PayloadReader } from '../lenenc.js';
import { readDate, readDateTime, readTime } from './temporal-values.js';
import { wireError, type WireErrorCode } from '../wire-error.js';

/** The upper half of a 64-bit integer below 2^53. */
const HIGH_EXACT_MAX = 2 ** 21;

/** A value of the binary protocol, as recordings, policies and people see it. It survives JSON unchanged. */
export interface BoundValue {
  /** As the protocol spells it, for example `MYSQL_TYPE_LONGLONG`. */
  readonly type: string;
  readonly unsigned?: true;
  /** Integers beyond 2^53 and decimals are texts, so that no digit is lost; dates and times are texts as SQL has them. */
  readonly value: string | number | null;
  /** Bytes that are not UTF-8. */
  readonly encoding?: 'base64';
}

/** The type that a client gives a parameter. */
export interface ParameterType {
  readonly type: number;
  readonly unsigned: boolean;
}

/**
 * The types that a parameter may have: those that drivers send and that MySQL and MariaDB read in the same way. For
 * the others (INT24, YEAR, BIT, ENUM, GEOMETRY, …) one server reads a number where the other reads a text or NULL, and
 * a client could use that to have something else executed than what was judged and recorded.
 */
const PARAMETER_TYPES: ReadonlySet<number> = new Set([
  MYSQL_TYPE_DECIMAL,
  MYSQL_TYPE_TINY,
  MYSQL_TYPE_SHORT,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_FLOAT,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_NULL,
  MYSQL_TYPE_TIMESTAMP,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_DATE,
  MYSQL_TYPE_TIME,
  MYSQL_TYPE_DATETIME,
  MYSQL_TYPE_VARCHAR,
  MYSQL_TYPE_JSON,
  MYSQL_TYPE_NEWDECIMAL,
  MYSQL_TYPE_TINY_BLOB,
  MYSQL_TYPE_MEDIUM_BLOB,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_VAR_STRING,
  MYSQL_TYPE_STRING,
]);

export function isParameterTypeAllowed(type: number): boolean {
  return PARAMETER_TYPES.has(type);
}

export function nullValue(type: ParameterType): BoundValue {
  return { type: fieldTypeName(type.type), ...(type.unsigned ? { unsigned: true } : {}), value: null };
}

/** A value that came ahead of the execution, in COM_STMT_SEND_LONG_DATA. */
export function longDataValue(type: ParameterType, content: Buffer): BoundValue {
  return bytesValue(fieldTypeName(type.type), content);
}

/**
 * Reads one value that is not NULL, of any type. `decimals` are the digits of a second that a column's definition asks
 * for; parameters have none and show microseconds when they have any. `code` is for values that no server would send.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value
 */
export function readBinaryValue(
  reader: PayloadReader,
  { type, unsigned }: ParameterType,
  code: WireErrorCode = 'packet_malformed',
  decimals = 0,
): BoundValue {
  const name = fieldTypeName(type);
  switch (type) {
    case MYSQL_TYPE_TINY:
      return numberValue(name, unsigned, unsigned ? reader.uint8() : reader.int8());
    case MYSQL_TYPE_SHORT:
      return numberValue(name, unsigned, unsigned ? reader.uint16() : reader.int16());
    case MYSQL_TYPE_YEAR:
      return numberValue(name, unsigned, reader.uint16());
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_INT24:
      return numberValue(name, unsigned, unsigned ? reader.uint32() : reader.int32());
    case MYSQL_TYPE_LONGLONG:
      return numberValue(name, unsigned, longValue(reader.bytes(8), unsigned));
    case MYSQL_TYPE_FLOAT:
      return numberValue(name, unsigned, finite(shortestFloat(reader.bytes(4).readFloatLE())));
    case MYSQL_TYPE_DOUBLE:
      return numberValue(name, unsigned, finite(reader.bytes(8).readDoubleLE()));
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return { type: name, value: readDate(reader, code) };
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
      return { type: name, value: readDateTime(reader, code, decimals) };
    case MYSQL_TYPE_TIME:
      return { type: name, value: readTime(reader, code, decimals) };
    case MYSQL_TYPE_BIT:
      return { type: name, value: bitsValue(reader.lenencBytes(), code) };
    case MYSQL_TYPE_GEOMETRY:
    case MYSQL_TYPE_VECTOR:
      return { type: name, value: reader.lenencBytes().toString('base64'), encoding: 'base64' };
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_JSON:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
      return bytesValue(name, reader.lenencBytes());
    default:
      throw wireError(code, `A value of type ${name} cannot be read.`);
  }
}

/** Bits, most significant byte first, as the number they are. */
export function bitsValue(bytes: Buffer, code: WireErrorCode): string | number {
  if (bytes.length === 0 || bytes.length > 8) throw wireError(code, 'A value of type MYSQL_TYPE_BIT has 1 to 8 bytes.');
  return exact(BigInt(`0x${bytes.toString('hex')}`));
}

function numberValue(type: string, unsigned: boolean, value: string | number): BoundValue {
  return unsigned ? { type, unsigned, value } : { type, value };
}

function bytesValue(type: string, bytes: Buffer): BoundValue {
  if (isUtf8(bytes)) return { type, value: bytes.toString('utf8') };
  return { type, value: bytes.toString('base64'), encoding: 'base64' };
}

/** Nearly all are exact as a number, and making a bigint first costs several times as much. */
function longValue(bytes: Buffer, unsigned: boolean): string | number {
  const high = bytes.readInt32LE(4);
  const isExact = high < HIGH_EXACT_MAX && high > (unsigned ? -1 : -HIGH_EXACT_MAX);
  if (isExact) return high * 2 ** 32 + bytes.readUInt32LE(0);
  return exact(unsigned ? bytes.readBigUInt64LE() : bytes.readBigInt64LE());
}

function exact(value: bigint): string | number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** JSON has no NaN and no infinities. */
function finite(value: number): string | number {
  return Number.isFinite(value) ? value : String(value);
}

/** The shortest decimal that is this 32-bit float: 0.1, not 0.10000000149011612. Nine digits always suffice. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}
