import type {
  SentStatement,
  CatalogOutcome,
  DescribedTable,
  StatementOutcome,
} from '../../../protocol/statement-runner.js';

/** More columns than MySQL and MariaDB allow in a table. */
const COLUMNS_MAX = 5_000;

const TABLES = `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
  WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1, 2`;
const COLUMNS = `SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`;
const TABLE = `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`;

interface DescribeAsk {
  readonly table: string | undefined;
  readonly tablesMax: number;
  /** Where a table is that is named alone. */
  readonly database: string | null;
}

type Run = (statement: SentStatement, rowsMax: number) => Promise<StatementOutcome>;
type Refused = Exclude<CatalogOutcome, { kind: 'tables' }>;

/** What the server tells the account of its tables: it hides those that the account has no privilege on. */
export async function describedTables(ask: DescribeAsk, run: Run): Promise<CatalogOutcome> {
  if (ask.table !== undefined) return describedTable(ask.table, ask.database, run);
  const read = rowsIn(await run({ sql: TABLES }, ask.tablesMax));
  if (read.kind !== 'read') return read;
  return { kind: 'tables', tables: read.rows.map(tableOf), hasMore: read.hasMore };
}

async function describedTable(name: string, database: string | null, run: Run): Promise<CatalogOutcome> {
  const dot = name.indexOf('.');
  const values = dot < 0 ? [database ?? '', name] : [name.slice(0, dot), name.slice(dot + 1)];
  const found = rowsIn(await run({ sql: TABLE, values }, 1));
  if (found.kind !== 'read') return found;
  const columns = rowsIn(await run({ sql: COLUMNS, values }, COLUMNS_MAX));
  if (columns.kind !== 'read') return columns;
  const described = found.rows.map((row) => ({ ...tableOf(row), columns: columns.rows.map(columnOf) }));
  return { kind: 'tables', tables: described, hasMore: false };
}

function rowsIn(
  outcome: StatementOutcome,
): Refused | { readonly kind: 'read'; readonly rows: readonly (readonly string[])[]; readonly hasMore: boolean } {
  if (outcome.kind === 'rows') {
    return { kind: 'read', rows: outcome.rows.map((row) => row.map(String)), hasMore: outcome.hasMore };
  }
  return outcome.kind === 'done' ? { kind: 'read', rows: [], hasMore: false } : outcome;
}

function tableOf([database = '', name = '', kind = '']: readonly string[]): DescribedTable {
  return { database, name, kind: kind === 'BASE TABLE' ? 'table' : kind.toLowerCase() };
}

function columnOf([name = '', type = '', nullable = '', key = '']: readonly string[]) {
  return { name, type, nullable: nullable === 'YES', key: key === '' ? null : key };
}
