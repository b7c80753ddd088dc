import type { Privilege } from '../privilege.js';
import type { StatementAction, StatementFacts, StatementFlag, TableAction } from '../statement.js';

type Form = Pick<StatementFacts, 'where' | 'hasLimit'>;

/** One statement that a privilege lets an account run, without the table that it touches. */
export interface Shape extends Form {
  readonly kind: string;
  readonly action: StatementAction;
  /** What it does to the table; null: it names none. */
  readonly tableAction: TableAction | null;
  readonly flags: readonly StatementFlag[];
  readonly inTransaction: boolean;
  /** False: in a session of another database, or of none. */
  readonly inOwnDatabase: boolean;
}

const FORMS: readonly Form[] = [
  { where: 'column', hasLimit: false },
  { where: 'column', hasLimit: true },
  { where: 'constant', hasLimit: false },
  { where: 'none', hasLimit: true },
  { where: 'none', hasLimit: false },
];
const NO_FORM: readonly Form[] = [{ where: 'none', hasLimit: false }];

/** In a session as it begins, and in one that went elsewhere and opened a transaction. */
const SESSIONS = [
  { inTransaction: false, inOwnDatabase: true },
  { inTransaction: true, inOwnDatabase: false },
] as const;

const READS = onTables('read', ['select'], FORMS);
const INSERTS = onTables('insert', ['insert', 'insert select'], NO_FORM);
const REPLACES = onTables('replace', ['replace', 'replace select'], NO_FORM);
const UPDATES = onTables('update', ['update'], FORMS);
const DELETES = onTables('delete', ['delete'], FORMS);

/**
 * For each privilege, statements it lets an account run: enough of them that a policy which tells statements apart shows
 * by them. REPLACE inserts and deletes, so neither privilege stands where it may not run.
 */
export const PRIVILEGE_SHAPES: Readonly<Record<Privilege, readonly Shape[]>> = {
  SELECT: READS,
  INSERT: [...INSERTS, ...REPLACES],
  UPDATE: UPDATES,
  DELETE: [...DELETES, ...REPLACES],
  CREATE: [...schema(['create table', 'create table select']), ...unnamed('schema', ['create database'])],
  DROP: [
    ...schema(['drop table', 'truncate', 'truncate table', 'drop view', 'alter table']),
    ...unnamed('schema', ['drop database']),
  ],
  ALTER: [...schema(['alter table', 'rename table']), ...unnamed('schema', ['alter database'])],
  INDEX: schema(['create index', 'drop index', 'alter table']),
  REFERENCES: schema(['create table', 'alter table']),
  'CREATE VIEW': schema(['create view', 'alter view']),
  'SHOW VIEW': onTables('read', ['show create view', 'show create table', 'explain'], NO_FORM),
  TRIGGER: schema(['create trigger', 'drop trigger']),
  EXECUTE: unnamed('execute', ['call', 'select']),
  'CREATE ROUTINE': unnamed('schema', ['create procedure', 'create function']),
  'ALTER ROUTINE': unnamed('schema', ['alter procedure', 'alter function', 'drop procedure', 'drop function']),
  EVENT: unnamed('schema', ['create event', 'alter event', 'drop event']),
  'CREATE TEMPORARY TABLES': schema(['create table', 'create temporary table'], ['temporary']),
  'LOCK TABLES': onTables('lock', ['lock tables', 'lock table'], NO_FORM),
};

function schema(kinds: readonly string[], flags: readonly StatementFlag[] = []): readonly Shape[] {
  return shapes({ action: 'schema', tableAction: 'schema', kinds, forms: NO_FORM, flags });
}

function onTables(action: TableAction, kinds: readonly string[], forms: readonly Form[]): readonly Shape[] {
  return shapes({ action, tableAction: action, kinds, forms, flags: [] });
}

function unnamed(action: StatementAction, kinds: readonly string[]): readonly Shape[] {
  return shapes({ action, tableAction: null, kinds, forms: NO_FORM, flags: [] });
}

interface Family extends Pick<Shape, 'action' | 'tableAction' | 'flags'> {
  readonly kinds: readonly string[];
  readonly forms: readonly Form[];
}

function shapes({ kinds, forms, ...rest }: Family): readonly Shape[] {
  return kinds.flatMap((kind) =>
    forms.flatMap((form) => SESSIONS.map((session): Shape => ({ ...rest, ...form, ...session, kind }))),
  );
}
