import { SEMICOLON } from './bytes.js';

/** Past the last token. */
export const END = 0;
/** An unquoted name that may be a keyword. */
export const WORD = 1;
/** An unquoted name that no keyword can be: it stands next to a dot, or begins with a digit. */
export const NAME = 2;
/** A name in backticks, or in double quotes under ANSI_QUOTES. */
export const QUOTED = 3;
export const STRING = 4;
export const NUMBER = 5;
/** A hexadecimal or bit literal in any of its spellings. */
export const HEX = 6;
/** MariaDB's `\N`. */
export const NULL_SIGN = 7;
/** `?` */
export const PARAMETER = 8;
/** `@name`, its quoted forms, and the host part of an account name. */
export const USER_VARIABLE = 9;
/** `@@`; the variable's name follows as words. */
export const SYSTEM_SIGN = 10;
/** An operator or punctuation mark. */
export const MARK = 11;

/** What stands before a token: nothing, white space, or a comment (with or without white space). */
export const NO_GAP = 0;
export const GAP_SPACE = 1;
export const GAP_COMMENT = 2;

const FIRST_CAPACITY = 64;

/** The tokens of one text by byte offsets; an index past the last one answers `END`, never an error. */
export class Tokens {
  readonly text: Buffer;
  /** Another reader of the text sees the same tokens. False where some stand in executable comments, or have odd names. */
  isPlain = true;
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #gaps = new Uint8Array(FIRST_CAPACITY);
  #starts = new Int32Array(FIRST_CAPACITY);
  #ends = new Int32Array(FIRST_CAPACITY);
  #words: (string | undefined)[] = [];
  #comments: [start: number, end: number][] | undefined;
  #count = 0;

  constructor(text: Buffer) {
    this.text = text;
  }

  get count(): number {
    return this.#count;
  }

  add(kind: number, start: number, end: number, gap: number): void {
    const index = this.#count++;
    if (index === this.#kinds.length) this.#grow();
    this.#kinds[index] = kind;
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#gaps[index] = gap;
  }

  /** Where the comments stand that the server skips, in order; of an executable one that it runs, only what is in it counts. */
  get comments(): readonly (readonly [start: number, end: number])[] {
    return this.#comments ?? [];
  }

  addComment(start: number, end: number): void {
    (this.#comments ??= []).push([start, end]);
  }

  kind(index: number): number {
    return index < this.#count ? (this.#kinds[index] ?? END) : END;
  }

  /** The byte at which the token begins. */
  start(index: number): number {
    return index < this.#count ? (this.#starts[index] ?? 0) : this.text.length;
  }

  /** The byte after the token. */
  end(index: number): number {
    return index < this.#count ? (this.#ends[index] ?? 0) : this.text.length;
  }

  /** What stands before the token: `NO_GAP`, or `GAP_SPACE` and `GAP_COMMENT` as bits. */
  gap(index: number): number {
    return index < this.#count ? (this.#gaps[index] ?? NO_GAP) : NO_GAP;
  }

  /** A word in lower case, a mark as it is, and the empty text for anything else: what keywords are compared with. */
  word(index: number): string {
    const known = this.#words[index];
    if (known !== undefined) return known;
    const kind = this.kind(index);
    const text = this.text;
    const made =
      kind === WORD
        ? text.toString('latin1', this.start(index), this.end(index)).toLowerCase()
        : kind === MARK
          ? text.toString('latin1', this.start(index), this.end(index))
          : '';
    this.#words[index] = made;
    return made;
  }

  isSemicolon(index: number): boolean {
    return this.kind(index) === MARK && this.text[this.start(index)] === SEMICOLON;
  }

  /** The token as it was written. */
  source(index: number): string {
    return this.text.toString('utf8', this.start(index), this.end(index));
  }

  /** True for what may be a name: an unquoted one is a keyword perhaps. */
  isName(index: number): boolean {
    const kind = this.kind(index);
    return kind === WORD || kind === NAME || kind === QUOTED;
  }

  /** The name without its quotes. */
  name(index: number): string {
    const source = this.source(index);
    if (this.kind(index) !== QUOTED) return source;
    const quote = source.startsWith('"') ? '"' : '`';
    return source.slice(1, -1).replaceAll(quote + quote, quote);
  }

  #grow(): void {
    const capacity = this.#kinds.length * 2;
    this.#kinds = grown(this.#kinds, new Uint8Array(capacity));
    this.#gaps = grown(this.#gaps, new Uint8Array(capacity));
    this.#starts = grown(this.#starts, new Int32Array(capacity));
    this.#ends = grown(this.#ends, new Int32Array(capacity));
  }
}

function grown<T extends Uint8Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
