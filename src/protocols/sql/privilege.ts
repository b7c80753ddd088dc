/**
 * The privileges a grant may ask for, as MySQL and MariaDB spell them: those of databases and tables only. Global ones
 * (FILE, SUPER, PROCESS, …) and GRANT OPTION are not in the list, so no grant can carry them.
 *
 * https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html, https://mariadb.com/kb/en/grant/
 */
export const PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'ALTER',
  'INDEX',
  'REFERENCES',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
  'EXECUTE',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'EVENT',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** Privileges that a GRANT on a single table accepts; the others need the whole database. */
export const TABLE_PRIVILEGES: ReadonlySet<Privilege> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'ALTER',
  'INDEX',
  'REFERENCES',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
]);

/** What a target allows when its operator names nothing: reading and changing rows. */
export const DEFAULT_PRIVILEGES: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** Databases of the server itself; never part of a grant's access. */
export const SYSTEM_DATABASES: ReadonlySet<string> = new Set([
  'mysql',
  'sys',
  'information_schema',
  'performance_schema',
]);

/** What single statements may be given besides what grants name. */
export type LentPrivilege = Privilege | 'SHOW_ROUTINE';

/** A privilege on exactly what it is needed on. */
export type NeededPrivilege =
  | { readonly on: 'table'; readonly privilege: Privilege; readonly database: string; readonly table: string }
  | { readonly on: 'database'; readonly privilege: Privilege; readonly database: string }
  | {
      readonly on: 'routine';
      readonly privilege: 'EXECUTE' | 'ALTER ROUTINE';
      readonly routine: 'PROCEDURE' | 'FUNCTION';
      readonly database: string;
      readonly name: string;
    }
  | {
      /** To read what others' routines are made of, MariaDB wants SELECT on the table that has them, MySQL SHOW_ROUTINE. */
      readonly on: 'routine-texts';
      readonly privilege: 'SELECT' | 'SHOW_ROUTINE';
      /** The routine's. */
      readonly database: string;
    };
