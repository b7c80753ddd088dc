import type { Flavour } from '../flavour.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { isTargetError, type AdminRow } from '../account/own-connection.js';
import { quoteText } from '../account/sql-quote.js';

/** A catalog with more of anything than this is not read: it would not be fresh by the time it is used. */
export const CATALOG_TABLES_MAX = 20_000;
const CODE_MAX = 20_000;
const FOREIGN_KEY_COLUMNS_MAX = 100_000;
/** All texts of views, triggers and routines together; an answer of the target is limited too. */
const CODE_BYTES_MAX = 8 << 20;
/** One text; a longer one is shown cut, and is not analysed. */
export const CODE_CHARACTERS_MAX = 65_536;

const ER_SPECIFIC_ACCESS_DENIED = 1227;

/** The rows of information_schema about some databases, as the target gives them. */
export interface CatalogRows {
  /** database, name, type, engine */
  readonly tables: readonly AdminRow[];
  /** database, name, query, is updatable */
  readonly views: readonly AdminRow[];
  /** MySQL only: database and name of the view, database and name of what it reads. */
  readonly viewTables: readonly AdminRow[];
  /** database, name, event, table, statement, sql_mode */
  readonly triggers: readonly AdminRow[];
  /** database, name, type, language, body, sql_mode, definer */
  readonly routines: readonly AdminRow[];
}

/** Why the databases cannot be read; or what they have. */
export type CatalogRead = { readonly tooLarge: string } | CatalogRows;

/** Reads what some databases have; not their rows' numbers, for which MariaDB would open every table. @throws BrokerError when the target does not answer */
export async function readRows(admin: AdminConnection, databases: readonly string[]): Promise<CatalogRead> {
  const list = databases.map((name) => quoteText(name)).join(', ');
  const tables = await admin.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (${list}) ORDER BY TABLE_SCHEMA, TABLE_NAME LIMIT ${CATALOG_TABLES_MAX + 1}`,
  );
  const tooLarge = tables.length > CATALOG_TABLES_MAX ? `tables` : await tooMuchCode(admin, list);
  if (tooLarge !== null) {
    return { tooLarge: `the databases of this grant have more ${tooLarge} than the broker reads` };
  }
  return {
    tables,
    views: await admin.rows(
      `SELECT TABLE_SCHEMA, TABLE_NAME, ${cut('VIEW_DEFINITION')}, IS_UPDATABLE FROM information_schema.VIEWS
       WHERE TABLE_SCHEMA IN (${list}) ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    ),
    viewTables: admin.flavour === 'mysql' ? await readViewTables(admin, list) : [],
    triggers: await admin.rows(
      `SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ${cut('ACTION_STATEMENT')}, SQL_MODE
       FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${list}) ORDER BY TRIGGER_SCHEMA, TRIGGER_NAME`,
    ),
    routines: await admin.rows(
      `SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, ROUTINE_BODY, ${cut('ROUTINE_DEFINITION')}, SQL_MODE,
       DEFINER
       FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${list})
       ORDER BY ROUTINE_SCHEMA, ROUTINE_TYPE, ROUTINE_NAME`,
    ),
  };
}

function cut(column: string): string {
  return `LEFT(${column}, ${CODE_CHARACTERS_MAX + 1})`;
}

async function tooMuchCode(admin: AdminConnection, list: string): Promise<string | null> {
  const sizes = [
    ['views', 'VIEWS', 'TABLE_SCHEMA', 'VIEW_DEFINITION'],
    ['triggers', 'TRIGGERS', 'TRIGGER_SCHEMA', 'ACTION_STATEMENT'],
    ['routines', 'ROUTINES', 'ROUTINE_SCHEMA', 'ROUTINE_DEFINITION'],
  ] as const;
  let bytes = 0;
  for (const [what, table, schema, text] of sizes) {
    const [row] = await admin.rows(
      `SELECT COUNT(*), COALESCE(SUM(LENGTH(${cut(text)})), 0) FROM information_schema.${table}
       WHERE ${schema} IN (${list})`,
    );
    bytes += Number(row?.[1]);
    if (Number(row?.[0]) > CODE_MAX || bytes > CODE_BYTES_MAX) return what;
  }
  return null;
}

async function readViewTables(admin: AdminConnection, list: string): Promise<readonly AdminRow[]> {
  return admin.rows(
    `SELECT VIEW_SCHEMA, VIEW_NAME, TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEW_TABLE_USAGE
     WHERE VIEW_SCHEMA IN (${list})`,
  );
}

/** A foreign key that changes rows; one row for each of its columns. */
export interface ForeignKeyRow {
  readonly name: string;
  readonly child: readonly [database: string, table: string];
  readonly parent: readonly [database: string, table: string];
  /** Bits as InnoDB has them: DELETE CASCADE 1, DELETE SET NULL 2, UPDATE CASCADE 4, UPDATE SET NULL 8. */
  readonly rules: number;
  readonly parentColumn: string;
}

