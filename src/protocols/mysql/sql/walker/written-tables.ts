import type { TableAction } from '../../../sql/statement.js';
import type { TableReference } from './table-reference.js';
import type { Walk } from './walk.js';

/**
 * Notes which of several tables are written. A target is what the statement calls a table: its alias, or its own name
 * with or without its database. One that cannot be told from the text makes every table count as written.
 */
export function noteWritten(
  walk: Walk,
  references: readonly TableReference[],
  targets: readonly (readonly string[])[],
  action: Extract<TableAction, 'update' | 'delete'>,
): void {
  const written = new Set<TableReference>();
  for (const target of targets) {
    const found = references.filter((reference) => isCalled(reference, target, walk.database));
    const [only] = found;
    if (found.length === 1 && only !== undefined) {
      written.add(only);
      continue;
    }
    for (const reference of references) written.add(reference);
    noteTarget(walk, target, action);
  }
  for (const reference of references) {
    if (reference.table === undefined) continue;
    if (written.has(reference)) walk.facts.table(reference.table, action);
    walk.facts.table(reference.table, 'read');
  }
}

function isCalled(
  { alias, table, isOwnName }: TableReference,
  target: readonly string[],
  database: string | null,
): boolean {
  const [first, second] = target;
  if (second === undefined) return alias === first;
  return isOwnName && table !== undefined && table.table === second && (table.database ?? database) === first;
}

/** A name that is among no references stands for itself. */
function noteTarget(walk: Walk, [first = '', second]: readonly string[], action: 'update' | 'delete'): void {
  if (first === '') return;
  walk.facts.table(
    second === undefined ? { database: walk.database, table: first } : { database: first, table: second },
    action,
  );
}
