import type { TableName } from '../../../sql/statement.js';
import { QUERY_WORDS } from '../text/keywords.js';
import { isHarmlessFunction } from '../functions/known.js';
import { WORD } from '../text/tokens.js';
import { walkPartition } from './table-reference.js';
import { type Walk } from './walk.js';

/**
 * Steps over the rest of a definition (columns, keys, options, the body of a view), noting what it reads: queries,
 * tables it refers to, and calls that are no known built-in ones. Definitions are never for agents without an approval,
 * so words are not told from each other here.
 *
 * @param database that of what is defined: a foreign key's table without one is looked for there
 */
export function walkDefinition(walk: Walk, isTable: boolean, database: string | null): void {
  while (!walk.isDone) {
    const word = walk.word();
    if (word === 'select' || (word === 'with' && startsCommonTable(walk)) || (isTable && startsRows(walk))) {
      if (isTable) walk.facts.flag('from-query');
      walk.nestedQuery(() => walk.walkers.query(walk));
    } else if (walk.accept('with', 'table')) {
      walk.facts.table(walk.tableName(), 'schema'); // EXCHANGE PARTITION … WITH TABLE
    } else if (REFERRING.has(word) && walk.isName(1)) {
      walk.at++;
      walk.facts.table(word === 'references' ? walk.tableName(database) : walk.tableName(), 'read');
    } else if (isTable && walk.accept('union')) {
      walkUnion(walk);
    } else {
      walkToken(walk);
    }
  }
}

const REFERRING: ReadonlySet<string> = new Set(['references', 'like', 'table']);

/** `WITH name AS (`, `WITH RECURSIVE`; WITH CHECK OPTION, WITH SYSTEM VERSIONING and WITH PARSER are none. */
function startsCommonTable(walk: Walk): boolean {
  return walk.word(1) === 'recursive' || walk.word(2) === 'as' || walk.word(2) === '(';
}

/** `AS VALUES (1)`, `AS TABLE t` in place of a SELECT. */
function startsRows(walk: Walk): boolean {
  const word = walk.word();
  return (word === 'values' && ['(', 'row'].includes(walk.word(1))) || (word === 'table' && walk.isName(1));
}

/** `UNION = (a, b)` of a MERGE table: anyone who may use it reads and changes those. */
function walkUnion(walk: Walk): void {
  walk.accept('=');
  if (walk.word() !== '(' || !walk.isName(1) || QUERY_WORDS.has(walk.word(1))) return;
  walk.expect('(');
  do {
    const table = walk.tableName();
    walk.facts.table(table, 'update');
    walk.facts.table(table, 'delete');
  } while (walk.accept(','));
  walk.expect(')');
}

/** A name with a parenthesis after it may be a call: of a stored routine, when it is not known. */
function walkToken(walk: Walk): void {
  if (!walk.isName()) {
    walk.at++;
    return;
  }
  const isWord = walk.kind() === WORD;
  const source = walk.tokens.source(walk.at);
  const parts = walk.dottedName();
  if (walk.word() !== '(') return;
  if (parts.length === 1 && isWord && isHarmlessFunction(source, walk.dialect)) walk.facts.function(source);
}

/** Notes each table of `a, b, c`. */
export function walkTableList(walk: Walk, note: (table: TableName) => void): void {
  do {
    note(walk.tableName());
    walkPartition(walk);
  } while (walk.accept(','));
}

export function acceptIfExists(walk: Walk): void {
  if (walk.accept('if', 'exists') || walk.accept('if', 'not', 'exists')) walk.facts.flag('if-exists');
}
