import { databaseKey, tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import type { Privilege } from '../../sql/privilege.js';
import { ROW_ACTIONS, type StatementFacts, type TableName, type TableUse } from '../../sql/statement.js';
import { expandFacts } from '../../sql/expand.js';
import { inconstancyIn } from '../sql/preview/inconstant.js';
import type { OwnQuery, PreviewQuery } from '../sql/preview/preview-query.js';
import type { MysqlOrder } from '../grant-order.js';
import type { PreviewedStatement } from './previewed-statement.js';
import { inconstancyOf } from './column-clock.js';
import type { FullName, TableFacts } from './table-facts.js';

/** A plan that asks the target. */
export type AskingPlan = PreviewQuery & { readonly kind: 'query' | 'tables' };

/** What is done to a table that a preview marks as written: TRUNCATE and DROP take its rows, too. */
export const WRITES: ReadonlySet<TableUse['action']> = new Set([...ROW_ACTIONS, 'schema']);

/** Privileges with which a session may come to have temporary tables; a routine may make them too. */
const MAKES_TEMPORARY: ReadonlySet<Privilege> = new Set(['CREATE TEMPORARY TABLES', 'EXECUTE']);
/** What a preview's own session answers otherwise when it is in no database. */
const OF_DATABASE: ReadonlySet<string> = new Set(['database', 'schema']);

/** What of a grant decides what its previews may look at. */
export interface PreviewedGrant extends Pick<MysqlOrder, 'access'> {
  readonly target: Pick<MysqlOrder['target'], 'credentials'>;
}

interface Circumstances {
  readonly statement: PreviewedStatement;
  readonly order: PreviewedGrant;
  readonly snapshot: CatalogSnapshot;
}

/** Why the query of a plan must not be run, or would not tell the truth; null when it may. */
export function previewObstacle(plan: PreviewQuery, { statement, order, snapshot }: Circumstances): string | null {
  if (plan.kind === 'unknown' || plan.kind === 'rows') return null;
  if (order.target.credentials === 'static') return 'The broker cannot make an account on this target to look with.';
  if (plan.kind === 'query' && statement.isRepeatable === false) {
    return 'The statement has bytes that are not UTF-8, and a query of the preview would not repeat them.';
  }
  if (mayHaveTemporaryTables(statement, order))
    return 'The session may have temporary tables, which the preview cannot see.';
  const outside = tablesRead(plan).find((table) => !isInside(order, table, snapshot.foldsCase));
  if (outside !== undefined) return `${outside.database}.${outside.table} is outside of the grant.`;
  if (plan.kind === 'tables') return null;
  const facts = expandFacts(plan.count.facts, snapshot, statement.database);
  if (
    facts.functions.some((name) => OF_DATABASE.has(name)) &&
    databaseOf(statement, tablesRead(plan), snapshot) === null
  ) {
    return 'The statement asks for the database of its session, and reads nothing in it.';
  }
  const inconstant = inconstancyIn(facts.functions);
  if (inconstant?.by === 'session') {
    return `${inconstant.name} gives a different answer in another session, or each time it is called.`;
  }
  if (facts.notUnderstood !== null) return `The broker does not know what the statement reads: ${facts.notUnderstood}.`;
  const [routine] = facts.unknownFunctions;
  if (routine !== undefined) return `It calls ${routine.name}, and the broker does not know whether that is harmless.`;
  return viewObstacle(plan.count, statement.facts, snapshot);
}

/**
 * What decides in the moment in which it runs which rows a plan counts, in its text, in a view that it reads or in its
 * columns: the clock, mostly. Null for nothing.
 */
export function decidedAnew(
  plan: AskingPlan,
  { statement, snapshot }: Pick<Circumstances, 'statement' | 'snapshot'>,
  known: ReadonlyMap<TableKey, TableFacts>,
): string | null {
  if (plan.kind === 'tables') return null;
  const facts = expandFacts(plan.count.facts, snapshot, statement.database);
  const found = plan.clock ?? inconstancyIn(facts.functions)?.name;
  if (found !== undefined) return found;
  const { columns: names } = plan.count.facts;
  const named = facts.tables.some(({ by }) => by === 'view')
    ? undefined
    : new Set(names.map((name) => name.toLowerCase()));
  const columns = tablesRead(plan).flatMap(
    ({ database, table }) => known.get(tableKey(snapshot, database, table))?.columns ?? [],
  );
  const { dialect, values = [] } = statement;
  return inconstancyOf({ columns, named, values, dialect })?.name ?? null;
}

/** Whether tables that nobody else can see may stand for those that the statement names. */
export function mayHaveTemporaryTables(
  { hasTemporaryTables }: PreviewedStatement,
  { access }: Pick<PreviewedGrant, 'access'>,
): boolean {
  return (
    hasTemporaryTables ??
    access.some(({ privileges }) => privileges.some((privilege) => MAKES_TEMPORARY.has(privilege)))
  );
}

/** The session's database, where an account that can read these tables may be in it. */
export function databaseOf(
  { database }: PreviewedStatement,
  tables: readonly FullName[],
  snapshot: CatalogSnapshot,
): string | null {
  if (database === null) return null;
  const own = databaseKey(snapshot, database);
  return tables.some((table) => databaseKey(snapshot, table.database) === own) ? database : null;
}

/** The tables and views that a plan names. */
export function tablesRead(plan: AskingPlan): readonly FullName[] {
  const tables = plan.kind === 'tables' ? plan.tables : plan.count.facts.tables;
  return tables.flatMap(({ database, table }) => (database === null ? [] : [{ database, table }]));
}

/** Whether the grant's access covers a table. */
export function isInside(
  { access }: Pick<PreviewedGrant, 'access'>,
  { database, table }: FullName,
  foldsCase: boolean,
): boolean {
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
  const joins = tables.some((use) => use.by === 'text' && WRITES.has(use.action) && isJoined(use, snapshot, 0));
  return joins ? 'It changes rows through a view that reads more than one table.' : null;
}

const VIEW_DEPTH_MAX = 16;

function isJoined({ database, table }: TableName, snapshot: CatalogSnapshot, depth: number): boolean {
  const view = database === null ? undefined : snapshot.views.get(tableKey(snapshot, database, table));
  if (view === undefined) return false;
  const [only, ...more] = view.touches.tables;
  if (!view.listsOneTable || only === undefined || more.length > 0 || depth === VIEW_DEPTH_MAX) return true;
  return isJoined(only, snapshot, depth + 1);
}
