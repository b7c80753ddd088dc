import { hasTransactionalEngine, type CatalogSnapshot } from '../catalog.js';
import { ROW_ACTIONS, type StatementFacts, type TableAction } from '../statement.js';
import { expandFacts } from '../expand.js';

/** Besides rows: what changes a schema or takes locks ends the transaction it is in. */
const CHANGES: ReadonlySet<TableAction> = new Set([...ROW_ACTIONS, 'schema', 'lock']);
const ROW_LIMITED: ReadonlySet<string> = new Set(ROW_ACTIONS);
/** What was approved is about to run: it is asked of the target as it is now. */
const CATALOG_AGE_MS_MAX = 1_000;

/**
 * Whether a ROLLBACK undoes all that a statement changes: its own tables, and those that views, triggers and foreign
 * keys lead to. False for whatever is not known, and when the target cannot be asked.
 */
export async function canRollBack(
  catalog: { snapshot(ageMsMax: number): Promise<CatalogSnapshot> },
  facts: StatementFacts,
): Promise<boolean> {
  const snapshot = await catalog.snapshot(CATALOG_AGE_MS_MAX).catch(() => undefined);
  return snapshot !== undefined && undoesAll(snapshot, expandFacts(facts, snapshot, null));
}

/** Whether the server says how many rows such a statement changes, in an answer that can be kept back. */
export function mayLimitRows({ action, flags }: StatementFacts): boolean {
  return ROW_LIMITED.has(action) && !flags.includes('returning');
}

/** The same for facts that views, triggers and foreign keys have been followed for already. */
export function undoesAll(snapshot: CatalogSnapshot, facts: StatementFacts): boolean {
  // What code that nobody has seen changes may be anything.
  if (facts.notUnderstood !== null || facts.unknownFunctions.length > 0) return false;
  const changed = facts.tables.filter(({ action }) => CHANGES.has(action));
  return changed.every((use) => {
    const isRows = use.action !== 'schema' && use.action !== 'lock';
    return isRows && hasTransactionalEngine(snapshot, use);
  });
}
