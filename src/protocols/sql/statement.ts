/**
 * What a statement is and what it touches, as far as a policy decides by it. The facts say what the text means to the
 * server; they hold no values and no rows.
 */

/** What a statement does, in the groups that policies name. `unknown`: it could not be understood. */
export const STATEMENT_ACTIONS = [
  /** SELECT and what only reads rows or metadata: TABLE, VALUES, SHOW, DESCRIBE, EXPLAIN. */
  'read',
  'insert',
  'update',
  'delete',
  'replace',
  /** CREATE, ALTER, DROP, RENAME, TRUNCATE of tables, views, indexes, routines, triggers, events, databases. */
  'schema',
  /** CALL, DO, dynamic SQL, and everything else that runs code whose text is not in the statement. */
  'execute',
  /** LOCK TABLES, GET_LOCK and their like. */
  'lock',
  /** What changes the session alone: a harmless SET, USE, transaction control, DEALLOCATE PREPARE. */
  'session',
  /** Accounts, privileges, files, replication, XA, server commands, global variables. */
  'admin',
  'unknown',
] as const;
export type StatementAction = (typeof STATEMENT_ACTIONS)[number];

/** What is done with a table. */
export const TABLE_ACTIONS = ['read', 'insert', 'update', 'delete', 'replace', 'schema', 'lock'] as const;
export type TableAction = (typeof TABLE_ACTIONS)[number];

/** What changes rows and nothing else, of statements and tables alike. Anyone who means more adds it, and says why. */
export const ROW_ACTIONS = ['insert', 'update', 'delete', 'replace'] as const satisfies readonly TableAction[];

export interface TableName {
  /** Null: no database is named and the session has none. */
  readonly database: string | null;
  /** `*`: the database as a whole, where a statement defines it, or defines what belongs to no single table of it. */
  readonly table: string;
}

/** How a table came to be touched; `text`: the statement names it; `default`: a sequence that a column's default counts on. */
export type TouchedBy = 'text' | 'view' | 'trigger' | 'cascade' | 'routine' | 'default';

export interface TableUse extends TableName {
  readonly action: TableAction;
  readonly by: TouchedBy;
}

/** A stored routine, or a name that is no known built-in function. */
export interface RoutineName {
  readonly database: string | null;
  readonly name: string;
}

/** What besides tables and functions makes a statement more than it seems. */
export const STATEMENT_FLAGS = [
  'into-file',
  'into-variable',
  /** Rows that it reads stay locked until its transaction ends, whatever makes the server lock them. */
  'locking-read',
  /** FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE: the text itself asks for the locks. */
  'lock-clause',
  'assignment',
  'returning',
  'on-duplicate-key',
  'multi-table',
  'executable-comment',
  'optimizer-hint',
  'temporary',
  'if-exists',
  'or-replace',
  'user-variable',
  'system-variable',
  'procedure-analyse',
  'low-priority',
  'autocommit',
  /** CREATE TABLE … SELECT: the new table is filled. */
  'from-query',
  /** ALTER TABLE … DROP or TRUNCATE PARTITION: its rows go. */
  'drops-partition',
  /** It makes what runs in the task account's name, and that account is dropped with the grant. */
  'task-owned',
] as const;
export type StatementFlag = (typeof STATEMENT_FLAGS)[number];

/** `constant`: there is a condition, but no column is named in it. */
export type WhereForm = 'none' | 'constant' | 'column';

export interface StatementFacts {
  /** The statement's keywords in lower case: `select`, `update`, `create table`, `set`, … */
  readonly kind: string;
  readonly action: StatementAction;
  /** Statements in the text, an empty one not counted. */
  readonly statements: number;
  readonly tables: readonly TableUse[];
  /** Identifiers that may be columns: a superset. */
  readonly columns: readonly string[];
  /** Every function that is called, in lower case. */
  readonly functions: readonly string[];
  /** Those that may run code of the database's users, leak, lock or wait: stored routines, UDFs, SLEEP, LOAD_FILE, … */
  readonly unknownFunctions: readonly RoutineName[];
  readonly where: WhereForm;
  readonly hasLimit: boolean;
  readonly flags: readonly StatementFlag[];
  /** Triggers that would fire, `database.trigger`; known once the catalog was asked. */
  readonly triggers: readonly string[];
  /** Why the statement could not be understood; null when it was. Policies see it as `unparsed`. */
  readonly notUnderstood: string | null;
}

/** Whether its text is understood, whatever may be unknown about the tables and the code that it touches. */
export function isTextUnderstood({ action }: StatementFacts): boolean {
  return action !== 'unknown';
}
