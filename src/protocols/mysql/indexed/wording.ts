import type { SqlDialect } from '../sql/text/dialect.js';
import { lex } from '../sql/text/lexer.js';
import { HEX, NUMBER, STRING, type Tokens } from '../sql/text/tokens.js';

/** What stands in place of a value. */
const VALUE = '?';
/** Lists of values, and rows of them, are as long as anyone who wrote them had values. */
const LIST = /\?(?:\s*,\s*\?)+/g;
const ROWS = /\((?:\?|\?, …)\)(?:\s*,\s*\((?:\?|\?, …)\))+/g;
const VALUE_KINDS: ReadonlySet<number> = new Set([STRING, NUMBER, HEX]);

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

export interface StatementWording {
  readonly text: string;
  /** Not all of the statement could be read; what comes after that place may be values and is left out. */
  readonly isPartial: boolean;
}

/**
 * The text with `?` in place of each value, without the comments that the server skips, and of a list of values or of
 * rows of them only the first. A text that has none of these is its own wording, letter for letter.
 */
export function wordingOf(text: string, dialect: SqlDialect): StatementWording {
  const bytes = Buffer.from(text);
  const { tokens, refused } = lex(bytes, dialect);
  const end = refused === null ? bytes.length : endOf(tokens);
  const cuts = cutsOf(tokens);
  const parts: string[] = [];
  let from = 0;
  for (const cut of cuts) {
    parts.push(bytes.toString('utf8', from, cut.start), cut.by);
    from = cut.end;
  }
  parts.push(bytes.toString('utf8', from, Math.max(from, end)));
  const worded = parts.join('').replaceAll(LIST, '?, …').replaceAll(ROWS, '(?, …), …');
  return { text: refused === null ? worded : `${worded} …`.trimStart(), isPartial: refused !== null };
}

function cutsOf(tokens: Tokens): readonly Cut[] {
  const comments = tokens.comments.map(([start, end]): Cut => ({ start, end, by: ' ' }));
  const values: Cut[] = [];
  for (let index = 0; index < tokens.count; index += 1) {
    if (VALUE_KINDS.has(tokens.kind(index)))
      values.push({ start: tokens.start(index), end: tokens.end(index), by: VALUE });
  }
  return comments.length === 0 ? values : [...comments, ...values].toSorted((one, other) => one.start - other.start);
}

/** Up to where the text was read: what is left out of it may stand anywhere after the last token. */
function endOf(tokens: Tokens): number {
  return tokens.count === 0 ? 0 : tokens.end(tokens.count - 1);
}
