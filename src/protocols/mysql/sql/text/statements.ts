import type { SqlDialect } from './dialect.js';
import { FactsBuilder } from '../walker/facts-builder.js';
import { END, type Tokens } from './tokens.js';
import { definesStoredCode } from '../walker/schema.js';
import { WALKERS } from '../walker/statement.js';
import { Walk } from '../walker/walk.js';

/** The tokens of one statement: index of the first, and of the one after the last. */
export interface StatementRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The statements of a text, cut at semicolons; an empty one is none. The definition of stored code is one to the end of
 * the text: semicolons are part of a body, and no server takes anything after it from a client that sends one
 * statement at a time.
 */
export function statementsIn(tokens: Tokens, dialect: SqlDialect): readonly StatementRange[] {
  if (beginsWithStoredCode(tokens, dialect)) return [{ start: 0, end: withoutSemicolons(tokens) }];
  const found: StatementRange[] = [];
  let start = 0;
  for (let at = 0; at <= tokens.count; at++) {
    if (tokens.kind(at) !== END && !tokens.isSemicolon(at)) continue;
    if (at > start) found.push({ start, end: at });
    start = at + 1;
  }
  return found;
}

function beginsWithStoredCode(tokens: Tokens, dialect: SqlDialect): boolean {
  const verb = tokens.word(0);
  if (verb !== 'create' && verb !== 'alter') return false;
  const whole = { tokens, start: 1, end: tokens.count };
  return definesStoredCode(
    new Walk({ ...whole, dialect, database: null, facts: new FactsBuilder(), walkers: WALKERS }),
  );
}

function withoutSemicolons(tokens: Tokens): number {
  let end = tokens.count;
  while (tokens.isSemicolon(end - 1)) end--;
  return end;
}
