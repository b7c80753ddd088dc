import { type NeededPrivilege, type Privilege, SYSTEM_DATABASES } from '../../sql/privilege.js';
import type { StatementFacts, TableUse } from '../../sql/statement.js';
import type { Flavour } from '../flavour.js';

/**
 * What MySQL and MariaDB check before they run a statement of these facts, on the tables as its text names them. Never
 * on a system database, never for what has no database, and none for administration: no grant carries those.
 *
 * `flavour` matters for locking reads, which need more than SELECT on MySQL alone; without it the more is given.
 * https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html, https://mariadb.com/kb/en/grant/
 */
export function neededPrivileges(facts: StatementFacts, flavour: Flavour = 'mysql'): readonly NeededPrivilege[] {
  if (facts.action === 'admin') return [];
  const needed = new Map<string, NeededPrivilege>();
  const add = (privilege: NeededPrivilege) => needed.set(JSON.stringify(privilege), privilege);
  const kind = facts.kind.replace(/^(?:explain )?analyze (?!table)/, '');
  for (const use of facts.tables) {
    const { database, table } = use;
    if (database === null || SYSTEM_DATABASES.has(database.toLowerCase())) continue;
    const { onTable, onDatabase } = privilegesOf(use, kind, facts, flavour);
    for (const privilege of table === '*' ? [] : onTable) add({ on: 'table', privilege, database, table });
    for (const privilege of table === '*' ? [...onTable, ...onDatabase] : onDatabase)
      add({ on: 'database', privilege, database });
  }
  for (const privilege of routinePrivileges(facts, kind)) add(privilege);
  return [...needed.values()];
}

interface TablePrivileges {
  readonly onTable: readonly Privilege[];
  readonly onDatabase: readonly Privilege[];
}

function privilegesOf(use: TableUse, kind: string, facts: StatementFacts, flavour: Flavour): TablePrivileges {
  if (use.action === 'lock') return { onTable: ['SELECT'], onDatabase: ['LOCK TABLES'] };
  if (use.action === 'schema' && kind.startsWith('rename table')) return renamePrivileges(use, facts);
  if (use.action === 'schema') return schemaPrivileges(kind, facts);
  return { onTable: rowPrivileges(use, kind, facts, flavour), onDatabase: [] };
}

function rowPrivileges(
  { action }: TableUse,
  kind: string,
  { flags }: StatementFacts,
  flavour: Flavour,
): readonly Privilege[] {
  const reads: readonly Privilege[] =
    flags.includes('returning') || flags.includes('on-duplicate-key') ? ['SELECT'] : [];
  switch (action) {
    case 'insert':
      return ['INSERT', ...reads];
    case 'replace':
      return ['INSERT', 'DELETE', ...reads];
    case 'update':
      return ['UPDATE', 'SELECT'];
    case 'delete':
      return ['DELETE', 'SELECT'];
    default:
  }
  if (kind === 'show create view') return ['SELECT', 'SHOW VIEW'];
  // A foreign key needs more than reading the table that it refers to.
  const mayRefer = kind === 'alter table' || (kind === 'create table' && !flags.includes('from-query'));
  if (mayRefer) return ['SELECT', 'REFERENCES'];
  return flags.includes('lock-clause') && flavour === 'mysql' ? ['SELECT', 'UPDATE'] : ['SELECT'];
}

