import type { SqlDialect } from '../text/dialect.js';
import {
  AT,
  BACKSLASH,
  BACKTICK,
  CLASSES,
  COMMA,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  LEFT_PAREN,
  LETTER,
  MARK_BYTE,
  MINUS,
  NAME_BYTES,
  PLUS,
  QUESTION,
  RIGHT_PAREN,
  SEMICOLON,
  SINGLE_QUOTE,
  SLASH,
  SPACE,
  STAR,
  endsDashes,
  isDigit,
} from '../text/bytes.js';
import { LiteralRuns } from './fingerprint-runs.js';
import { KeyStrings } from './key-strings.js';
import {
  FIRST_VALUE_WORD,
  IN_WORD,
  LAST_FIRST_WORD,
  LAST_VALUE_WORD,
  VALUES_WORD,
  hashed,
  wordNumber,
} from './fingerprint-words.js';
import {
  READ_HEX,
  READ_NAME,
  UNREADABLE,
  scanBlockComment,
  scanFraction,
  scanHexLiteral,
  scanLineComment,
  scanNumeric,
  scanQuoted,
} from '../text/scan.js';

/** A longer shape is not worth keeping. */
const KEY_BYTES_MAX = 8_192;
/** Room for a row that is written out before it is seen to repeat the one before. */
const SCRATCH_BYTES = 65_536;
/** What may be written for one token besides its own bytes. */
const MARGIN = 16;
const SPACE_BYTE = 0x20;

/** What stood last in the key. Up to `AFTER_LITERAL`, another of these needs a space in between. */
const AFTER_WORD = 1;
/** A name next to a dot or beginning with a digit: a dot right after it separates, whatever follows. */
const AFTER_NAME = 2;
const AFTER_QUOTED = 3;
const AFTER_LITERAL = 4;
const AFTER_OPERATOR = 5;
/** Parentheses, commas, the semicolon; the beginning too. */
const AFTER_PAREN = 6;
const AFTER_DOT = 7;

const GAP = 1;
const COMMENT_GAP = 2;

const STRING_LETTER = 0x73;
const NUMBER_LETTER = 0x6e;
const HEX_LETTER = 0x78;
const PARAMETER_LETTER = 0x70;

/** Writes the shape of one text after another into the same memory; the reading is that of the lexer. */
export class KeyWriter {
  readonly #key = Buffer.alloc(SCRATCH_BYTES);
  readonly #runs = new LiteralRuns(this.#key);
  readonly #strings = new KeyStrings();
  #text: Uint8Array = this.#key;
  #escapes = true;
  #ansiQuotes = false;
  #isMariadb = false;
  #at = 0;
  /** Where to write on. */
  #to = 0;
  #last = AFTER_PAREN;
  #gap = 0;
  #isAscii = true;
  #depth = 0;
  /** The number of the word that was written last; 0 after anything else. */
  #word = 0;
  #inValues = false;
  #hasEnded = false;
  #tellsRowsApart = false;

  /** The shape, or undefined for a text that has none. `tellsRowsApart`: rows of VALUES are left out only if they repeat one. */
  write(text: Buffer, dialect: SqlDialect, { tellsRowsApart = false } = {}): string | undefined {
    this.#begin(text, dialect);
    this.#tellsRowsApart = tellsRowsApart;
    const length = text.length;
    while (this.#at < length) {
      const byte = text[this.#at] ?? 0;
      if (CLASSES[byte] === SPACE) {
        this.#at++;
        this.#gap |= GAP;
      } else if (!this.#token(byte) || this.#to > SCRATCH_BYTES - MARGIN) {
        return undefined;
      }
    }
    if (this.#to === 0 || this.#to > KEY_BYTES_MAX) return undefined;
    return this.#strings.of(this.#key, this.#to, this.#isAscii);
  }

  #begin(text: Buffer, dialect: SqlDialect): void {
    this.#text = text;
    this.#escapes = !dialect.sqlMode.noBackslashEscapes;
    this.#ansiQuotes = dialect.sqlMode.ansiQuotes;
    this.#isMariadb = dialect.flavour === 'mariadb';
    this.#at = 0;
    this.#to = 0;
    this.#last = AFTER_PAREN;
    this.#gap = 0;
    this.#isAscii = true;
    this.#depth = 0;
    this.#word = 0;
    this.#inValues = false;
    this.#hasEnded = false;
    this.#runs.reset();
  }

  /** One token or comment; false when the text has no shape. */
  #token(byte: number): boolean {
    switch (CLASSES[byte]) {
      case LETTER:
        return this.#name(byte);
      case DIGIT:
        return this.#numeric();
      case MARK_BYTE:
        return this.#mark(byte);
      case DOLLAR:
        return this.#isMariadb && this.#name(byte);
      default:
        return false;
    }
  }

