import type { RoutineName, StatementFlag, TableName, TableUse } from './statement.js';

/**
 * What a target has of tables and of stored code, as the gateway's own account saw it at one moment: immutable, and
 * without any row. Names are spelled as the target stores them; look them up with the functions below, which fold case
 * as the target does.
 */
export interface CatalogSnapshot {
  /** A digest of everything here that decides what a statement touches. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** `lower_case_table_names` is not 0: names of databases and tables differ in no letter case. */
  readonly foldsCase: boolean;
  /** The databases it covers: those of the grant, and those that their stored code and foreign keys lead to. */
  readonly databases: readonly string[];
  readonly tables: ReadonlyMap<TableKey, CatalogTable>;
  readonly views: ReadonlyMap<TableKey, CatalogView>;
  /** By the table on which they fire. */
  readonly triggers: ReadonlyMap<TableKey, readonly CatalogTrigger[]>;
  /** By the table that is referenced; only those that change the referencing table. */
  readonly foreignKeys: ReadonlyMap<TableKey, readonly CatalogForeignKey[]>;
  /** What the defaults of a table's columns do beyond computing a value; a table without such defaults is not here. */
  readonly defaults: ReadonlyMap<TableKey, CatalogDefaults>;
  /** By {@link routineKey}. */
  readonly routines: ReadonlyMap<string, CatalogRoutine>;
  /** Of every routine and package. */
  readonly definers: readonly CatalogDefiner[];
  /** By {@link databaseKey}: why it cannot be known which triggers its tables have. */
  readonly triggersUnseen: ReadonlyMap<string, string>;
  /** Why nothing can be said about what a statement touches; null when the rest holds. */
  readonly problem: string | null;
}

export interface CatalogTable extends TableName {
  readonly database: string;
  readonly kind: 'table' | 'view' | 'sequence';
  /** Null for views, and for tables that the server cannot open. */
  readonly engine: string | null;
}

/** What stored code touches. The names in it are resolved against the database that the code is stored in. */
export interface CodeTouch {
  readonly tables: readonly TableUse[];
  /** Every function it calls, in lower case. */
  readonly functions: readonly string[];
  /** Procedures it calls, and functions that are not known to be harmless. */
  readonly routines: readonly RoutineName[];
  /** Why there may be more than is listed here; null when this is all. */
  readonly unknown: string | null;
}

export interface CatalogView {
  readonly database: string;
  readonly table: string;
  /** A write to a view that is not is refused by the server. */
  readonly isUpdatable: boolean;
  /** Its FROM has a single table or view, so that each of its rows is a row of that one. */
  readonly listsOneTable: boolean;
  readonly touches: CodeTouch;
}

/** Of all columns of one table together. */
export interface CatalogDefaults extends CodeTouch {
  /** `user-variable` and `assignment`, where a default reads or sets one. */
  readonly flags: readonly StatementFlag[];
}

export const TRIGGER_EVENTS = ['insert', 'update', 'delete'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

export interface CatalogTrigger {
  readonly database: string;
  readonly name: string;
  readonly table: string;
  readonly event: TriggerEvent;
  readonly touches: CodeTouch;
}

/** What happens to the rows that reference a row: these rules change them, the others refuse. */
export type ForeignKeyRule = 'cascade' | 'set null' | 'none';

export interface CatalogForeignKey {
  readonly name: string;
  /** The table that references, and that is changed. */
  readonly child: { readonly database: string; readonly table: string };
  readonly parent: { readonly database: string; readonly table: string };
  readonly onUpdate: ForeignKeyRule;
  readonly onDelete: ForeignKeyRule;
  /** Columns of the parent, in lower case; null when an UPDATE may change them without naming them. */
  readonly parentColumns: readonly string[] | null;
}

export interface CatalogRoutine {
  readonly kind: 'function' | 'procedure';
  readonly database: string;
  readonly name: string;
  readonly touches: CodeTouch;
}

/** Whom a routine or package belongs to: of all accounts that have privileges on its database alone, this one sees its text. */
export interface CatalogDefiner {
  readonly database: string;
  /** In lower case: `function`, `procedure`, `package`, `package body`. */
  readonly kind: string;
  readonly name: string;
  /** As servers list it: `dw_x@%`. */
  readonly account: string;
}

/** A key of a snapshot's maps of tables, made by {@link tableKey}. */
export type TableKey = string;

/** The key of a table in a snapshot's maps. */
export function tableKey({ foldsCase }: Pick<CatalogSnapshot, 'foldsCase'>, database: string, table: string): TableKey {
  const key = JSON.stringify([database, table]);
  return foldsCase ? key.toLowerCase() : key;
}

/** The key of a database in `triggersUnseen`. */
export function databaseKey({ foldsCase }: Pick<CatalogSnapshot, 'foldsCase'>, database: string): string {
  return foldsCase ? database.toLowerCase() : database;
}

/** The key of a routine in `routines`; routines' names differ in no letter case anywhere. */
export function routineKey(
  snapshot: Pick<CatalogSnapshot, 'foldsCase'>,
  kind: CatalogRoutine['kind'],
  database: string,
  name: string,
): string {
  return JSON.stringify([kind, databaseKey(snapshot, database), name.toLowerCase()]);
}

/** Engines that undo a statement's changes on ROLLBACK. */
const TRANSACTIONAL_ENGINES: ReadonlySet<string> = new Set(['innodb', 'rocksdb', 'ndbcluster', 'tokudb']);

/**
 * Whether changes of a table are undone by ROLLBACK. False for what is not known, and for a view unless it holds for
 * every table that it reads.
 */
export function hasTransactionalEngine(snapshot: CatalogSnapshot, name: TableName): boolean {
  return isTransactional(snapshot, name, new Set());
}

function isTransactional(snapshot: CatalogSnapshot, { database, table }: TableName, seen: Set<TableKey>): boolean {
  if (snapshot.problem !== null || database === null) return false;
  const key = tableKey(snapshot, database, table);
  if (seen.has(key)) return true;
  seen.add(key);
  const view = snapshot.views.get(key);
  if (view !== undefined) {
    const { tables, unknown } = view.touches;
    return unknown === null && tables.every((use) => isTransactional(snapshot, use, seen));
  }
  const engine = snapshot.tables.get(key)?.engine ?? '';
  return TRANSACTIONAL_ENGINES.has(engine.toLowerCase());
}
