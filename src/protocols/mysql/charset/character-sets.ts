import { isUtf8 } from 'node:buffer';
import { UPPER_HALVES } from './character-tables.js';

/**
 * The character sets in which a session may send its texts, by the names that the servers give them in
 * `character_set_client`. In each of them a quote and a backslash are one byte and no part of another character.
 */

/** Stands where bytes are no character. */
export const NO_CHARACTER = '\uFFFD';

export function isUtf8CharacterSet(name: string): boolean {
  return name === 'utf8mb4' || name === 'utf8mb3' || name === 'utf8';
}

/** One byte is one character, and the lower half is ASCII; `ascii` has no upper half, and in `binary` it is bytes. */
export function isSingleByteCharacterSet(name: string): boolean {
  return name === 'ascii' || name === 'binary' || UPPER_HALVES.has(name);
}

/** Whether the broker reads texts of this set beyond ASCII. */
export function isReadCharacterSet(name: string): boolean {
  return isUtf8CharacterSet(name) || isSingleByteCharacterSet(name);
}

/** The bytes as text, `NO_CHARACTER` for what is none. In a set that is not read, ASCII alone is known. */
export function charactersOf(bytes: Buffer, characterSet: string): string {
  if (isUtf8CharacterSet(characterSet)) return bytes.toString('utf8');
  const upper = UPPER_HALVES.get(characterSet) ?? '';
  const ascii = bytes.toString('latin1');
  return ascii.replaceAll(BEYOND_ASCII, (byte) => upper[byte.charCodeAt(0) - 0x80] ?? NO_CHARACTER);
}

/** The same for people: a byte that is no character is written out as `⟨0xFF⟩`. */
export function shownBytes(bytes: Buffer, characterSet: string): string {
  const raw = bytes.toString('latin1');
  if (!isUtf8CharacterSet(characterSet)) {
    return raw.replaceAll(BEYOND_ASCII, (byte) => {
      const character = charactersOf(Buffer.from(byte, 'latin1'), characterSet);
      return character === NO_CHARACTER ? named(byte) : character;
    });
  }
  return raw.replaceAll(UTF8_OR_BYTE, (found: string, byte: string | undefined) =>
    byte === undefined ? Buffer.from(found, 'latin1').toString('utf8') : named(byte),
  );
}

function named(byte: string): string {
  return `⟨0x${byte.charCodeAt(0).toString(16).toUpperCase()}⟩`;
}

/** Well-formed sequences of bytes beyond ASCII (Unicode, table 3-7), or one byte that is part of none. */
const UTF8_OR_BYTE =
  /[\xC2-\xDF][\x80-\xBF]|\xE0[\xA0-\xBF][\x80-\xBF]|\xED[\x80-\x9F][\x80-\xBF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]{2}|\xF0[\x90-\xBF][\x80-\xBF]{2}|[\xF1-\xF3][\x80-\xBF]{3}|\xF4[\x80-\x8F][\x80-\xBF]{2}|([\x80-\xFF])/g;

/** Whether each byte, or group of bytes, is a character of the set. */
export function areCharacters(bytes: Buffer, characterSet: string): boolean {
  if (isUtf8CharacterSet(characterSet)) return isUtf8(bytes);
  return isAscii(bytes) || !charactersOf(bytes, characterSet).includes(NO_CHARACTER);
}

/** A text as a session of this set sends it; undefined when the set lacks one of its characters. */
export function bytesOf(text: string, characterSet: string): Buffer | undefined {
  if (isUtf8CharacterSet(characterSet)) return Buffer.from(text, 'utf8');
  const upper = UPPER_HALVES.get(characterSet) ?? '';
  const bytes = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const place = unit < 0x80 ? unit : 0x80 + upper.indexOf(text.charAt(at));
    if ((unit >= 0x80 && place < 0x80) || text.charAt(at) === NO_CHARACTER) return undefined;
    bytes[at] = place;
  }
  return bytes;
}

export function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

/** Whether a text keeps all its characters where a server converts it into this set. */
export function holds(characterSet: string, text: string): boolean {
  if (characterSet === 'utf8mb4' || characterSet === 'binary') return true;
  if (isUtf8CharacterSet(characterSet)) return !BEYOND_UTF8MB3.test(text);
  return bytesOf(text, characterSet) !== undefined;
}

const BEYOND_UTF8MB3 = /[\u{10000}-\u{10FFFF}]/u;
const BEYOND_ASCII = /[\u0080-\u00FF]/g;
