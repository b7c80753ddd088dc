import type { AffectedPreview } from '../../../domain/approval.js';
import type { PreviewTable, StatementPreview } from '../../sql/statement-preview.js';
import { tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import type { StatementFacts } from '../../sql/statement.js';
import { WRITES } from './preview-obstacle.js';
import type { FullName, TableFacts } from './table-facts.js';

/** What is known of a preview so far: a value with unknowns, to which each part that is learnt adds. */
export interface PartialPreview extends Omit<StatementPreview, 'takenAtMs' | 'affected'> {
  /** Null until it is known, or known why it cannot be. */
  readonly affected: AffectedPreview | null;
}

/** Something that was learnt, or why it could not be. */
export type PreviewPart = Partial<PartialPreview>;

/** A table that a statement touches. */
export type TouchedTable = FullName & Pick<PreviewTable, 'isWritten'>;

const NOT_DONE = 'The preview is not ready yet.';
const TABLES_MAX = 50;

/** What the text alone says. */
export function previewOfText(facts: StatementFacts): PartialPreview {
  return {
    tables: touchedTables(facts).map(uncounted),
    affected: null,
    sample: null,
    triggers: facts.triggers,
    cascades: [],
    locks: null,
    canLimitRows: false,
  };
}

/** As people are shown it. */
export function shownPreview({ affected, ...known }: PartialPreview, takenAtMs: number): StatementPreview {
  return { ...known, affected: affected ?? unknownRows(NOT_DONE), takenAtMs };
}

export function unknownRows(why: string): AffectedPreview {
  return { kind: 'unknown', why };
}

/** The tables that a statement touches, each once. */
export function touchedTables({ tables }: StatementFacts): readonly TouchedTable[] {
  const found = new Map<string, TouchedTable>();
  for (const { database, table, action } of tables) {
    if (database === null) continue;
    const key = JSON.stringify([database, table]);
    const isWritten = WRITES.has(action) || found.get(key)?.isWritten === true;
    found.set(key, { database, table, isWritten });
  }
  return [...found.values()].slice(0, TABLES_MAX);
}

export function uncounted(table: TouchedTable): PreviewTable {
  return { ...table, rows: null, estimated: false };
}

/** With as many rows as the server thinks that there are. */
export function estimatedTables(
  tables: readonly TouchedTable[],
  known: ReadonlyMap<TableKey, TableFacts>,
  snapshot: CatalogSnapshot,
): readonly PreviewTable[] {
  return tables.map((table) => {
    const rows = known.get(tableKey(snapshot, table.database, table.table))?.rowsEstimated ?? null;
    return { ...table, rows, estimated: rows !== null };
  });
}

/** With the rows of one table counted. */
export function withCount(
  tables: readonly PreviewTable[],
  { database, table }: FullName,
  rows: number,
): readonly PreviewTable[] {
  return tables.map((shown) =>
    shown.database === database && shown.table === table ? { ...shown, rows, estimated: false } : shown,
  );
}
