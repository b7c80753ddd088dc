import type { AssignedPreview } from '../../sql/statement-preview.js';
import { databaseKey, tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import { assignedColumns, type AssignedColumn } from '../sql/preview/assigned-columns.js';
import { SAMPLE_CHARACTERS_MAX } from '../sql/preview/preview-column.js';
import type { PreviewedStatement } from './previewed-statement.js';
import { storedValue } from './stored-value.js';
import type { TableFacts } from './table-facts.js';

const ASSIGNED_MAX = 64;

/** What is known of the tables that a statement assigns columns of. */
export interface AssignedScene {
  readonly snapshot: CatalogSnapshot;
  readonly known: ReadonlyMap<TableKey, TableFacts>;
}

/** The columns that an UPDATE assigns, with what they have afterwards where that is certain; null for other statements. */
export function assignedValues(
  statement: PreviewedStatement,
  { snapshot, known }: AssignedScene,
): readonly AssignedPreview[] | null {
  const { text, dialect, database, values = [] } = statement;
  const factsOf = (table: { readonly database: string | null; readonly table: string }): TableFacts | undefined =>
    table.database === null ? undefined : known.get(tableKey(snapshot, table.database, table.table));
  const hasColumn = (table: AssignedColumn['table'], column: string): boolean | null =>
    factsOf(table)?.columns.some(({ name }) => isSameName(name, column)) ?? null;
  const assigned = assignedColumns({ text, dialect, database, values, hasColumn });
  if (assigned === undefined) return null;
  return assigned.slice(0, ASSIGNED_MAX).flatMap((one) => {
    const { table } = one;
    if (table.database === null) return [];
    const facts = factsOf(table);
    const why = whyUnknown(statement, table.database, table.table, { snapshot, known });
    const after = why === null ? valueAfter(one, facts) : ({ by: 'database', why } as const);
    const column = facts?.columns.find(({ name }) => isSameName(name, one.column))?.name ?? one.column;
    return [{ database: table.database, table: table.table, column, after }];
  });
}

/** Why nothing that is written into the table can be told; null when it can. */
function whyUnknown(
  { bulk, isRepeatable }: PreviewedStatement,
  database: string,
  table: string,
  { snapshot, known }: AssignedScene,
): string | null {
  if (bulk !== undefined) return 'It runs once for each row of values, each time with others.';
  if (isRepeatable === false) return 'Its texts are in another character set, so only the database can tell.';
  const key = tableKey(snapshot, database, table);
  const facts = known.get(key);
  if (facts === undefined || snapshot.tables.get(key)?.kind !== 'table')
    return 'It is not written into a table that is known.';
  if (facts.writesBefore === null || snapshot.triggersUnseen.has(databaseKey(snapshot, database))) {
    return 'The broker cannot see whether a trigger writes another value.';
  }
  return facts.writesBefore ? 'A trigger runs before the change and may write another value.' : null;
}

function valueAfter(
  { column, value, written }: AssignedColumn,
  facts: TableFacts | undefined,
): AssignedPreview['after'] {
  const form = facts?.columns.find(({ name }) => isSameName(name, column))?.stores;
  if (value === undefined) return { by: 'database', why: `It is computed by the database: ${written}` };
  const stored = form === undefined ? undefined : storedValue(value, form);
  if (stored !== undefined) return { by: 'statement', value: stored.value === null ? null : shortened(stored.value) };
  const type = form === undefined ? '' : ` as ${form.type}`;
  return { by: 'database', why: `It is stored${type} in a form that only the database can tell: ${written}` };
}

function isSameName(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

function shortened(value: string): string {
  return value.length > SAMPLE_CHARACTERS_MAX ? `${value.slice(0, SAMPLE_CHARACTERS_MAX)}…` : value;
}
