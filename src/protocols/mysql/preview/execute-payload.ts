import { isUtf8 } from 'node:buffer';
import type { RecordedValue } from '../../sql/bound-values.js';
import { COM_STMT_EXECUTE, CURSOR_TYPE_NO_CURSOR } from '../wire/commands.js';
import * as types from '../wire/values/field-types.js';
import { PayloadWriter } from '../wire/lenenc.js';

const PARAMETER_UNSIGNED_FLAG = 0x80;
/** Values of a preview, all together; a statement with larger ones is not previewed. */
const VALUES_BYTES_MAX = 4 << 20;

const TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries(types).flatMap(([name, type]) => (typeof type === 'number' ? [[name, type] as const] : [])),
);

/**
 * COM_STMT_EXECUTE with the bound values of another statement, each of the type that it had there: the server compares
 * them as it will when that statement runs, which no literal could promise. Undefined for values that do not fit their
 * types or are too large.
 */
export function executePayload(statementId: number, values: readonly RecordedValue[]): Buffer | undefined {
  const payload = new PayloadWriter();
  payload.uint8(COM_STMT_EXECUTE).uint32(statementId).uint8(CURSOR_TYPE_NO_CURSOR).uint32(1);
  if (values.length === 0) return payload.finish();
  const nulls = Buffer.alloc((values.length + 7) >> 3);
  for (const [index, { value }] of values.entries()) {
    if (value === null) nulls.writeUInt8(nulls.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  }
  payload.bytes(nulls).uint8(1);
  for (const { type, unsigned } of values) {
    const known = TYPES.get(type);
    if (known === undefined) return undefined;
    payload.uint8(known).uint8(unsigned === true ? PARAMETER_UNSIGNED_FLAG : 0);
  }
  for (const value of values) {
    if (value.value !== null && !writeValue(payload, value)) return undefined;
    if (payload.length > VALUES_BYTES_MAX) return undefined;
  }
  return payload.finish();
}

/** False when the value does not fit its type. */
function writeValue(payload: PayloadWriter, { type, value, encoding }: RecordedValue): boolean {
  switch (TYPES.get(type)) {
    case types.MYSQL_TYPE_TINY:
      return writeInteger(payload, value, 1);
    case types.MYSQL_TYPE_SHORT:
      return writeInteger(payload, value, 2);
    case types.MYSQL_TYPE_LONG:
      return writeInteger(payload, value, 4);
    case types.MYSQL_TYPE_LONGLONG:
      return writeInteger(payload, value, 8);
    case types.MYSQL_TYPE_FLOAT:
      payload.bytes(Buffer.from(new Float32Array([Number(value)]).buffer));
      return true;
    case types.MYSQL_TYPE_DOUBLE:
      payload.bytes(Buffer.from(new Float64Array([Number(value)]).buffer));
      return true;
    case types.MYSQL_TYPE_DATE:
    case types.MYSQL_TYPE_DATETIME:
    case types.MYSQL_TYPE_TIMESTAMP:
      return writeDateTime(payload, String(value));
    case types.MYSQL_TYPE_TIME:
      return writeTime(payload, String(value));
    default: {
      const bytes = Buffer.from(String(value), encoding ?? 'utf8');
      if (encoding === undefined && !isUtf8(bytes)) return false;
      payload.lenencInteger(bytes.length).bytes(bytes);
      return true;
    }
  }
}

function writeInteger(payload: PayloadWriter, value: string | number | null, bytes: 1 | 2 | 4 | 8): boolean {
  const text = String(value);
  if (!/^-?\d{1,20}$/.test(text)) return false;
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(text)));
  payload.bytes(buffer.subarray(0, bytes));
  return true;
}

/** Parts that no clock shows included, as far as the protocol has room for them. */
const DATE_TIME = /^(\d{4,5})-(\d{2,3})-(\d{2,3})(?: (\d{2,3}):(\d{2,3}):(\d{2,3})(?:\.(\d{6}))?)?$/;

function writeDateTime(payload: PayloadWriter, text: string): boolean {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0] = numbers(parts);
  if (year > 0xffff || ![month, day, hours, minutes, seconds].every(isByte)) return false;
  payload
    .uint8(parts[4] === undefined ? 4 : 11)
    .uint16(year)
    .uint8(month)
    .uint8(day);
  if (parts[4] !== undefined) payload.uint8(hours).uint8(minutes).uint8(seconds).uint32(microseconds);
  return true;
}

const TIME = /^(-?)(\d{2,10}):(\d{2,3}):(\d{2,3})(?:\.(\d{6}))?$/;

function writeTime(payload: PayloadWriter, text: string): boolean {
  const parts = TIME.exec(text);
  if (parts === null) return false;
  const [, hours = 0, minutes = 0, seconds = 0, microseconds = 0] = numbers(parts);
  if (!isByte(minutes) || !isByte(seconds)) return false;
  payload
    .uint8(12)
    .uint8(parts[1] === '-' ? 1 : 0)
    .uint32(Math.floor(hours / 24))
    .uint8(hours % 24);
  payload.uint8(minutes).uint8(seconds).uint32(microseconds);
  return true;
}

function isByte(value: number): boolean {
  return value <= 0xff;
}

function numbers(parts: RegExpExecArray): readonly number[] {
  return parts.slice(1).map((part) => Number(part ?? 0));
}
