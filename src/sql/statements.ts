import { END, type Tokens } from './tokens.js';

/** The tokens of one statement: index of the first, and of the one behind the last. */
export interface StatementRange {
  readonly start: number;
  readonly end: number;
}

/** The statements of a text, cut at semicolons; an empty one is none. */
export function statementsIn(tokens: Tokens): readonly StatementRange[] {
  const found: StatementRange[] = [];
  let start = 0;
  for (let at = 0; at <= tokens.count; at++) {
    if (tokens.kind(at) !== END && !tokens.isSemicolon(at)) continue;
    if (at > start) found.push({ start, end: at });
    start = at + 1;
  }
  return found;
}
