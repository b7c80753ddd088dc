import type { CredentialMode } from '../../../domain/target.js';
import type { Flavour } from '../flavour.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from './admin-connection.js';
import { patternFits } from './database-pattern.js';
import { quoteAccount, quoteDatabasePattern, quoteIdentifier, quoteText } from './sql-quote.js';

/** Task accounts may log in from anywhere: which address a target sees differs from gateway to gateway. */
export const ACCOUNT_HOST = '%';

function databaseScope(database: string, hasPatterns: boolean): string {
  return `${hasPatterns ? quoteDatabasePattern(database) : quoteIdentifier(database)}.*`;
}

/** What a provisioning account must be able to do on the whole server, and the privileges that cover each need. */
const SERVER_NEEDS: Readonly<Record<Flavour, readonly (readonly string[])[]>> = {
  mariadb: [['CREATE USER'], ['PROCESS'], ['CONNECTION ADMIN', 'SUPER']],
  mysql: [['CREATE USER'], ['PROCESS'], ['CONNECTION_ADMIN', 'SUPER'], ['XA_RECOVER_ADMIN']],
};

/**
 * What an account makes with these belongs to it, and MySQL drops no account that owns something (error 4006) unless
 * who drops it may leave that without an owner. MySQL 8.0 calls the right SET_USER_ID.
 * https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html#priv_allow-nonexistent-definer
 */
const OWNING_PRIVILEGES: ReadonlySet<string> = new Set(['CREATE VIEW', 'CREATE ROUTINE', 'TRIGGER', 'EVENT']);
const DROP_OWNER_NEED = ['ALLOW_NONEXISTENT_DEFINER', 'SET_USER_ID'] as const;

export interface ProvisioningWish {
  readonly credentials: CredentialMode;
  /** The privileges that grants on this target may carry. */
  readonly privileges: readonly string[];
  /** The databases they are for; empty: every database. */
  readonly databases: readonly string[];
}

/**
 * Looks whether the account that is logged in can make, limit and end task accounts.
 * @throws BrokerError `target_privileges_missing` with the GRANT statements to run, in `missing`
 */
export async function requireProvisioningPrivileges(admin: AdminConnection, wish: ProvisioningWish): Promise<void> {
  if (wish.credentials === 'static') return;
  const [user, host] = await currentAccount(admin);
  const account = quoteAccount(user, host);
  const held = await heldPrivileges(admin, granteeIs(user, host));
  const missing = [
    ...missingOnServer(held, serverNeeds(admin.flavour, wish), account),
    ...missingOnUserTable(held, account),
    ...missingToGrant(held, wish, account, admin.hasDatabasePatterns),
  ];
  if (missing.length > 0) {
    throw new BrokerError('target_privileges_missing', {
      detail: `Missing: ${missing.join('; ')}.`,
      fields: { missing },
    });
  }
}

/** User and host part of the account that is logged in, as GRANT names it. */
export async function currentAccount(admin: AdminConnection): Promise<readonly [string, string]> {
  const rows = await admin.rows('SELECT CURRENT_USER()');
  const account = rows[0]?.[0] ?? '';
  const at = account.lastIndexOf('@');
  return [account.slice(0, at), account.slice(at + 1)];
}

/** The condition for an account's rows in information_schema, which spells it `'user'@'host'` and escapes nothing. */
export function granteeIs(user: string, host: string): string {
  return `GRANTEE = ${quoteText(`'${user}'@'${host}'`)}`;
}

interface HeldPrivileges {
  /** Privilege → may it be passed on. */
  readonly server: ReadonlyMap<string, boolean>;
  readonly databases: readonly { readonly pattern: string; readonly privilege: string; readonly grantable: boolean }[];
  readonly tables: ReadonlySet<string>;
}

async function heldPrivileges(admin: AdminConnection, grantee: string): Promise<HeldPrivileges> {
  const server = await admin.rows(
    `SELECT PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.USER_PRIVILEGES WHERE ${grantee}`,
  );
  const databases = await admin.rows(
    `SELECT TABLE_SCHEMA, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES WHERE ${grantee}`,
  );
  const tables = await admin.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE ${grantee}`,
  );
  return {
    server: new Map(server.map(([privilege, grantable]) => [String(privilege), grantable === 'YES'])),
    databases: databases.map(([pattern, privilege, grantable]) => ({
      pattern: String(pattern),
      privilege: String(privilege),
      grantable: grantable === 'YES',
    })),
    tables: new Set(tables.map((columns) => columns.join('.'))),
  };
}

function serverNeeds(flavour: Flavour, { privileges }: ProvisioningWish): readonly (readonly string[])[] {
  const mayOwn = flavour === 'mysql' && privileges.some((privilege) => OWNING_PRIVILEGES.has(privilege));
  return mayOwn ? [...SERVER_NEEDS[flavour], DROP_OWNER_NEED] : SERVER_NEEDS[flavour];
}

function missingOnServer(
  held: HeldPrivileges,
  needs: readonly (readonly string[])[],
  account: string,
): readonly string[] {
  const missing = needs
    .filter((alternatives) => !alternatives.some((privilege) => held.server.has(privilege)))
    .map(([first]) => first);
  return missing.length === 0 ? [] : [`GRANT ${missing.join(', ')} ON *.* TO ${account}`];
}

/** Looking that an account is gone reads mysql.user. */
function missingOnUserTable(held: HeldPrivileges, account: string): readonly string[] {
  const onDatabase = held.databases.some(({ pattern, privilege }) => pattern === 'mysql' && privilege === 'SELECT');
  const can = held.server.has('SELECT') || onDatabase || held.tables.has('mysql.user.SELECT');
  return can ? [] : [`GRANT SELECT ON mysql.user TO ${account}`];
}

function missingToGrant(
  held: HeldPrivileges,
  wish: ProvisioningWish,
  account: string,
  hasPatterns: boolean,
): readonly string[] {
  const missing = wish.privileges.filter((privilege) => held.server.get(privilege) !== true);
  if (missing.length === 0) return [];
  const scopes = wish.databases.length === 0 ? [undefined] : wish.databases;
  return scopes.flatMap((database) => {
    const lacking = missing.filter((privilege) => database === undefined || !heldOnDatabase(held, database, privilege));
    if (lacking.length === 0) return [];
    const on = database === undefined ? '*.*' : databaseScope(database, hasPatterns);
    return [`GRANT ${lacking.join(', ')} ON ${on} TO ${account} WITH GRANT OPTION`];
  });
}

function heldOnDatabase(held: HeldPrivileges, database: string, privilege: string): boolean {
  return held.databases.some(
    (row) => row.grantable && row.privilege === privilege && patternFits(row.pattern, database),
  );
}
