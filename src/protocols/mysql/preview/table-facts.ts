import { tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import type { PreviewColumn } from '../sql/preview/preview-column.js';
import { columnFormOf, FORM_COLUMNS, type ColumnForm } from './column-form.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { quoteText } from '../account/sql-quote.js';

/** A table with its database. */
export interface FullName {
  readonly database: string;
  readonly table: string;
}

export interface FactColumn extends PreviewColumn {
  /** In lower case, without its length: `time`. */
  readonly type: string;
  /** What computes it; null for a column that is stored as it was written. */
  readonly expression: string | null;
  /** What it makes of a value. */
  readonly stores: ColumnForm;
}

export interface TableFacts {
  /** The server's estimate; null for views and where it has none. */
  readonly rowsEstimated: number | null;
  readonly columns: readonly FactColumn[];
  /** A trigger runs before each change of a row, and may write other values; null where that cannot be seen. */
  readonly writesBefore: boolean | null;
}

const FORMS: Readonly<Record<string, PreviewColumn['form']>> = {
  bit: 'bits',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
};

const TEXT_TYPES: ReadonlySet<string> = new Set(
  `tinyint smallint mediumint int bigint decimal float double date time datetime timestamp year char varchar tinytext
   text mediumtext longtext enum set json uuid inet4 inet6`.split(/\s+/),
);

/** What information_schema says now of a few tables. A table that is not there, or may not be seen, is not in the map. */
export async function readTableFacts(
  admin: AdminConnection,
  snapshot: Pick<CatalogSnapshot, 'foldsCase'>,
  tables: readonly FullName[],
): Promise<ReadonlyMap<TableKey, TableFacts>> {
  // Or MySQL shows what it saw a day ago. Anyone who has the connection next may ask about many tables: not so for them.
  const isMysql = admin.flavour === 'mysql';
  if (isMysql) await admin.run('SET SESSION information_schema_stats_expiry = 0');
  try {
    return await readFacts(admin, snapshot, tables);
  } finally {
    if (isMysql && !admin.isClosed) await admin.run('SET SESSION information_schema_stats_expiry = DEFAULT');
  }
}

async function readFacts(
  admin: AdminConnection,
  snapshot: Pick<CatalogSnapshot, 'foldsCase'>,
  tables: readonly FullName[],
): Promise<ReadonlyMap<TableKey, TableFacts>> {
  const facts = new Map<TableKey, TableFacts>();
  for (const { database, table } of tables) {
    const where = `WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_NAME = ${quoteText(table)}`;
    const [found] = await admin.rows(`SELECT TABLE_ROWS FROM information_schema.TABLES ${where}`);
    if (found === undefined) continue;
    const columns = await admin.rows(
      `SELECT COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_KEY, NULLIF(GENERATION_EXPRESSION, ''), ${FORM_COLUMNS}
       FROM information_schema.COLUMNS ${where} ORDER BY ORDINAL_POSITION`,
    );
    const [before] = await admin.rows(
      `SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ${quoteText(database)}
       AND EVENT_OBJECT_TABLE = ${quoteText(table)} AND ACTION_TIMING = 'BEFORE' AND EVENT_MANIPULATION LIKE '%UPDATE%'`,
    );
    const [rows] = found;
    facts.set(tableKey(snapshot, database, table), {
      rowsEstimated: rows === null || rows === undefined ? null : Number(rows),
      columns: columns.map(([name, type, key, expression, ...form]) => ({
        name: name ?? '',
        isKey: key === 'PRI',
        form: FORMS[type ?? ''] ?? (TEXT_TYPES.has(type ?? '') ? 'text' : 'opaque'),
        type: type ?? '',
        expression: expression ?? null,
        stores: columnFormOf(type ?? '', form),
      })),
      writesBefore: Number(before?.[0] ?? 0) > 0,
    });
  }
  return facts;
}
