import { walkLimit, walkOrder } from './clauses.js';
import { walkExpressions } from './expression.js';
import { walkReturning } from './insert.js';
import { noteWhere, walkWhere } from './query.js';
import { walkInstant, walkTableReferences } from './table-reference.js';
import { type Walk } from './walk.js';
import { noteWritten } from './written-tables.js';

/** UPDATE of one table or of several. */
export function walkUpdate(walk: Walk): void {
  walk.facts.kind = 'update';
  walk.facts.action = 'update';
  walk.expect('update');
  if (walk.accept('low_priority')) walk.facts.flag('low-priority');
  walk.accept('ignore');
  const references = walkTableReferences(walk);
  walkPortion(walk);
  walk.expect('set');
  const targets = walkAssignments(walk);
  const [only] = references;
  if (references.length === 1 && only?.table !== undefined) {
    walk.facts.table(only.table, 'update');
  } else {
    walk.facts.flag('multi-table');
    noteWritten(walk, references, targets, 'update');
  }
  noteWhere(walk, walkWhere(walk));
  if (walk.word() === 'order') walkOrder(walk);
  if (walk.word() === 'limit') walkLimit(walk);
  walkReturning(walk);
}

/** MariaDB's `FOR PORTION OF period FROM a TO b`. */
export function walkPortion(walk: Walk): void {
  if (!walk.accept('for', 'portion', 'of')) return;
  walk.name();
  walk.expect('from');
  walkInstant(walk);
  walk.expect('to');
  walkInstant(walk);
}

/** `a = 1, t.b = 2`: gives the qualifiers of what is assigned, an empty one where there is none. */
function walkAssignments(walk: Walk): readonly (readonly string[])[] {
  const targets: (readonly string[])[] = [];
  do {
    const parts = walk.dottedName();
    walk.facts.column(parts.at(-1) ?? '');
    targets.push(parts.length === 1 ? [''] : parts.slice(0, -1));
    if (walk.acceptAny(['=', ':=']) === '') walk.fail('no "=" where it belongs');
    walkExpressions(walk, { oneOnly: true });
  } while (walk.accept(','));
  return targets;
}
