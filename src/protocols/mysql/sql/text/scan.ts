import { BACKSLASH, DOT, MINUS, NAME_BYTES, NEWLINE, PLUS, SINGLE_QUOTE, SLASH, STAR, isDigit } from './bytes.js';

/**
 * How the servers read one literal or comment, for the lexer and for the fingerprint alike. Each function takes the
 * offset at which to begin and gives the offset after what it read; `UNREADABLE` when there is no such thing.
 *
 * Source: `lex_one_token` and `get_text` in sql/sql_lex.cc of both servers.
 */
export const UNREADABLE = -1;

/** A longer text is not read at all; people are asked about it. */
export const TEXT_BYTES_MAX = 32 * 1_048_576;

/**
 * A quoted text from after its first quote. A doubled quote stands for itself; a backslash where it is an escape. No
 * name holds a NUL byte; a string may, but one that does is masked before it comes here (`readText`).
 */
export function scanQuoted(text: Uint8Array, from: number, quote: number, escapes: boolean, takesNul = false): number {
  const end = text.length;
  let at = from;
  while (at < end) {
    const byte = text[at] ?? 0;
    if (byte === quote) {
      if (at + 1 >= end || text[at + 1] !== quote) return at + 1;
      at += 2;
    } else if (byte === BACKSLASH && escapes) {
      at += 2;
    } else if (byte === 0 && !takesNul) {
      return UNREADABLE;
    } else {
      at += 1;
    }
  }
  return UNREADABLE;
}

/** A block comment from after its first two bytes. They do not nest. */
export function scanBlockComment(text: Uint8Array, from: number): number {
  const end = text.length - 1;
  for (let at = from; at < end; at++) {
    const byte = text[at] ?? 0;
    if (byte === STAR && text[at + 1] === SLASH) return at + 2;
    if (byte === 0) return UNREADABLE;
  }
  return UNREADABLE;
}

/** An executable comment that is skipped, from its content on. It may have other comments in it, which have none. */
export function scanSkippedComment(text: Uint8Array, from: number): number {
  const end = text.length - 1;
  let at = from;
  while (at < end) {
    const byte = text[at] ?? 0;
    if (byte === STAR && text[at + 1] === SLASH) return at + 2;
    if (byte === 0) return UNREADABLE;
    if (byte === SLASH && text[at + 1] === STAR) {
      at = scanBlockComment(text, at + 2);
      if (at === UNREADABLE) return UNREADABLE;
    } else {
      at += 1;
    }
  }
  return UNREADABLE;
}

/** A comment to the end of the line, which is a newline and nothing else. */
export function scanLineComment(text: Uint8Array, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (byte === NEWLINE) return at + 1;
    if (byte === 0) return UNREADABLE;
  }
  return at;
}

export function scanName(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && NAME_BYTES[text[at] ?? 0] === 1) at++;
  return at;
}

/** What begins with a digit, as `scanNumeric` tells it. */
export const READ_NUMBER = 0;
export const READ_HEX = 1;
export const READ_NAME = 2;

/**
 * From a digit on: a number, `0x…`, `0b…`, or a name that begins with digits. `1e0union` is a number and a word. Gives
 * four times the offset after it, plus one of the three above: no object for each number.
 */
export function scanNumeric(text: Uint8Array, from: number): number {
  const end = text.length;
  let at = from + 1;
  if (text[from] === 0x30 && at < end && (text[at] === 0x78 || text[at] === 0x62)) return scanPrefixed(text, from);
  while (at < end && isDigit(text[at] ?? 0)) at++;
  const next = at < end ? (text[at] ?? 0) : 0;
  if (NAME_BYTES[next] === 1) {
    const exponent = next === 0x65 || next === 0x45 ? scanExponent(text, at) : UNREADABLE;
    return exponent === UNREADABLE ? scanName(text, at) * 4 + READ_NAME : exponent * 4;
  }
  if (next !== DOT) return at * 4;
  const fraction = scanFraction(text, at + 1);
  return fraction === UNREADABLE ? UNREADABLE : fraction * 4;
}

/** The digits after a decimal point, and the exponent. `1.5e` is no number to the servers, and nothing else. */
export function scanFraction(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text[at] ?? 0)) at++;
  const next = at < text.length ? (text[at] ?? 0) : 0;
  return next === 0x65 || next === 0x45 ? scanExponent(text, at) : at;
}

function scanExponent(text: Uint8Array, from: number): number {
  let at = from + 1;
  const sign = at < text.length ? (text[at] ?? 0) : 0;
  if (sign === PLUS || sign === MINUS) at++;
  const first = at;
  while (at < text.length && isDigit(text[at] ?? 0)) at++;
  return at === first ? UNREADABLE : at;
}

/** `0x41` and `0b01`; with a capital letter, or with more letters after, it is a name. */
function scanPrefixed(text: Uint8Array, from: number): number {
  const isHex = text[from + 1] === 0x78;
  let at = from + 2;
  while (at < text.length && (isHex ? isHexDigit(text[at] ?? 0) : isBit(text[at] ?? 0))) at++;
  const isLiteral = at > from + 2 && (at >= text.length || NAME_BYTES[text[at] ?? 0] === 0);
  return isLiteral ? at * 4 + READ_HEX : scanName(text, from) * 4 + READ_NAME;
}

/** `x'…'` and `b'…'` from after the quote: hexadecimal digits in pairs, or bits. */
export function scanHexLiteral(text: Uint8Array, from: number, isHex: boolean): number {
  let at = from;
  while (at < text.length && (isHex ? isHexDigit(text[at] ?? 0) : isBit(text[at] ?? 0))) at++;
  if (at >= text.length || text[at] !== SINGLE_QUOTE) return UNREADABLE;
  return isHex && (at - from) % 2 !== 0 ? UNREADABLE : at + 1;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function isBit(byte: number): boolean {
  return byte === 0x30 || byte === 0x31;
}
