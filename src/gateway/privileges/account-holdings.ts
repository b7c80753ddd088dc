import type { AdminConnection } from '../admin-connection.js';
import { isTargetError } from '../admin-connection.js';
import { grantHolding, holdingsWithout, revokeHolding, type Holding } from './holdings.js';

// https://mariadb.com/kb/en/mariadb-error-code-reference/
const ER_NO_SUCH_TABLE = 1146;
const ER_SP_DOES_NOT_EXIST = 1305;
/** There is no such grant: on a database, on a table, on a routine. Both servers, for accounts that are gone too. */
const NOT_GIVEN = [1141, 1147, 1403];

/**
 * Gives one holding. False when the table or routine is not there: then there is nothing to give, and what needs it is
 * refused by the target itself, or runs on a temporary table of the session, for which nothing is needed.
 * @throws TargetStatementRefused, BrokerError `target_unreachable`
 */
export async function giveHolding(admin: AdminConnection, account: string, holding: Holding): Promise<boolean> {
  try {
    await admin.run(grantHolding(holding, account, admin.hasDatabasePatterns));
    return true;
  } catch (error) {
    if (isTargetError(error, ER_NO_SUCH_TABLE) || isTargetError(error, ER_SP_DOES_NOT_EXIST)) return false;
    throw error;
  }
}

/** Takes holdings away. Safe to run again, for what was not given, and when the account is gone. */
export async function takeHoldings(
  admin: AdminConnection,
  account: string,
  holdings: readonly Holding[],
): Promise<void> {
  for (const holding of holdings) {
    try {
      await admin.run(revokeHolding(holding, account, admin.hasDatabasePatterns));
    } catch (error) {
      if (!NOT_GIVEN.some((errno) => isTargetError(error, errno))) throw error;
    }
  }
}

/** Changes what an account holds from `from` to `to`, touching only the difference. What goes goes first. */
export async function changeHoldings(
  admin: AdminConnection,
  account: string,
  { from, to }: { readonly from: readonly Holding[]; readonly to: readonly Holding[] },
): Promise<void> {
  await takeHoldings(admin, account, holdingsWithout(from, to));
  for (const holding of holdingsWithout(to, from)) await giveHolding(admin, account, holding);
}

/**
 * Takes everything away and gives `standing` again: whoever makes a routine gets privileges on it by itself, and only
 * this finds them without reading the server's own tables.
 */
export async function resetHoldings(
  admin: AdminConnection,
  account: string,
  standing: readonly Holding[],
): Promise<void> {
  await admin.run(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`);
  for (const holding of standing) await giveHolding(admin, account, holding);
}
