import { COMMA } from '../text/bytes.js';

const QUESTION = 0x3f;
const PLUS = 0x2b;
const NONE = -1;

/**
 * Shortens lists of literals while a fingerprint is written: `(?n,?n),(?n,?n)` becomes `(?n,?n),?+`, and what IN lists
 * `(?n,?+)`. What is left out has no names, calls or operators, so it is no part of any fact. Offsets are those of
 * `key`, after what was written.
 */
export class LiteralRuns {
  readonly #key: Uint8Array;
  /** The parenthesis that opened last; `NONE` when something but literals came after it. */
  #groupStart = NONE;
  #isInList = false;
  /** In the list of IN: where its first element ends, and where the one that is being written begins. */
  #firstEnd = NONE;
  #elementStart = NONE;
  #isElementMarked = false;
  /** The first row of a run of rows, and what is written of the run. */
  #rowStart = NONE;
  #rowEnd = NONE;
  #runEnd = NONE;
  #isRowMarked = false;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  reset(): void {
    this.#groupStart = NONE;
    this.#runEnd = NONE;
  }

  /** A parenthesis was written at `at`; `isInList`: it follows the word IN. */
  open(at: number, isInList: boolean): void {
    this.#groupStart = at;
    this.#isInList = isInList;
    this.#firstEnd = NONE;
    this.#elementStart = at + 1;
    this.#isElementMarked = false;
  }

  /** Something was written that is no literal, sign or comma. */
  spoil(): void {
    this.#groupStart = NONE;
  }

  /** After an element of a list, at `end`; gives where to write on. */
  element(end: number): number {
    if (!this.#isInList || this.#groupStart === NONE) return end;
    if (this.#firstEnd === NONE) {
      this.#firstEnd = end;
      return end;
    }
    const first = this.#groupStart + 1;
    if (!this.#isSame(first, this.#firstEnd, this.#elementStart, end)) {
      this.#isInList = false; // elements of several types stay as they are
      return end;
    }
    const before = this.#elementStart - 1;
    if (this.#isElementMarked) return before;
    this.#isElementMarked = true;
    return this.#mark(before);
  }

  /** The comma after an element was written; the next one begins at `start`. */
  nextElement(start: number): void {
    this.#elementStart = start;
  }

  /** After a closing parenthesis, at `end`; `anyTypes`: rows of VALUES, which may differ. Gives where to write on. */
  close(end: number, anyTypes: boolean): number {
    const start = this.#groupStart;
    this.#groupStart = NONE;
    if (start === NONE) return end;
    const follows = this.#runEnd !== NONE && start === this.#runEnd + 1 && this.#key[this.#runEnd] === COMMA;
    if (!follows || !(anyTypes || this.#isSame(this.#rowStart, this.#rowEnd, start, end))) {
      this.#rowStart = start;
      this.#rowEnd = end;
      this.#runEnd = end;
      this.#isRowMarked = false;
      return end;
    }
    if (!this.#isRowMarked) this.#runEnd = this.#mark(this.#runEnd);
    this.#isRowMarked = true;
    return this.#runEnd;
  }

  /** Writes `,?+`, which no text gives otherwise: a placeholder's question mark has a letter after it. */
  #mark(at: number): number {
    this.#key[at] = COMMA;
    this.#key[at + 1] = QUESTION;
    this.#key[at + 2] = PLUS;
    return at + 3;
  }

  #isSame(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    if (end - start !== otherEnd - otherStart) return false;
    for (let at = 0; at < end - start; at++) if (this.#key[start + at] !== this.#key[otherStart + at]) return false;
    return true;
  }
}
