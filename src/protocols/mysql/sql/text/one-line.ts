import type { SqlDialect } from './dialect.js';
import { writtenOut, shownLine } from '../../../../domain/visible-text.js';
import { NEWLINE } from './bytes.js';
import { lex } from './lexer.js';
import { QUOTED, STRING, type Tokens } from './tokens.js';

const LINE_CHARACTERS_MAX = 400;
/** Comments and texts are written by whom the line is about; a long one must not keep the rest from being read. */
const COMMENT_CHARACTERS_MAX = 24;
const TEXT_CHARACTERS_MAX = 60;

/** The signs of the line itself. A text that has them gets them written out, so that none can be imitated. */
const LINE_BREAK = '⏎';
const OWN_SIGNS = /[⏎⟦⟧⟨⟩]/gu;

/**
 * The beginning of a statement in one line, for lists: a line break is `⏎`, what a server of this dialect skips as a
 * comment stands in `⟦…⟧` and is cut, as long texts are, and hidden characters are written out. What is outside of the
 * brackets runs. From the place on where the text cannot be read, everything counts as if it ran.
 */
export function oneLine(text: string, dialect: SqlDialect): string {
  const { tokens, refused } = lex(Buffer.from(text), dialect);
  const line = new Line(tokens);
  let token = 0;
  let comment = 0;
  while (!line.isFull && (token < tokens.count || comment < tokens.comments.length)) {
    const [commentStart] = tokens.comments[comment] ?? [Infinity];
    if (token < tokens.count && tokens.start(token) < commentStart) line.token(token++);
    else comment = line.comments(comment);
  }
  line.rest(refused !== null);
  return line.text;
}

class Line {
  readonly #tokens: Tokens;
  #written = '';
  #at = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  get isFull(): boolean {
    return this.#written.length > LINE_CHARACTERS_MAX;
  }

  get text(): string {
    const text = this.#written.trim();
    return this.isFull ? `${cut(text, LINE_CHARACTERS_MAX)}…` : text;
  }

  token(index: number): void {
    const kind = this.#tokens.kind(index);
    this.#between(this.#tokens.start(index));
    const source = this.#tokens.source(index);
    const isLong = (kind === STRING || kind === QUOTED) && source.length > TEXT_CHARACTERS_MAX;
    this.#written += shown(isLong ? `${cut(source, TEXT_CHARACTERS_MAX)}…${source.at(-1)}` : source);
    this.#at = this.#tokens.end(index);
  }

  /** Writes the comment, with those that follow at once, as one; gives the index of the next. */
  comments(first: number): number {
    const { comments, text } = this.#tokens;
    let next = first;
    const [start, firstEnd] = comments[next] ?? [this.#at, this.#at];
    let end = firstEnd;
    this.#between(start);
    for (next += 1; next < comments.length; next += 1) {
      const [nextStart, nextEnd] = comments[next] ?? [Infinity, 0];
      if (nextStart > end && text.toString('latin1', end, nextStart).trim() !== '') break;
      end = nextEnd;
    }
    if (text[end - 1] === NEWLINE) end -= 1; // it ends the comment, and is no part of it
    const source = text.toString('utf8', start, end).trim();
    const isLong = source.length > COMMENT_CHARACTERS_MAX;
    this.#written += `⟦${shown(isLong ? cut(source, COMMENT_CHARACTERS_MAX) : source)}${isLong ? '…' : ''}⟧`;
    this.#at = end;
    return next;
  }

  rest(isUnread: boolean): void {
    if (isUnread)
      this.#written += this.#from(this.#at)
        .split(/[^\S\r\n]+/)
        .map(shown)
        .join(' ');
    else this.#written += spaced(this.#from(this.#at));
  }

  /** White space, and the marks of an executable comment that runs. */
  #between(end: number): void {
    this.#written += spaced(this.#tokens.text.toString('utf8', this.#at, end));
    this.#at = end;
  }

  #from(start: number): string {
    const left = Math.max(0, LINE_CHARACTERS_MAX + 1 - this.#written.length);
    return this.#tokens.text.toString('utf8', start, start + 4 * left);
  }
}

function spaced(gap: string): string {
  return gap.replaceAll(/\s+/g, (space) => (/[\r\n]/.test(space) ? ` ${LINE_BREAK} ` : ' '));
}

function shown(source: string): string {
  const lines = source.replaceAll(OWN_SIGNS, writtenOut).split(/\r\n|[\r\n]/);
  return lines.map(shownLine).join(LINE_BREAK);
}

/** Never in the middle of a character. */
function cut(text: string, characters: number): string {
  return Array.from(text.slice(0, 2 * characters))
    .slice(0, characters)
    .join('');
}
