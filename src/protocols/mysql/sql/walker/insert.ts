import { STRING } from '../text/tokens.js';
import { walkExpressions } from './expression.js';
import { noteWhere, walkRows, walkSetOperations } from './query.js';
import { walkColumnNames, walkPartition } from './table-reference.js';
import { type Walk } from './walk.js';

/** INSERT and REPLACE in all their forms. */
export function walkInsert(walk: Walk): void {
  const kind = walk.accept('replace') ? 'replace' : 'insert';
  if (kind === 'insert') walk.expect('insert');
  walk.facts.kind = kind;
  walk.facts.action = kind;
  for (let word = walk.word(); INSERT_OPTIONS.has(word); word = walk.word()) {
    if (word !== 'ignore') walk.facts.flag('low-priority');
    walk.at++;
  }
  walk.accept('into');
  const table = walk.tableName();
  walk.facts.table(table, kind);
  walkPartition(walk);
  const namesColumns = walkTargetColumns(walk);
  walkSource(walk, namesColumns);
  walkRowAlias(walk);
  if (walk.accept('on', 'duplicate', 'key', 'update')) {
    walk.facts.flag('on-duplicate-key');
    walk.facts.table(table, 'update');
    walkExpressions(walk);
  }
  walkReturning(walk);
}

const INSERT_OPTIONS: ReadonlySet<string> = new Set(['low_priority', 'delayed', 'high_priority', 'ignore']);

/** MariaDB's RETURNING gives rows of the table back. */
export function walkReturning(walk: Walk): void {
  if (!walk.isMariadb || !walk.accept('returning')) return;
  walk.facts.flag('returning');
  walkExpressions(walk);
}

/** `(a, b)` in front of what is inserted; a query in parentheses may stand in its place. */
function walkTargetColumns(walk: Walk): boolean {
  if (walk.word() !== '(' || ['select', 'with', 'table', 'values', '('].includes(walk.word(1))) return false;
  if (walk.accept('(', ')')) return false;
  walkColumnNames(walk);
  return true;
}

function walkSource(walk: Walk, namesColumns: boolean): void {
  if (walk.accept('set')) {
    walkExpressions(walk);
    return;
  }
  if (!namesColumns) walk.facts.column('*');
  if (walk.sees('values') || walk.sees('value')) {
    walk.at++;
    walkRows(walk);
    noteWhere(walk, -1);
    if (['union', 'intersect', 'except', 'order', 'limit'].includes(walk.word())) walkSetOperations(walk);
    return;
  }
  walk.walkers.query(walk);
}

/** MySQL's `AS new(a, b)` after the rows. */
function walkRowAlias(walk: Walk): void {
  if (!walk.accept('as')) return;
  if (walk.kind() === STRING) walk.fail('text for a name');
  walk.name();
  if (walk.word() === '(') walk.skipGroup();
}
