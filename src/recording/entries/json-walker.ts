const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DIGIT_ZERO = 0x30;
/** Whole numbers of so many digits are exact. */
const DIGITS_MAX = 15;
const DIGEST_DIGITS = 64;
const WORD_BYTES = 4;
const TIME_FORM = Buffer.from('0000-00-00T00:00:00.000000Z');
/** Letters that JSON has behind a backslash in place of a character that it must escape. */
const ESCAPED = new Set(Buffer.from('"\\bfnrt'));
const HEX_DIGITS = Buffer.from('0123456789abcdef');
/** 1 for the bytes that stand in a text as they are. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
/** 1 for the digits of a digest in hex. */
const HEX = Uint8Array.from({ length: 256 }, (_, byte) => (HEX_DIGITS.includes(byte) ? 1 : 0));

/** How many bytes a time has. */
export const TIME_BYTES = TIME_FORM.length;

/** Bytes, and the same by words of four, which are compared in a fraction of the time. */
export class JsonBytes {
  readonly bytes: Buffer;
  readonly words: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(text: string): JsonBytes {
    return new JsonBytes(Buffer.from(text));
  }
}

const NOTHING = new JsonBytes(Buffer.alloc(0));

/**
 * Walks over bytes of JSON and makes no values of it besides numbers. It passes what stands in the one form of JSON that
 * lines have, and not even all of that: where it stops, the JSON may be right all the same, and `JSON.parse` has to read it.
 * The bytes are UTF-8.
 */
export class JsonWalker {
  #bytes = NOTHING.bytes;
  #words = NOTHING.words;
  #at = 0;

  /** The place of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** What was passed from a place on, each byte as one character. */
  since(at: number): string {
    return this.#bytes.toString('latin1', at, this.#at);
  }

  /** Takes the bytes to walk over. */
  open({ bytes, words }: JsonBytes): void {
    this.#bytes = bytes;
    this.#words = words;
  }

  /** Goes to a place. */
  goTo(at: number): void {
    this.#at = at;
  }

  /** Passes these bytes if they come next. */
  passes(expected: JsonBytes, from = 0, length = expected.bytes.length): boolean {
    const at = this.#at;
    if (length < WORD_BYTES || at + length > this.#bytes.length) return this.#passesFew(expected.bytes, from, length);
    const [words, expectedWords] = [this.#words, expected.words];
    const last = length - WORD_BYTES;
    for (let index = 0; index < last; index += WORD_BYTES) {
      if (words.getUint32(at + index, true) !== expectedWords.getUint32(from + index, true)) return false;
    }
    // The last word begins where it still ends within the bytes, over some that were compared.
    if (words.getUint32(at + last, true) !== expectedWords.getUint32(from + last, true)) return false;
    this.#at = at + length;
    return true;
  }

  #passesFew(expected: Uint8Array, from: number, length: number): boolean {
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[this.#at + index] !== expected[from + index]) return false;
    }
    this.#at += length;
    return true;
  }

  /** Passes a whole number of at most fifteen digits; -1 where there is none. */
  count(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = (bytes[at] ?? 0) - DIGIT_ZERO;
    if (value < 0 || value > 9) return -1;
    at += 1;
    if (value > 0) {
      for (let digit = (bytes[at] ?? 0) - DIGIT_ZERO; digit >= 0 && digit <= 9;) {
        value = value * 10 + digit;
        at += 1;
        digit = (bytes[at] ?? 0) - DIGIT_ZERO;
      }
    }
    if (at - start > DIGITS_MAX) return -1;
    this.#at = at;
    return value;
  }

  /** Passes a text with its quotes. */
  text(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] !== QUOTE) return false;
    at += 1;
    for (;;) {
      while (PLAIN[bytes[at] ?? 0] === 1) at += 1;
      if (bytes[at] !== BACKSLASH) break;
      if (!ESCAPED.has(bytes[at + 1] ?? 0)) return false;
      at += 2;
    }
    if (bytes[at] !== QUOTE) return false;
    this.#at = at + 1;
    return true;
  }

  /** Passes a SHA-256 in hex, without quotes. */
  digest(): boolean {
    const bytes = this.#bytes;
    const end = this.#at + DIGEST_DIGITS;
    for (let at = this.#at; at < end; at += 1) if (HEX[bytes[at] ?? 0] !== 1) return false;
    this.#at = end;
    return true;
  }

  /** Passes a time as entries have it, without quotes. */
  time(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    for (let index = 0; index < TIME_BYTES; index += 1) {
      const form = TIME_FORM[index];
      const byte = bytes[start + index] ?? 0;
      if (form === DIGIT_ZERO ? byte < DIGIT_ZERO || byte > DIGIT_ZERO + 9 : byte !== form) return false;
    }
    this.#at = start + TIME_BYTES;
    return true;
  }
}
