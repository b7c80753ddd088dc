import type { SqlDialect } from '../text/dialect.js';
import { END, type Tokens } from '../text/tokens.js';

const LISTS: ReadonlySet<string> = new Set(
  'geometrycollection linestring multilinestring multipoint multipolygon polygon'.split(' '),
);

/**
 * Whether the call whose parenthesis opens at `open` makes a geometry on MariaDB: these names are built-in there with
 * as many arguments as they take, and those of stored functions with any other number: `POINT(1)`, `POLYGON()`.
 */
export function isGeometryCall(name: string, tokens: Tokens, open: number, { flavour }: SqlDialect): boolean {
  if (flavour !== 'mariadb') return false;
  if (name === 'point') return argumentsOf(tokens, open) === 2;
  return LISTS.has(name) && argumentsOf(tokens, open) > 0;
}

function argumentsOf(tokens: Tokens, open: number): number {
  if (tokens.word(open + 1) === ')') return 0;
  let depth = 0;
  let commas = 0;
  for (let at = open; tokens.kind(at) !== END; at += 1) {
    const word = tokens.word(at);
    if (word === '(') depth += 1;
    else if (word === ',' && depth === 1) commas += 1;
    else if (word === ')' && --depth === 0) return commas + 1;
  }
  return 0;
}
