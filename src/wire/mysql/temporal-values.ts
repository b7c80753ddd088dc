import type { BrokerError } from '../../kernel/errors.js';
import type { PayloadReader } from './lenenc.js';
import { wireError, type WireErrorCode } from './wire-error.js';

/**
 * Dates and times of the binary protocol: a byte with the length, then only the parts that are not zero at the end.
 * Other lengths than those given here and parts that no clock shows are refused: servers take them for zero, cut them
 * to their largest value or ignore them, so what is recorded would not be what they stored.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value_date
 */

const HOURS_A_DAY = 24;

/** The largest TIME is 838:59:59. */
const TIME_HOURS_MAX = 838;

/** `2026-01-31`, or `0000-00-00`. */
export function readDate(reader: PayloadReader, code: WireErrorCode): string {
  const length = reader.uint8();
  if (length === 0) return '0000-00-00';
  if (length !== 4) throw impossible(code, 'date');
  return readDay(reader, code);
}

/** `2026-01-31 23:59:59`, with as many digits of a second as `decimals`, or six if there are microseconds anyway. */
export function readDateTime(reader: PayloadReader, code: WireErrorCode, decimals: number): string {
  const length = reader.uint8();
  if (length !== 0 && length !== 4 && length !== 7 && length !== 11) throw impossible(code, 'date and time');
  const day = length >= 4 ? readDay(reader, code) : '0000-00-00';
  const hours = length >= 7 ? part(reader.uint8(), 23, code) : 0;
  const time = length >= 7 ? readClock(reader, code, hours) : '00:00:00';
  return `${day} ${time}${fraction(length === 11 ? part(reader.uint32(), 999_999, code) : 0, decimals)}`;
}

/** `-838:59:59`: a time is a duration, so it has a sign, and days are counted as hours. */
export function readTime(reader: PayloadReader, code: WireErrorCode, decimals: number): string {
  const length = reader.uint8();
  if (length === 0) return `00:00:00${fraction(0, decimals)}`;
  if (length !== 8 && length !== 12) throw impossible(code, 'time');
  const sign = reader.uint8() === 0 ? '' : '-';
  const hours = part(reader.uint32() * HOURS_A_DAY + reader.uint8(), TIME_HOURS_MAX, code);
  const time = readClock(reader, code, hours);
  return `${sign}${time}${fraction(length === 12 ? part(reader.uint32(), 999_999, code) : 0, decimals)}`;
}

/** Zero is allowed in each part: `2026-00-00` is a value of MySQL's. */
function readDay(reader: PayloadReader, code: WireErrorCode): string {
  const year = padded(part(reader.uint16(), 9999, code), 4);
  return `${year}-${padded(part(reader.uint8(), 12, code), 2)}-${padded(part(reader.uint8(), 31, code), 2)}`;
}

function readClock(reader: PayloadReader, code: WireErrorCode, hours: number): string {
  const minutes = part(reader.uint8(), 59, code);
  return `${padded(hours, 2)}:${padded(minutes, 2)}:${padded(part(reader.uint8(), 59, code), 2)}`;
}

function fraction(microseconds: number, decimals: number): string {
  if (decimals >= 1 && decimals <= 6) return `.${padded(microseconds, 6).slice(0, decimals)}`;
  return microseconds === 0 ? '' : `.${padded(microseconds, 6)}`;
}

function part(value: number, valueMax: number, code: WireErrorCode): number {
  if (value > valueMax) throw impossible(code, 'date or time');
  return value;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

function impossible(code: WireErrorCode, what: string): BrokerError {
  return wireError(code, `A ${what} has an impossible form.`);
}
