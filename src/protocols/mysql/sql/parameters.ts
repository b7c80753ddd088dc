import type { SqlDialect } from './text/dialect.js';
import { lex } from './text/lexer.js';
import { PARAMETER } from './text/tokens.js';

/** How many placeholders for bound values a text has; undefined for one that the lexer does not read to its end. */
export function parametersIn(text: Buffer, dialect: SqlDialect): number | undefined {
  const { tokens, refused } = lex(text, dialect);
  if (refused !== null) return undefined;
  let found = 0;
  for (let index = 0; index < tokens.count; index += 1) if (tokens.kind(index) === PARAMETER) found += 1;
  return found;
}
