import type { AdminConnection } from '../account/admin-connection.js';
import { patternFits } from '../account/database-pattern.js';
import type { AdminRow } from '../account/own-connection.js';
import { currentAccount, granteeIs } from '../account/provisioning.js';
import { quoteIdentifier } from '../account/sql-quote.js';

/**
 * Why the triggers of a database cannot be seen, by database. MySQL lists triggers only to an account that has the TRIGGER
 * privilege; without it a table looks as if it had none. MariaDB lists them to everyone who may see the table, and
 * hides their bodies alone. A privilege that comes from a role does not count here.
 */
export async function triggersUnseenIn(
  admin: AdminConnection,
  databases: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (admin.flavour === 'mariadb') return new Map();
  const [user, host] = await currentAccount(admin);
  const grantee = granteeIs(user, host);
  const everywhere = await admin.rows(
    `SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE ${grantee} AND PRIVILEGE_TYPE = 'TRIGGER'`,
  );
  const held = await admin.rows(
    `SELECT TABLE_SCHEMA, MAX(PRIVILEGE_TYPE = 'TRIGGER') FROM information_schema.SCHEMA_PRIVILEGES
     WHERE ${grantee} GROUP BY TABLE_SCHEMA`,
  );
  const revokes = admin.hasDatabasePatterns ? [] : await revokesOf(admin);
  const sees = (database: string): boolean =>
    everywhere.length > 0
      ? !revokes.some((line) => line.includes(quoteIdentifier(database)))
      : seesByDatabase(held, database, admin.hasDatabasePatterns);
  return new Map(
    databases
      .filter((database) => !sees(database))
      .map((database) => [
        database,
        `the broker's account cannot see the triggers of ${database}; it needs TRIGGER on ${quoteIdentifier(database)}.*`,
      ]),
  );
}

/** With partial_revokes, a privilege on everything may have been taken back on some databases. */
async function revokesOf(admin: AdminConnection): Promise<readonly string[]> {
  const grants = await admin.rows('SHOW GRANTS');
  return grants.map(([line]) => line ?? '').filter((line) => line.startsWith('REVOKE'));
}

/** Which of several patterns counts is the server's matter, so all that fit the name must have the privilege. */
function seesByDatabase(held: readonly AdminRow[], database: string, hasPatterns: boolean): boolean {
  const fitting = held.filter(([pattern]) =>
    hasPatterns ? patternFits(pattern ?? '', database) : pattern === database,
  );
  return fitting.length > 0 && fitting.every(([, hasTrigger]) => hasTrigger === '1');
}
