import type { BrokerError } from '../../../../kernel/errors.js';
import type { PayloadReader } from '../lenenc.js';
import { wireError, type WireErrorCode } from '../wire-error.js';

/**
 * Dates and times of the binary protocol: a byte with the length, then only the parts that are not zero at the end.
 * Parts that no clock shows (month 13, hour 100) are written as they came: what happens to them is the server's to
 * say, by `sql_mode`, as it is of the same text in quotes. Other lengths than those given here are refused, and so is
 * what no text could say in the way in which the server reads it.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value_date
 */

const HOURS_A_DAY = 24;

/** Servers count a duration's hours in 32 bits, and begin again at zero where those are full. */
const TIME_HOURS_MAX = 0x7fff_ffff;
const MICROSECONDS_MAX = 999_999;

/**
 * `2026-01-31`, or `0000-00-00`. A time of day that MariaDB's connector sends with a date is not part of the value: its
 * server reads past it, and MySQL refuses the command.
 */
export function readDate(reader: PayloadReader, code: WireErrorCode): string {
  return readMoment(reader, reader.uint8(), code, 0).day;
}

/** `2026-01-31 23:59:59`, with as many digits of a second as `decimals`, or six if there are microseconds anyway. */
export function readDateTime(reader: PayloadReader, code: WireErrorCode, decimals: number): string {
  const { day, time } = readMoment(reader, reader.uint8(), code, decimals);
  return `${day} ${time}`;
}

/** `-838:59:59`: a time is a duration, so it has a sign, and days are counted as hours. */
export function readTime(reader: PayloadReader, code: WireErrorCode, decimals: number): string {
  const length = reader.uint8();
  if (length === 0) return `00:00:00${fraction(0, decimals)}`;
  if (length !== 8 && length !== 12) throw impossible(code);
  const sign = reader.uint8() === 0 ? '' : '-';
  const hours = upTo(TIME_HOURS_MAX, reader.uint32() * HOURS_A_DAY + reader.uint8(), code);
  const time = readClock(reader, hours);
  return `${sign}${time}${fraction(length === 12 ? readMicroseconds(reader, code) : 0, decimals)}`;
}

function readMoment(
  reader: PayloadReader,
  length: number,
  code: WireErrorCode,
  decimals: number,
): { readonly day: string; readonly time: string } {
  if (length !== 0 && length !== 4 && length !== 7 && length !== 11) throw impossible(code);
  const day = length >= 4 ? readDay(reader) : '0000-00-00';
  const time = length >= 7 ? readClock(reader, reader.uint8()) : '00:00:00';
  const microseconds = length === 11 ? readMicroseconds(reader, code) : 0;
  return { day, time: `${time}${fraction(microseconds, decimals)}` };
}

/** Zero is allowed in each part: `2026-00-00` is a value of MySQL's. */
function readDay(reader: PayloadReader): string {
  return `${padded(reader.uint16(), 4)}-${padded(reader.uint8(), 2)}-${padded(reader.uint8(), 2)}`;
}

function readClock(reader: PayloadReader, hours: number): string {
  return `${padded(hours, 2)}:${padded(reader.uint8(), 2)}:${padded(reader.uint8(), 2)}`;
}

/** More than a second of them has no text: `.1000000` would be read as a tenth of one. */
function readMicroseconds(reader: PayloadReader, code: WireErrorCode): number {
  return upTo(MICROSECONDS_MAX, reader.uint32(), code);
}

function fraction(microseconds: number, decimals: number): string {
  if (decimals >= 1 && decimals <= 6) return `.${padded(microseconds, 6).slice(0, decimals)}`;
  return microseconds === 0 ? '' : `.${padded(microseconds, 6)}`;
}

function upTo(valueMax: number, value: number, code: WireErrorCode): number {
  if (value > valueMax) throw impossible(code);
  return value;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

function impossible(code: WireErrorCode): BrokerError {
  return wireError(code, 'A date or time has an impossible form.');
}