/** By the statement's kind, for the table or database that it defines. */
const SCHEMA: ReadonlyMap<string, TablePrivileges> = new Map<string, TablePrivileges>([
  // The servers give CREATE VIEW on no single view that is not there yet.
  ['create view', { onTable: [], onDatabase: ['CREATE VIEW'] }],
  ['alter view', onTable('CREATE VIEW', 'DROP')],
  ['drop view', onTable('DROP')],
  ['create sequence', onTable('CREATE')],
  ['alter sequence', onTable('ALTER')],
  ['drop sequence', onTable('DROP')],
  ['create index', onTable('INDEX')],
  ['drop index', onTable('INDEX')],
  ['create trigger', onTable('TRIGGER')],
  ['drop trigger', onTable('TRIGGER')],
  ['truncate', onTable('DROP')],
  ['drop table', onTable('DROP')],
  ['drop tables', onTable('DROP')],
  ['analyze table', onTable('SELECT', 'INSERT')],
  ['check table', onTable('SELECT')],
  ['optimize table', onTable('SELECT', 'INSERT')],
  ['repair table', onTable('SELECT', 'INSERT')],
  ['create database', onTable('CREATE')],
  ['create schema', onTable('CREATE')],
  ['alter database', onTable('ALTER')],
  ['alter schema', onTable('ALTER')],
  ['drop database', onTable('DROP')],
  ['drop schema', onTable('DROP')],
  ['create event', onTable('EVENT')],
  ['alter event', onTable('EVENT')],
  ['drop event', onTable('EVENT')],
  ['create procedure', onTable('CREATE ROUTINE')],
  ['create function', onTable('CREATE ROUTINE')],
  ['create package', onTable('CREATE ROUTINE')],
  ['create package body', onTable('CREATE ROUTINE')],
]);

function onTable(...privileges: readonly Privilege[]): TablePrivileges {
  return { onTable: privileges, onDatabase: [] };
}

const NONE: TablePrivileges = onTable();

function schemaPrivileges(kind: string, { flags, tables }: StatementFacts): TablePrivileges {
  const isTable = kind.endsWith(' table') || kind.endsWith(' tables');
  if (isTable && flags.includes('temporary')) return { onTable: [], onDatabase: ['CREATE TEMPORARY TABLES'] };
  if (kind === 'create table') {
    const fills: readonly Privilege[] = flags.includes('from-query') ? ['INSERT'] : [];
    return onTable('CREATE', ...fills, ...(flags.includes('or-replace') ? (['DROP'] as const) : []));
  }
  if (kind === 'alter table') {
    const movesTables = tables.filter(({ action }) => action === 'schema').length > 1;
    if (movesTables) return onTable('ALTER', 'DROP', 'CREATE', 'INSERT');
    return flags.includes('drops-partition') ? onTable('ALTER', 'DROP') : onTable('ALTER');
  }
  const defined = SCHEMA.get(kind) ?? NONE;
  if (!flags.includes('or-replace')) return defined;
  return { ...defined, onTable: [...defined.onTable, ...(REPLACED.get(kind) ?? [])] };
}

/** The old name's and the new one's. Of several renames, which may go round, every table gets both. */
function renamePrivileges({ database, table }: TableUse, { tables }: StatementFacts): TablePrivileges {
  if (tables.length !== 2) return onTable('ALTER', 'DROP', 'CREATE', 'INSERT');
  const [old] = tables;
  return old?.table === table && old.database === database ? onTable('ALTER', 'DROP') : onTable('CREATE', 'INSERT');
}

/** What OR REPLACE takes away before it defines again. */
const REPLACED: ReadonlyMap<string, readonly Privilege[]> = new Map<string, readonly Privilege[]>([
  ['create view', ['DROP']],
  ['create sequence', ['DROP']],
  ['create database', ['DROP']],
  ['create schema', ['DROP']],
  ['create procedure', ['ALTER ROUTINE']],
  ['create function', ['ALTER ROUTINE']],
  ['create package', ['ALTER ROUTINE']],
  ['create package body', ['ALTER ROUTINE']],
]);

/** EXECUTE on what is called, ALTER ROUTINE on what is changed. Built-in functions have no database and need nothing. */
function routinePrivileges({ unknownFunctions }: StatementFacts, kind: string): readonly NeededPrivilege[] {
  const isAltered = kind.startsWith('alter ') || kind.startsWith('drop ');
  const isProcedure = kind === 'call' || kind.endsWith(' procedure');
  return unknownFunctions.flatMap(({ database, name }) => {
    if (database === null || SYSTEM_DATABASES.has(database.toLowerCase())) return [];
    return [
      {
        on: 'routine',
        privilege: isAltered ? 'ALTER ROUTINE' : 'EXECUTE',
        routine: isProcedure ? 'PROCEDURE' : 'FUNCTION',
        database,
        name,
      } satisfies NeededPrivilege,
    ];
  });
}
