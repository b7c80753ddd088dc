import { hash } from 'node:crypto';
import {
  areCharacters,
  charactersOf,
  isAscii,
  isReadCharacterSet,
  isUtf8CharacterSet,
  NO_CHARACTER,
} from '../../charset/character-sets.js';
import type { SqlDialect } from './dialect.js';
import { lexBytes } from './lexer.js';
import { NO_GAP, QUOTED, STRING, type Tokens } from './tokens.js';

/** What a text that is no plain UTF-8 says. */
export interface ReadText {
  /** UTF-8, token for token what the server reads; a string that holds bytes which are no characters is one U+FFFD. */
  readonly analysed: Buffer;
  /** For people: the same, where such a string is its value in hexadecimal, as `x'ff00'`. */
  readonly shown: string;
}

/** A longer value is shown by its beginning, its length and its digest. */
const SHOWN_BYTES_MAX = 4_096;

/**
 * Reads a text by the character set of its session. Bytes that are no characters may stand in strings only: there the
 * server takes them as they are, everywhere else they would name or mean what nobody here knows.
 *
 * Undefined for what cannot be read so.
 */
export function readText(text: Buffer, dialect: SqlDialect, characterSet: string): ReadText | undefined {
  if (!isReadCharacterSet(characterSet) || dialect.sqlMode.oracle) return undefined;
  const { tokens } = lexBytes(text, dialect);
  const analysed: string[] = [];
  const shown: string[] = [];
  let from = 0;
  for (let at = 0; at < tokens.count; at += 1) {
    if (tokens.kind(at) !== STRING) continue;
    const string = text.subarray(tokens.start(at), tokens.end(at));
    if (areCharacters(string, characterSet) && !string.includes(0)) continue;
    const before = charactersOf(text.subarray(from, tokens.start(at)), characterSet);
    const prefix = string[0] === 0x4e || string[0] === 0x6e ? '_utf8mb3 ' : '';
    analysed.push(before, `${string.toString('latin1', 0, prefix === '' ? 1 : 2)}${NO_CHARACTER}${closing(string)}`);
    // Right after a name, as an introducer is, the x would be a part of it.
    const space = tokens.gap(at) === NO_GAP && tokens.isName(at - 1) ? ' ' : '';
    shown.push(before, `${space}${prefix}${hexadecimal(valueOf(string, dialect))}`);
    from = tokens.end(at);
  }
  const rest = charactersOf(text.subarray(from), characterSet);
  if (!isReadableBeyondStrings(text, tokens, characterSet)) return undefined;
  return { analysed: Buffer.from([...analysed, rest].join(''), 'utf8'), shown: [...shown, rest].join('') };
}

function closing(string: Buffer): string {
  return string.toString('latin1', string.length - 1);
}

/** In a set of single bytes, what the broker takes for a name is one to the server only where it consists of letters. */
function isReadableBeyondStrings(text: Buffer, tokens: Tokens, characterSet: string): boolean {
  const isUtf8 = isUtf8CharacterSet(characterSet);
  let from = 0;
  for (let at = 0; at < tokens.count; at += 1) {
    const start = tokens.start(at);
    const end = tokens.end(at);
    if (!isCharacters(text.subarray(from, start), characterSet)) return false;
    if (tokens.kind(at) !== STRING) {
      const token = text.subarray(start, end);
      if (!isCharacters(token, characterSet)) return false;
      if (!isUtf8 && tokens.kind(at) !== QUOTED && !isAsciiOrLetters(token, characterSet)) return false;
    }
    from = end;
  }
  return isCharacters(text.subarray(from), characterSet);
}

function isCharacters(bytes: Buffer, characterSet: string): boolean {
  return !bytes.includes(0) && areCharacters(bytes, characterSet);
}

const NO_LETTER = /[^\p{ASCII}\p{L}\p{M}]/u;

function isAsciiOrLetters(bytes: Buffer, characterSet: string): boolean {
  return isAscii(bytes) || !NO_LETTER.test(charactersOf(bytes, characterSet));
}

const BACKSLASH = 0x5c;
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x30, 0x00], // 0
  [0x62, 0x08], // b
  [0x6e, 0x0a], // n
  [0x72, 0x0d], // r
  [0x74, 0x09], // t
  [0x5a, 0x1a], // Z
]);

/** The bytes that the server makes of a string, quotes and a letter in front included. */
function valueOf(string: Buffer, { sqlMode }: SqlDialect): Buffer {
  const quote = string[string.length - 1];
  const value = Buffer.alloc(string.length);
  let length = 0;
  for (let at = string[0] === quote ? 1 : 2; at < string.length - 1; at += 1) {
    let byte = string[at] ?? 0;
    if (byte === quote) at += 1;
    else if (byte === BACKSLASH && !sqlMode.noBackslashEscapes) {
      const escaped = string[(at += 1)] ?? 0;
      if (escaped === 0x25 || escaped === 0x5f) value[length++] = byte; // \% and \_ stay two characters
      byte = ESCAPES.get(escaped) ?? escaped;
    }
    value[length++] = byte;
  }
  return value.subarray(0, length);
}

function hexadecimal(value: Buffer): string {
  if (value.length <= SHOWN_BYTES_MAX) return `x'${value.toString('hex')}'`;
  const digest = hash('sha256', value);
  return `x'${value.toString('hex', 0, SHOWN_BYTES_MAX)}…' (${value.length} bytes, SHA-256 ${digest})`;
}