const INNODB_FOREIGN_KEYS: Readonly<Record<Flavour, readonly [keys: string, columns: string]>> = {
  mariadb: ['INNODB_SYS_FOREIGN', 'INNODB_SYS_FOREIGN_COLS'],
  mysql: ['INNODB_FOREIGN', 'INNODB_FOREIGN_COLS'],
};

/**
 * The foreign keys that change rows, of all databases: InnoDB's own list shows those of tables too on which the account
 * has no privilege. Where that list may not be read, or has names that only the server can read, what the account may
 * see is asked for as well. Undefined when there are too many.
 */
export async function readForeignKeys(admin: AdminConnection): Promise<readonly ForeignKeyRow[] | undefined> {
  const [keys, columns] = INNODB_FOREIGN_KEYS[admin.flavour];
  try {
    const rows = await admin.rows(
      `SELECT f.ID, f.FOR_NAME, f.REF_NAME, f.TYPE & 15, c.REF_COL_NAME FROM information_schema.${keys} f
       JOIN information_schema.${columns} c ON c.ID = f.ID WHERE f.TYPE & 15 <> 0
       LIMIT ${FOREIGN_KEY_COLUMNS_MAX + 1}`,
    );
    if (rows.length > FOREIGN_KEY_COLUMNS_MAX) return undefined;
    const read = rows.map(foreignKeyOf);
    const known = read.filter((row) => row !== undefined);
    return known.length === read.length ? known : [...known, ...(await readVisibleForeignKeys(admin))];
  } catch (error) {
    if (!isTargetError(error, ER_SPECIFIC_ACCESS_DENIED)) throw error;
    return readVisibleForeignKeys(admin);
  }
}

function foreignKeyOf([id, child, parent, rules, parentColumn]: AdminRow): ForeignKeyRow | undefined {
  const childName = tableOf(child ?? '');
  const parentName = tableOf(parent ?? '');
  if (childName === undefined || parentName === undefined) return undefined;
  const name = String(id).split('/').slice(1).join('/');
  return { name, child: childName, parent: parentName, rules: Number(rules), parentColumn: parentColumn ?? '' };
}

/**
 * A table's name as InnoDB keeps it, which is that of its file: `shop/order@002dnotes`. Letters beyond ASCII have codes
 * of two characters that only the server can read.
 */
export function tableOf(name: string): readonly [string, string] | undefined {
  const [database, table, ...rest] = name
    .split('/')
    .map((part) => part.replaceAll(/@([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))));
  if (database === undefined || table === undefined || rest.length > 0) return undefined;
  return /@[0-9A-Za-z]{2}/.test(name.replaceAll(/@[0-9a-f]{4}/g, '')) ? undefined : [database, table];
}

const RULE_BITS: Readonly<Record<string, number>> = { CASCADE: 1, 'SET NULL': 2, 'SET DEFAULT': 2 };

async function readVisibleForeignKeys(admin: AdminConnection): Promise<readonly ForeignKeyRow[]> {
  const rows = await admin.rows(
    `SELECT r.CONSTRAINT_NAME, r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.UNIQUE_CONSTRAINT_SCHEMA, r.REFERENCED_TABLE_NAME,
       r.DELETE_RULE, r.UPDATE_RULE, k.REFERENCED_COLUMN_NAME
     FROM information_schema.REFERENTIAL_CONSTRAINTS r
     JOIN information_schema.KEY_COLUMN_USAGE k ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA
       AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = r.TABLE_NAME
     WHERE k.REFERENCED_COLUMN_NAME IS NOT NULL LIMIT ${FOREIGN_KEY_COLUMNS_MAX}`,
  );
  return rows.map(([name, database, table, parentDatabase, parent, onDelete, onUpdate, parentColumn]) => ({
    name: String(name),
    child: [String(database), String(table)],
    parent: [String(parentDatabase), String(parent)],
    rules: (RULE_BITS[onDelete ?? ''] ?? 0) + 4 * (RULE_BITS[onUpdate ?? ''] ?? 0),
    parentColumn: String(parentColumn),
  }));
}

/**
 * Defaults of columns that may do more than compute a value: database, table, expression. MariaDB lets them count on a
 * sequence and use variables of the session, and nothing else of the kind; MySQL lets them do neither.
 */
export async function readDefaults(admin: AdminConnection, databases: readonly string[]): Promise<readonly AdminRow[]> {
  if (admin.flavour === 'mysql') return [];
  const list = databases.map((name) => quoteText(name)).join(', ');
  return admin.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, ${cut('COLUMN_DEFAULT')} FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA IN (${list}) AND (COLUMN_DEFAULT LIKE '%val(%' OR COLUMN_DEFAULT LIKE '%@%')
     ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
  );
}

/** Columns that an UPDATE may change without naming them: database, table, column. */
export async function readImplicitColumns(
  admin: AdminConnection,
  databases: readonly string[],
): Promise<readonly AdminRow[]> {
  const list = databases.map((name) => quoteText(name)).join(', ');
  return admin.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA IN (${list}) AND (EXTRA LIKE '%GENERATED%' OR EXTRA LIKE '%on update%')`,
  );
}
