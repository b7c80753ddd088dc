import { isUtf8 } from 'node:buffer';
import type { SqlDialect } from './dialect.js';
import {
  AT,
  BACKTICK,
  CLASSES,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  LETTER,
  MARK_BYTE,
  MINUS,
  NAME_BYTES,
  PLUS,
  QUESTION,
  SINGLE_QUOTE,
  SLASH,
  SPACE,
  STAR,
  endsDashes,
  isDigit,
} from './bytes.js';
import { readExecutableComment } from './executable-comment.js';
import { markLength } from './marks.js';
import { readTimeLimitHint } from '../session/time-limit-hint.js';
import {
  READ_HEX,
  TEXT_BYTES_MAX,
  READ_NAME,
  UNREADABLE,
  scanBlockComment,
  scanFraction,
  scanHexLiteral,
  scanLineComment,
  scanName,
  scanNumeric,
  scanQuoted,
  scanSkippedComment,
} from './scan.js';
import {
  GAP_COMMENT,
  GAP_SPACE,
  HEX,
  MARK,
  NAME,
  NO_GAP,
  NULL_SIGN,
  NUMBER,
  PARAMETER,
  QUOTED,
  STRING,
  SYSTEM_SIGN,
  Tokens,
  USER_VARIABLE,
  WORD,
} from './tokens.js';

/** A text of more tokens holds hardly anything but literals; people are asked about it. */
export const TOKENS_MAX = 2_000_000;

export interface LexResult {
  readonly tokens: Tokens;
  /** Why the text is not read any further; null when all of it was. Tokens before the place are there. */
  readonly refused: string | null;
  /** The largest time limit that optimizer hints give the statement; null when none does. */
  readonly hintedLimitMs: number | null;
}

/** Cuts the text into tokens, as a server of this dialect does under utf8mb4. Never throws; allocates for the whole. */
export function lex(text: Buffer, dialect: SqlDialect): LexResult {
  const lexer = new Lexer(text, dialect);
  const refused = refusedAtOnce(text, dialect) ?? lexer.run();
  return { tokens: lexer.tokens, refused, hintedLimitMs: lexer.hintedLimitMs };
}

/**
 * The same for a text whose strings may hold any bytes: where they begin and end is the same in every character set in
 * which quotes and backslashes are single bytes.
 */
export function lexBytes(text: Buffer, dialect: SqlDialect): LexResult {
  const lexer = new Lexer(text, dialect, true);
  const refused = text.length > TEXT_BYTES_MAX ? 'too long' : lexer.run();
  return { tokens: lexer.tokens, refused, hintedLimitMs: lexer.hintedLimitMs };
}

function refusedAtOnce(text: Buffer, dialect: SqlDialect): string | null {
  if (text.length > TEXT_BYTES_MAX) return `text over ${TEXT_BYTES_MAX} bytes`;
  if (dialect.sqlMode.oracle) return 'sql_mode ORACLE';
  if (text.includes(0)) return 'NUL byte';
  return isUtf8(text) ? null : 'invalid UTF-8';
}

class Lexer {
  readonly tokens: Tokens;
  hintedLimitMs: number | null = null;
  readonly #text: Buffer;
  readonly #dialect: SqlDialect;
  readonly #escapes: boolean;
  readonly #takesNul: boolean;
  #at = 0;
  #gap = NO_GAP;
  /** An executable comment is being read through. They do not nest: the first end is that of all. */
  #isInComment = false;

  constructor(text: Buffer, dialect: SqlDialect, takesNul = false) {
    this.#text = text;
    this.#takesNul = takesNul;
    this.#dialect = dialect;
    this.#escapes = !dialect.sqlMode.noBackslashEscapes;
    this.tokens = new Tokens(text);
  }

  /** Reads to the end; a reason why it cannot, or null. */
  run(): string | null {
    const text = this.#text;
    while (this.#at < text.length) {
      const refused = this.#step(text[this.#at] ?? 0);
      if (refused !== null) return refused;
      if (this.tokens.count > TOKENS_MAX) return `more than ${TOKENS_MAX} tokens`;
    }
    return this.#isInComment ? 'unclosed comment' : null;
  }

