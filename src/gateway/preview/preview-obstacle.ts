import { tableKey, type CatalogSnapshot } from '../../domain/catalog.js';
import type { StatementFacts, TableUse } from '../../domain/statement.js';
import { expandFacts } from '../../sql/expand.js';
import type { OwnQuery, PreviewQuery } from '../../sql/preview-query.js';
import type { GrantOrder } from '../ports.js';
import type { PreviewedStatement } from './previewed-statement.js';
import type { FullName } from './table-facts.js';

/** A plan that asks the target. */
export type AskingPlan = PreviewQuery & { readonly kind: 'query' | 'tables' };

/** What is done to a table that a preview marks as written. */
export const ROW_WRITES: ReadonlySet<TableUse['action']> = new Set(['insert', 'update', 'delete', 'replace', 'schema']);

interface Circumstances {
  readonly statement: PreviewedStatement;
  readonly order: GrantOrder;
  readonly snapshot: CatalogSnapshot;
}

/** Why the query of a plan must not be run, or would not tell the truth; null when it may. */
export function previewObstacle(plan: PreviewQuery, { statement, order, snapshot }: Circumstances): string | null {
  if (plan.kind === 'unknown' || plan.kind === 'rows') return null;
  if (order.target.credentials === 'static') return 'On this target no account can be made to look with.';
  if (statement.hasTemporaryTables) return 'The session may have temporary tables, which cannot be seen.';
  const outside = tablesRead(plan).find((table) => !isInside(order, table, snapshot.foldsCase));
  if (outside !== undefined) return `${outside.database}.${outside.table} is outside of the grant.`;
  if (plan.kind === 'tables') return null;
  const facts = expandFacts(plan.count.facts, snapshot, statement.database);
  if (facts.notUnderstood !== null) return `It reads what is not known: ${facts.notUnderstood}.`;
  const [routine] = facts.unknownFunctions;
  if (routine !== undefined) return `It calls ${routine.name}, which is not known to be harmless.`;
  return viewObstacle(plan.count, statement.facts, snapshot);
}

/** The tables and views that a plan names. */
export function tablesRead(plan: AskingPlan): readonly FullName[] {
  const tables = plan.kind === 'tables' ? plan.tables : plan.count.facts.tables;
  return tables.flatMap(({ database, table }) => (database === null ? [] : [{ database, table }]));
}

/** Whether the grant's access covers a table. */
export function isInside({ access }: GrantOrder, { database, table }: FullName, foldsCase: boolean): boolean {
  const fold = (name: string): string => (foldsCase ? name.toLowerCase() : name);
  return access.some(
    (rule) =>
      fold(rule.database) === fold(database) &&
      (rule.tables === undefined || rule.tables.some((name) => fold(name) === fold(table))),
  );
}

/** Rows of a view that joins are not rows of a table. */
function viewObstacle(
  { facts }: OwnQuery,
  { tables, action }: StatementFacts,
  snapshot: CatalogSnapshot,
): string | null {
  if (facts.tables.length === 0 || action === 'insert') return null;
  const joins = tables.some((use) => {
    if (use.by !== 'text' || use.database === null || !ROW_WRITES.has(use.action)) return false;
    const view = snapshot.views.get(tableKey(snapshot, use.database, use.table));
    return view !== undefined && view.touches.tables.length !== 1;
  });
  return joins ? 'It changes rows through a view that reads more than one table.' : null;
}
