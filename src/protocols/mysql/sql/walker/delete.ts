import { walkLimit, walkOrder } from './clauses.js';
import { walkReturning } from './insert.js';
import { noteWhere, walkWhere } from './query.js';
import { walkInstant, walkPartition, walkTableAlias, walkTableReferences } from './table-reference.js';
import { walkPortion } from './update.js';
import { type Walk } from './walk.js';
import { noteWritten } from './written-tables.js';

/** DELETE from one table, `DELETE a, b FROM …` and `DELETE FROM a, b USING …`. */
export function walkDelete(walk: Walk): void {
  walk.facts.kind = 'delete';
  walk.facts.action = 'delete';
  walk.expect('delete');
  for (let word = walk.word(); DELETE_OPTIONS.has(word) && isOption(walk); word = walk.word()) {
    if (word === 'low_priority') walk.facts.flag('low-priority');
    walk.at++;
  }
  if (walk.accept('from')) walkFrom(walk);
  else walkTargetsFirst(walk);
}

const DELETE_OPTIONS: ReadonlySet<string> = new Set(['low_priority', 'quick', 'ignore', 'history']);

/** `quick` and `history` are names too, where a comma or a dot follows. */
function isOption(walk: Walk): boolean {
  return walk.word(1) !== ',' && walk.word(1) !== '.';
}

function walkFrom(walk: Walk): void {
  const first = walk.at;
  const targets = walkTargets(walk);
  if (walk.accept('using')) {
    walkSeveral(walk, targets);
    return;
  }
  walk.at = first;
  walk.facts.table(walk.tableName(), 'delete');
  walkPartition(walk);
  walkPortion(walk);
  if (walk.accept('before', 'system_time')) walkInstant(walk);
  walkTableAlias(walk);
  noteWhere(walk, walkWhere(walk));
  if (walk.word() === 'order') walkOrder(walk);
  if (walk.word() === 'limit') walkLimit(walk);
  walkReturning(walk);
}

function walkTargetsFirst(walk: Walk): void {
  const targets = walkTargets(walk);
  walk.expect('from');
  walkSeveral(walk, targets);
}

function walkSeveral(walk: Walk, targets: readonly (readonly string[])[]): void {
  walk.facts.flag('multi-table');
  noteWritten(walk, walkTableReferences(walk), targets, 'delete');
  noteWhere(walk, walkWhere(walk));
  if (walk.word() === 'order') walkOrder(walk);
  if (walk.word() === 'limit') walkLimit(walk);
}

/** `a, db.b.*` */
function walkTargets(walk: Walk): readonly (readonly string[])[] {
  const targets: (readonly string[])[] = [];
  do {
    targets.push(walk.dottedName());
    walk.accept('.', '*');
  } while (walk.accept(','));
  return targets;
}