  #step(byte: number): string | null {
    switch (CLASSES[byte]) {
      case SPACE:
        this.#at++;
        this.#gap |= GAP_SPACE;
        return null;
      case LETTER:
        return this.#word(byte);
      case DIGIT:
        return this.#numeric();
      case DOLLAR:
        return this.#dollar(byte);
      case MARK_BYTE:
        return this.#mark(byte);
      default:
        return byte < 0x20 || byte === 0x7f ? 'control character' : 'character that is no part of SQL';
    }
  }

  #word(byte: number): string | null {
    const prefixed = this.#peek(1) === SINGLE_QUOTE ? this.#prefixed(byte | 0x20) : undefined;
    if (prefixed !== undefined) return prefixed;
    const end = scanName(this.#text, this.#at);
    // Next to a dot it is a name, whatever keyword it is spelt like: the server does not look it up.
    const isBehindDot = this.#isBehindDot();
    const isBeforeDot = this.#byte(end) === DOT && NAME_BYTES[this.#byte(end + 1)] === 1;
    return this.#add(isBehindDot || isBeforeDot ? NAME : WORD, end);
  }

  /** `x'41'`, `b'01'`, `N'text'`. */
  #prefixed(letter: number): string | null | undefined {
    if (letter === 0x6e) return this.#quoted(STRING, 2, SINGLE_QUOTE, this.#escapes);
    if (letter !== 0x78 && letter !== 0x62) return undefined;
    const end = scanHexLiteral(this.#text, this.#at + 2, letter === 0x78);
    return end === UNREADABLE ? 'malformed hexadecimal or bit literal' : this.#add(HEX, end);
  }

  /** A dot that ends a number, as in `1.FROM`, is no qualifier. */
  #isBehindDot(): boolean {
    if (this.#gap !== NO_GAP || this.tokens.kind(this.tokens.count - 1) !== MARK) return false;
    return this.#text[this.#at - 1] === DOT;
  }

  #numeric(): string | null {
    // `t.5` is column `5` of `t`, where the dot follows a name at once.
    if (this.#isBehindDot()) {
      return this.#add(NAME, scanName(this.#text, this.#at));
    }
    const scanned = scanNumeric(this.#text, this.#at);
    if (scanned === UNREADABLE) return 'malformed number';
    const kind = scanned & 3;
    return this.#add(kind === READ_NAME ? NAME : kind === READ_HEX ? HEX : NUMBER, scanned >>> 2);
  }

  #mark(byte: number): string | null {
    switch (byte) {
      case SINGLE_QUOTE:
        return this.#quoted(STRING, 1, byte, this.#escapes);
      case DOUBLE_QUOTE:
        return this.#dialect.sqlMode.ansiQuotes
          ? this.#quoted(QUOTED, 1, byte, false)
          : this.#quoted(STRING, 1, byte, this.#escapes);
      case BACKTICK:
        return this.#quoted(QUOTED, 1, byte, false);
      case HASH:
        return this.#skipComment(scanLineComment(this.#text, this.#at + 1));
      case MINUS:
        if (this.#peek(1) === MINUS && endsDashes(this.#peek(2))) {
          return this.#skipComment(scanLineComment(this.#text, this.#at + 2));
        }
        break;
      case SLASH:
        if (this.#peek(1) === STAR) return this.#comment();
        break;
      case STAR:
        if (!this.#isInComment || this.#peek(1) !== SLASH) break;
        this.#isInComment = false;
        return this.#skipTo(this.#at + 2);
      case DOT:
        return this.#dot();
      case AT:
        return this.#variable();
      case QUESTION:
        return NAME_BYTES[this.#peek(1)] === 1 ? 'parameter marker before a name' : this.#add(PARAMETER, this.#at + 1);
      case 0x5c:
        return this.#dialect.flavour === 'mariadb' && this.#peek(1) === 0x4e
          ? this.#add(NULL_SIGN, this.#at + 2)
          : 'backslash outside of a text';
      default:
    }
    const length = markLength(this.#text, this.#at, this.#dialect.flavour);
    return length === 0 ? 'unknown operator' : this.#add(MARK, this.#at + length);
  }

  /** `.5` is a number, unless a name stands right before it. */
  #dot(): string | null {
    const before = this.tokens.kind(this.tokens.count - 1);
    const isQualifier = this.#gap === NO_GAP && before === NAME;
    if (isQualifier || !isDigit(this.#peek(1))) return this.#add(MARK, this.#at + 1);
    const end = scanFraction(this.#text, this.#at + 1);
    return end === UNREADABLE ? 'malformed number' : this.#add(NUMBER, end);
  }

  #variable(): string | null {
    const next = this.#peek(1);
    if (next === AT) {
      const isNamed = this.#peek(2) === BACKTICK || NAME_BYTES[this.#peek(2)] === 1;
      return isNamed ? this.#add(SYSTEM_SIGN, this.#at + 2) : 'system variable without a name';
    }
    if (next === SINGLE_QUOTE || next === DOUBLE_QUOTE || next === BACKTICK) {
      const escapes =
        this.#escapes && next !== BACKTICK && !(next === DOUBLE_QUOTE && this.#dialect.sqlMode.ansiQuotes);
      return this.#quoted(USER_VARIABLE, 2, next, escapes);
    }
    let end = this.#at + 1;
    while (isHostByte(this.#byte(end))) end++;
    const isNamed = end > this.#at + 1 && this.#byte(end) < 0x80;
    return isNamed ? this.#add(USER_VARIABLE, end) : 'user variable without a name';
  }

  /**
   * Both servers have names that begin with a dollar sign. MySQL 9 reads `$tag$…$tag$` as a text there, whose content is
   * the next reader's to understand; without its end it reads nothing at all.
   */
  #dollar(byte: number): string | null {
    this.tokens.isPlain = false;
    if (this.#dialect.flavour === 'mariadb') return this.#word(byte);
    const tagEnd = this.#text.indexOf(DOLLAR_SIGN, this.#at + 1) + 1;
    const tag = this.#text.subarray(this.#at, tagEnd);
    if (tagEnd > 0 && this.#text.includes(tag, tagEnd)) return 'text between dollar signs';
    return this.#word(byte);
  }

  #comment(): string | null {
    const start = this.#at + 2;
    const next = this.#peek(2);
    if (next === PLUS && hasHints(this.#dialect)) return this.#hint(scanBlockComment(this.#text, start));
    const isExecutable =
      next === EXCLAMATION || (next === 0x4d && this.#peek(3) === EXCLAMATION && this.#dialect.flavour === 'mariadb');
    if (!isExecutable) return this.#skipComment(scanBlockComment(this.#text, start));
    const comment = readExecutableComment(this.#text, start, this.#dialect);
    if (comment === undefined) return 'executable comment';
    if (!comment.isRun) return this.#skipComment(scanSkippedComment(this.#text, comment.contentStart));
    this.tokens.isPlain = false;
    this.#isInComment = true;
    return this.#skipTo(comment.contentStart);
  }

  #hint(end: number): string | null {
    if (end === UNREADABLE) return 'unclosed comment';
    const limitMs = readTimeLimitHint(this.#text, this.#at, end);
    if (limitMs === undefined) return 'optimizer hint';
    this.hintedLimitMs = Math.max(limitMs, this.hintedLimitMs ?? 0);
    return this.#skipComment(end);
  }

  #quoted(kind: number, opening: number, quote: number, escapes: boolean): string | null {
    const end = scanQuoted(this.#text, this.#at + opening, quote, escapes, kind === STRING && this.#takesNul);
    if (end === UNREADABLE) return kind === STRING ? 'unclosed string' : 'unclosed quoted name';
    if (kind === QUOTED && end === this.#at + 2) return 'empty name';
    return this.#add(kind, end);
  }

  #add(kind: number, end: number): null {
    this.tokens.add(kind, this.#at, end, this.#gap);
    this.#at = end;
    this.#gap = NO_GAP;
    return null;
  }

  #skipComment(end: number): string | null {
    if (end === UNREADABLE) return 'unclosed comment';
    this.tokens.addComment(this.#at, end);
    return this.#skipTo(end);
  }

  #skipTo(end: number): null {
    this.#at = end;
    this.#gap |= GAP_COMMENT;
    return null;
  }

  #peek(distance: number): number {
    return this.#byte(this.#at + distance);
  }

  /** 0 past the end, which no readable text has in it. */
  #byte(at: number): number {
    return at < this.#text.length ? (this.#text[at] ?? 0) : 0;
  }
}

const EXCLAMATION = 0x21;
const DOLLAR_SIGN = 0x24;

/** MariaDB has optimizer hints since 12.0; before, they are comments to it. */
const MARIADB_HINTS_SINCE = 110_800;

function hasHints({ flavour, version }: SqlDialect): boolean {
  return flavour === 'mysql' || version >= MARIADB_HINTS_SINCE;
}

/** MySQL's and MariaDB's LEX_HOSTNAME, which names user variables too. */
function isHostByte(byte: number): boolean {
  return byte < 0x80 && (NAME_BYTES[byte] === 1 || byte === DOT);
}