  /** A word or name, or a literal with a letter in front. */
  #name(first: number): boolean {
    const text = this.#text;
    const start = this.#at;
    const length = text.length;
    if (start + 1 < length && text[start + 1] === SINGLE_QUOTE) {
      const letter = first | 0x20;
      if (letter === 0x6e)
        return this.#literal(STRING_LETTER, scanQuoted(text, start + 2, SINGLE_QUOTE, this.#escapes));
      if (letter === 0x78 || letter === 0x62) {
        return this.#literal(HEX_LETTER, scanHexLiteral(text, start + 2, letter === 0x78));
      }
    }
    let hash = 0;
    let end = start;
    for (; end < length; end++) {
      const byte = text[end] ?? 0;
      if (NAME_BYTES[byte] === 0) break;
      hash = hashed(hash, byte);
    }
    const isBehindDot = this.#last === AFTER_DOT && this.#gap === 0;
    if (isBehindDot || this.#isBeforeDot(end)) return this.#copy(end, AFTER_NAME);
    return this.#wordTo(end, wordNumber(text, start, end, hash));
  }

  #isBeforeDot(end: number): boolean {
    const text = this.#text;
    return end + 1 < text.length && text[end] === DOT && NAME_BYTES[text[end + 1] ?? 0] === 1;
  }

  #wordTo(end: number, word: number): boolean {
    if (this.#to === 0 && (word === 0 || word > LAST_FIRST_WORD)) return false;
    const isValue = word >= FIRST_VALUE_WORD && word <= LAST_VALUE_WORD;
    if (word === 0) return this.#copy(end, AFTER_WORD);
    if (!this.#separate(AFTER_WORD)) return false;
    const text = this.#text;
    const key = this.#key;
    let to = this.#to;
    for (let at = this.#at; at < end; at++) key[to++] = (text[at] ?? 0) | 0x20;
    this.#to = to;
    if (!isValue) this.#runs.spoil();
    this.#word = word;
    if (this.#depth === 0) this.#inValues = word === VALUES_WORD;
    this.#at = end;
    return true;
  }

  /** A name as it is written. */
  #copy(end: number, last: number): boolean {
    const text = this.#text;
    if (this.#to === 0 || !this.#separate(last)) return false;
    if (this.#to + (end - this.#at) > SCRATCH_BYTES - MARGIN) return false;
    const key = this.#key;
    let to = this.#to;
    let bits = 0;
    for (let at = this.#at; at < end; at++) {
      const byte = text[at] ?? 0;
      bits |= byte;
      key[to++] = byte;
    }
    this.#to = to;
    if (bits >= 0x80) this.#isAscii = false;
    this.#runs.spoil();
    this.#word = 0;
    if (this.#depth === 0) this.#inValues = false;
    this.#at = end;
    return true;
  }

  #numeric(): boolean {
    const text = this.#text;
    if (this.#last === AFTER_DOT && this.#gap === 0) {
      let end = this.#at + 1;
      while (end < text.length && NAME_BYTES[text[end] ?? 0] === 1) end++;
      return this.#copy(end, AFTER_NAME);
    }
    const scanned = scanNumeric(text, this.#at);
    if (scanned === UNREADABLE) return false;
    const kind = scanned & 3;
    if (kind === READ_NAME) return this.#copy(scanned >>> 2, AFTER_NAME);
    return this.#literal(kind === READ_HEX ? HEX_LETTER : NUMBER_LETTER, scanned >>> 2);
  }

  #mark(byte: number): boolean {
    switch (byte) {
      case SINGLE_QUOTE:
        return this.#literal(STRING_LETTER, scanQuoted(this.#text, this.#at + 1, byte, this.#escapes));
      case DOUBLE_QUOTE:
        return this.#ansiQuotes
          ? this.#quoted(byte)
          : this.#literal(STRING_LETTER, scanQuoted(this.#text, this.#at + 1, byte, this.#escapes));
      case BACKTICK:
        return this.#quoted(byte);
      case LEFT_PAREN:
        return this.#open();
      case RIGHT_PAREN:
        return this.#close();
      case COMMA:
        return this.#comma();
      case DOT:
        return this.#dot();
      case QUESTION:
        return NAME_BYTES[this.#peek(1)] === 0 && this.#literal(PARAMETER_LETTER, this.#at + 1);
      case SEMICOLON:
        return this.#end();
      case HASH:
        return this.#skipTo(scanLineComment(this.#text, this.#at + 1));
      case MINUS:
        return this.#peek(1) === MINUS && endsDashes(this.#peek(2))
          ? this.#skipTo(scanLineComment(this.#text, this.#at + 2))
          : this.#operator(byte);
      case SLASH:
        return this.#peek(1) === STAR ? this.#comment() : this.#operator(byte);
      case AT:
      case BACKSLASH:
      case 0x3a: // :
      case 0x7b: // {
      case 0x7d: // }
        return false;
      default:
        return this.#operator(byte);
    }
  }

  #comment(): boolean {
    const next = this.#peek(2);
    if (next === 0x21 || next === 0x2b || (next === 0x4d && this.#peek(3) === 0x21)) return false; // ! + M!
    return this.#skipTo(scanBlockComment(this.#text, this.#at + 2));
  }

  #skipTo(end: number): boolean {
    if (end === UNREADABLE) return false;
    this.#at = end;
    this.#gap |= COMMENT_GAP;
    return true;
  }

  #literal(letter: number, end: number): boolean {
    if (end === UNREADABLE || this.#to === 0 || !this.#separate(AFTER_LITERAL)) return false;
    this.#key[this.#to++] = QUESTION;
    this.#key[this.#to++] = letter;
    this.#word = 0;
    this.#at = end;
    return true;
  }

  #quoted(quote: number): boolean {
    const end = scanQuoted(this.#text, this.#at + 1, quote, false);
    return end !== UNREADABLE && this.#copy(end, AFTER_QUOTED);
  }

  #operator(byte: number): boolean {
    if (!this.#separate(AFTER_OPERATOR)) return false;
    if (byte !== PLUS && byte !== MINUS) this.#runs.spoil();
    return this.#put(byte);
  }

  /** `.5` is a number, unless a name stands right before it. */
  #dot(): boolean {
    const isQualifier = this.#last === AFTER_NAME && this.#gap === 0;
    if (!isQualifier && isDigit(this.#peek(1)))
      return this.#literal(NUMBER_LETTER, scanFraction(this.#text, this.#at + 1));
    if (!this.#separate(AFTER_DOT)) return false;
    this.#runs.spoil();
    return this.#put(DOT);
  }

  #open(): boolean {
    const isInList = this.#word === IN_WORD;
    // `count (x)` and `count(x)` are two things, and with a comment between them a third.
    if (this.#last <= AFTER_QUOTED && (this.#gap & COMMENT_GAP) !== 0) return false;
    const isSpaced = this.#last <= AFTER_LITERAL && this.#gap !== 0;
    if (!this.#separate(AFTER_PAREN)) return false;
    if (isSpaced) this.#key[this.#to++] = SPACE_BYTE;
    this.#depth++;
    this.#runs.open(this.#to, isInList);
    return this.#put(LEFT_PAREN);
  }

  #close(): boolean {
    if (!this.#separate(AFTER_PAREN)) return false;
    this.#to = this.#runs.element(this.#to);
    this.#put(RIGHT_PAREN);
    const takesAnyRow = this.#inValues && this.#depth === 1 && !this.#tellsRowsApart;
    this.#to = this.#runs.close(this.#to, takesAnyRow);
    this.#depth--;
    return true;
  }

  #comma(): boolean {
    if (!this.#separate(AFTER_PAREN)) return false;
    this.#to = this.#runs.element(this.#to);
    this.#put(COMMA);
    this.#runs.nextElement(this.#to);
    return true;
  }

  #end(): boolean {
    if (this.#hasEnded || this.#to === 0) return false;
    this.#hasEnded = true;
    this.#at++;
    return true;
  }

  #put(byte: number): boolean {
    this.#key[this.#to++] = byte;
    this.#word = 0;
    this.#at++;
    return true;
  }

  /** Writes a space where the text would mean another thing without it; false when a statement has ended before. */
  #separate(next: number): boolean {
    if (this.#hasEnded) return false;
    const last = this.#last;
    const isBetweenWords = last <= AFTER_LITERAL && next <= AFTER_LITERAL;
    const isKept =
      this.#gap !== 0 && ((last === AFTER_OPERATOR && next === last) || last === AFTER_DOT || next === AFTER_DOT);
    if (isBetweenWords || isKept) this.#key[this.#to++] = SPACE_BYTE;
    this.#last = next;
    this.#gap = 0;
    return true;
  }

  #peek(distance: number): number {
    const at = this.#at + distance;
    return at < this.#text.length ? (this.#text[at] ?? 0) : 0;
  }
}
