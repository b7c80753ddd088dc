import type { Access } from '../../sql/access.js';
import type { TlsMode } from '../../../domain/target.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from './admin-connection.js';
import { createUser } from './create-user.js';
import { isTargetError } from './own-connection.js';
import { changeHoldings, giveHolding, isNotAllowed } from './account-holdings.js';
import { holdingsOfAccess, type Holding } from '../../sql/privileges/holdings.js';
import { grantHolding } from './holding-texts.js';
import { ACCOUNT_HOST, currentAccount } from './provisioning.js';
import { quoteAccount, quoteText } from './sql-quote.js';
import { killThreads, threadsOf } from './threads.js';
import { formatXid } from '../session/xa/xa.js';

/** The account of one grant, and what it may do on the target. */
export interface TaskAccountOrder {
  readonly name: string;
  readonly password: string;
  /** All that the grant may ever have: it must be possible to give it. */
  readonly access: readonly Access[];
  /** What the account has for the whole grant; the rest of `access` is given for single statements. */
  readonly standing: readonly Access[];
  readonly sessionsMax: number;
  /** The time until the deadline; no statement may run longer. */
  readonly statementSecondsMax: number;
  readonly tlsMode: TlsMode;
}

/** What ending an account found and did. */
export interface AccountEnd {
  readonly threadsKilled: number;
  readonly xaRolledBack: readonly string[];
}

const KILL_ROUNDS_MAX = 250;

// https://mariadb.com/kb/en/mariadb-error-code-reference/
const ER_XAER_NOTA = 1397;

/**
 * Makes the account with its limits and standing privileges. All of the grant's access is given for a moment, before
 * anybody can log in: only so it is known now that each part of it can be given later.
 * @throws BrokerError `target_privileges_missing` naming the GRANT that the provisioning account needs;
 *   `grant_table_unknown`
 */
export async function createTaskAccount(admin: AdminConnection, order: TaskAccountOrder): Promise<void> {
  const account = quoteAccount(order.name, ACCOUNT_HOST);
  const access = holdingsOfAccess(order.access);
  const { password, tlsMode, sessionsMax, statementSecondsMax } = order;
  // MariaDB lets anyone who is logged in set the account's password: it is locked but for the gateway's own logins (AccountLatch).
  const user = { account, password, tlsMode, sessionsMax, statementSecondsMax, isLocked: true };
  await admin.run(createUser(admin.flavour, user));
  for (const holding of access) await giveAccess(admin, holding, account);
  await changeHoldings(admin, account, { from: access, to: holdingsOfAccess(order.standing) });
}

async function giveAccess(admin: AdminConnection, holding: Holding, account: string): Promise<void> {
  let isThere: boolean;
  try {
    isThere = await giveHolding(admin, account, holding);
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    const [user, host] = await currentAccount(admin);
    const missing = `${grantHolding(holding, quoteAccount(user, host), admin.hasDatabasePatterns)} WITH GRANT OPTION`;
    throw new BrokerError('target_privileges_missing', {
      detail: `Missing: ${missing}.`,
      fields: { missing: [missing] },
      cause: error,
    });
  }
  if (isThere || holding.on !== 'table') return;
  throw new BrokerError('grant_table_unknown', {
    detail: `The table ${JSON.stringify(holding.table)} is not in the database ${JSON.stringify(holding.database)}.`,
  });
}

/** Lets the gateway log in to a locked account, with this password whatever the account's was meanwhile. */
export async function unlockTaskAccount(admin: AdminConnection, name: string, password: string): Promise<void> {
  await admin.run(`ALTER USER ${quoteAccount(name, ACCOUNT_HOST)} IDENTIFIED BY ${quoteText(password)} ACCOUNT UNLOCK`);
}

/** Ends what {@link unlockTaskAccount} began. */
export async function relockTaskAccount(admin: AdminConnection, name: string): Promise<void> {
  await admin.run(`ALTER USER ${quoteAccount(name, ACCOUNT_HOST)} ACCOUNT LOCK`);
}

/** Refuses new logins to the account; sessions that are open go on. Safe when the account is gone. */
export async function lockTaskAccount(admin: AdminConnection, name: string): Promise<void> {
  await admin.run(`ALTER USER IF EXISTS ${quoteAccount(name, ACCOUNT_HOST)} ACCOUNT LOCK`);
}

/**
 * Ends the account for good, in the order that leaves no gap: lock, kill every thread, roll back its XA transactions,
 * drop, look that it is gone. Safe to run again at any point.
 *
 * Dropping alone is not enough: a session that is logged in goes on working without its account.
 */
export async function endTaskAccount(
  admin: AdminConnection,
  name: string,
  xaIds: readonly string[],
): Promise<AccountEnd> {
  await lockTaskAccount(admin, name);
  const detail = 'Threads of the task account still run';
  const threadsKilled = await killThreads(admin, name, { roundsMax: KILL_ROUNDS_MAX, detail });
  const xaRolledBack = await rollBackXa(admin, xaIds);
  await admin.run(`DROP USER IF EXISTS ${quoteAccount(name, ACCOUNT_HOST)}`);
  await lookThatGone(admin, name);
  return { threadsKilled, xaRolledBack };
}

/**
 * Rolls back what a session of the grant prepared: an XA transaction survives its connection and its account. The
 * target keeps no owner for it, so the ids come from what the recording saw.
 */
export async function rollBackXa(admin: AdminConnection, xaIds: readonly string[]): Promise<readonly string[]> {
  if (xaIds.length === 0) return [];
  const prepared = await preparedXa(admin);
  const ours = prepared.filter((xid) => xaIds.includes(xid));
  for (const xid of ours) await rollBackOne(admin, xid);
  return ours;
}

/** Ids of prepared XA transactions as `X'gtrid',X'bqual',format`, the form of {@link xaIdsIn}. */
async function preparedXa(admin: AdminConnection): Promise<readonly string[]> {
  const rows = admin.flavour === 'mysql' ? await admin.rows('XA RECOVER CONVERT XID') : await admin.rows('XA RECOVER');
  return rows.map(([format, gtridBytes, bqualBytes, data]) => {
    const text = data ?? '';
    const bytes =
      text.startsWith('0x') && admin.flavour === 'mysql'
        ? Buffer.from(text.slice(2), 'hex')
        : Buffer.from(text, 'latin1');
    const gtrid = bytes.subarray(0, Number(gtridBytes));
    const bqual = bytes.subarray(Number(gtridBytes), Number(gtridBytes) + Number(bqualBytes));
    return formatXid(gtrid, bqual, Number(format));
  });
}

async function lookThatGone(admin: AdminConnection, name: string): Promise<void> {
  const rows = await admin.rows(`SELECT COUNT(*) FROM mysql.user WHERE User = ${quoteText(name)}`);
  const threads = await threadsOf(admin, name);
  if (rows[0]?.[0] !== '0' || threads.length > 0) {
    throw new BrokerError('target_unreachable', {
      detail: 'The task account still exists after the broker dropped it.',
    });
  }
}

async function rollBackOne(admin: AdminConnection, xid: string): Promise<void> {
  try {
    await admin.run(`XA ROLLBACK ${xid}`);
  } catch (error) {
    if (!isTargetError(error, ER_XAER_NOTA)) throw error; // else somebody has ended it
  }
}
