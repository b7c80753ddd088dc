import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from './admin-connection.js';
import { isTargetError } from './own-connection.js';
import { processlistOf } from './threads.js';
import { holdingsWithout, type Holding } from '../../sql/privileges/holdings.js';
import { grantHolding, revokeHolding } from './holding-texts.js';

// https://mariadb.com/kb/en/mariadb-error-code-reference/
const ER_NO_SUCH_TABLE = 1146;
const ER_SP_DOES_NOT_EXIST = 1305;
/** Access denied to a database, a table, an operation, a routine; not allowed to grant. */
const NOT_ALLOWED = [1044, 1142, 1227, 1370, 1410];
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

/** The target has not let the provisioning account give something, so that nothing was given. */
export function isNotAllowed(error: unknown): boolean {
  return NOT_ALLOWED.some((errno) => isTargetError(error, errno));
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

/** Changes what an account holds from `from` to `to`, touching only the difference. Revokes before it grants. */
export async function changeHoldings(
  admin: AdminConnection,
  account: string,
  { from, to }: { readonly from: readonly Holding[]; readonly to: readonly Holding[] },
): Promise<void> {
  await takeHoldings(admin, account, holdingsWithout(from, to));
  for (const holding of holdingsWithout(to, from)) await giveHolding(admin, account, holding);
}

/**
 * Takes everything away and gives `standing` again: the server gives privileges on a routine to the one who makes it, and only
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

/**
 * Sees to it that a GRANT whose answer was lost does not come into force later: a server goes on with a statement whose
 * client is gone, and one that waits for a lock would give what was taken back long before.
 * @throws BrokerError `target_unreachable` while it is still there
 */
export async function endLostGrant(admin: AdminConnection, thread: number): Promise<void> {
  const running = `SELECT ID FROM ${processlistOf(admin.flavour)} WHERE ID = ${thread} AND INFO LIKE 'GRANT %'`;
  if ((await admin.rows(running)).length === 0) return;
  await admin.run(`KILL CONNECTION ${thread}`); // it may be gone just now: then it is looked again
  if ((await admin.rows(running)).length === 0) return;
  throw new BrokerError('target_unreachable', {
    detail: 'A GRANT of the broker still runs at the target, although the broker has given it up.',
  });
}
