import type { StatementFacts, StatementFlag } from '../../../sql/statement.js';
import type { SqlDialect } from '../text/dialect.js';
import type { OpinionView } from '../opinion/opinion-view.js';
import type { StatementRange } from '../text/statements.js';
import type { Tokens } from '../text/tokens.js';
import { NotPlain, PlainCursor } from './plain-cursor.js';
import { readQuery } from './plain-query.js';

/** What a plain read says, with every function that it calls. */
export interface PlainView extends OpinionView {
  readonly functions: ReadonlySet<string>;
}

/**
 * Reads one statement by a grammar that knows plain reads and nothing else: queries that return rows, with built-in
 * functions that do no harm. It is what both servers' grammars say of them, word by word, and another piece of code than
 * the walker, which steps over whatever it does not know. Undefined at the first token that has no place in it: that
 * says nothing against the text, which then is for the second parser.
 *
 * Source: `query_expression`, `expr` and `simple_expr` of sql/sql_yacc.yy of MariaDB 10.11 and MySQL 9.7.
 */
export function readPlainly(
  tokens: Tokens,
  { start, end }: StatementRange,
  dialect: SqlDialect,
): PlainView | undefined {
  // Where executable comments and their like stand, another reader of the text confirms what the lexer made of them.
  if (!tokens.isPlain) return undefined;
  const cursor = new PlainCursor({ tokens, start, end, dialect, readQuery });
  try {
    readAnalyze(cursor);
    const where = readQuery(cursor);
    if (!cursor.isDone) return undefined;
    const { tables, functions } = cursor;
    return { statements: 1, kind: 'select', where, tables, functions };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const PLAIN_FLAGS: ReadonlySet<StatementFlag> = new Set(['user-variable', 'system-variable']);

/** Whether facts are those of a read that {@link readPlainly} might know: it is not asked about others. */
export function mayBePlain({ action, statements, unknownFunctions, flags, notUnderstood }: StatementFacts): boolean {
  return (
    action === 'read' &&
    statements === 1 &&
    notUnderstood === null &&
    unknownFunctions.length === 0 &&
    flags.every((flag) => PLAIN_FLAGS.has(flag))
  );
}

/** What runs the query and tells how: MariaDB's ANALYZE, MySQL's EXPLAIN ANALYZE. */
function readAnalyze(cursor: PlainCursor): void {
  if (cursor.isMariadb) {
    if (!cursor.accept('analyze')) return;
  } else {
    if (cursor.word(1) !== 'analyze') return;
    if (!cursor.accept('explain') && !cursor.accept('describe')) cursor.expect('desc');
    cursor.expect('analyze');
  }
  if (cursor.accept('format', '=')) cursor.name();
}
