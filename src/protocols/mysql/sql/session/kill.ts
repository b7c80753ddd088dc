import type { SqlDialect } from '../text/dialect.js';
import { LEFT_PAREN } from '../text/bytes.js';
import { lex } from '../text/lexer.js';
import { END, NUMBER, type Tokens, USER_VARIABLE } from '../text/tokens.js';

/** What a KILL statement asks for. */
export interface Kill {
  /** The statement that runs, or the whole connection. */
  readonly what: 'query' | 'connection';
  readonly id:
    | { readonly kind: 'connection'; readonly id: number }
    /** MariaDB's KILL QUERY ID: the number of a statement, not of a connection. */
    | { readonly kind: 'query'; readonly id: number }
    /** `CONNECTION_ID()` */
    | { readonly kind: 'own' }
    /** `@name`, as it is written. */
    | { readonly kind: 'variable'; readonly name: string };
}

const HEAD_BYTES = 256;

/**
 * The KILL that the text is, in the forms that name one connection or statement; undefined for every other text.
 *
 * https://mariadb.com/docs/server/reference/sql-statements/administrative-sql-statements/kill
 */
export function killOf(text: Buffer, dialect: SqlDialect): Kill | undefined {
  if (!mayBeKill(text)) return undefined;
  const { tokens, refused } = lex(text, dialect);
  if (refused !== null || tokens.word(0) !== 'kill') return undefined;
  const isMariadb = dialect.flavour === 'mariadb';
  let at = isMariadb && ['hard', 'soft'].includes(tokens.word(1)) ? 2 : 1;
  const what = tokens.word(at) === 'query' ? 'query' : 'connection';
  if (['query', 'connection'].includes(tokens.word(at))) at += 1;
  const ofQuery = isMariadb && what === 'query' && tokens.word(at) === 'id';
  if (ofQuery) at += 1;
  const id = idAt(tokens, at, ofQuery ? 'query' : 'connection');
  return id === undefined ? undefined : { what, id };
}

function idAt(tokens: Tokens, at: number, kind: 'query' | 'connection'): Kill['id'] | undefined {
  const isLast = (next: number): boolean =>
    tokens.kind(next) === END || (tokens.isSemicolon(next) && tokens.kind(next + 1) === END);
  if (tokens.kind(at) === NUMBER && isLast(at + 1)) {
    const id = Number(tokens.source(at));
    return Number.isSafeInteger(id) ? { kind, id } : undefined;
  }
  if (kind === 'query') return undefined;
  if (tokens.kind(at) === USER_VARIABLE && isLast(at + 1)) return { kind: 'variable', name: tokens.source(at) };
  const isCall = tokens.text[tokens.start(at + 1)] === LEFT_PAREN && tokens.word(at + 2) === ')';
  return tokens.word(at) === 'connection_id' && isCall && isLast(at + 3) ? { kind: 'own' } : undefined;
}

/** Costs nothing for nearly every text: they begin with another letter. */
function mayBeKill(text: Buffer): boolean {
  const first = text[0] ?? 0;
  if (first === 0x6b || first === 0x4b) return true;
  const isWord = (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a);
  return !isWord && /\bkill\b/i.test(text.toString('latin1', 0, HEAD_BYTES));
}
