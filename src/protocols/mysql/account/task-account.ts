import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../../sql/access.js';
import type { TlsMode } from '../../../domain/target.js';
import type { Flavour } from '../flavour.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from './admin-connection.js';
import { isTargetError } from './own-connection.js';
import { changeHoldings, giveHolding, isNotAllowed } from './account-holdings.js';
import { holdingsOfAccess, type Holding } from '../../sql/privileges/holdings.js';
import { grantHolding } from './holding-texts.js';
import { ACCOUNT_HOST, currentAccount } from './provisioning.js';
import { quoteAccount, quoteText } from './sql-quote.js';
import { formatXid } from '../session/xa.js';

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
const KILL_ROUND_MS = 20;

// https://mariadb.com/kb/en/mariadb-error-code-reference/
const ER_NO_SUCH_THREAD = 1094;
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
  await admin.run(createUserStatement(admin.flavour, account, order));
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

function createUserStatement(flavour: Flavour, account: string, order: TaskAccountOrder): string {
  const require = order.tlsMode === 'off' ? 'NONE' : 'SSL';
  const limits =
    flavour === 'mariadb'
      ? `MAX_USER_CONNECTIONS ${order.sessionsMax} MAX_STATEMENT_TIME ${order.statementSecondsMax}`
      : `MAX_USER_CONNECTIONS ${order.sessionsMax}`;
  const identified =
    flavour === 'mariadb'
      ? `IDENTIFIED BY ${quoteText(order.password)}`
      : `IDENTIFIED WITH caching_sha2_password BY ${quoteText(order.password)}`;
  // Whoever knew the password could come past the gateway, so an agent must not give the account one that it knows.
  // MariaDB has no such rule; there the account is locked but for the gateway's own logins (TargetDoor).
  const ownPassword = flavour === 'mysql' ? 'PASSWORD REQUIRE CURRENT' : 'ACCOUNT LOCK';
  return `CREATE USER ${account} ${identified} REQUIRE ${require} WITH ${limits} ${ownPassword}`;
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
  const threadsKilled = await killThreads(admin, name);
  const xaRolledBack = await rollBackXa(admin, xaIds);
  await admin.run(`DROP USER IF EXISTS ${quoteAccount(name, ACCOUNT_HOST)}`);
  await lookThatGone(admin, name);
  return { threadsKilled, xaRolledBack };
}

/** Ids of the connections that are logged in to the account now. */
export async function threadsOf(admin: AdminConnection, name: string): Promise<readonly number[]> {
  const table = admin.flavour === 'mysql' ? 'performance_schema.processlist' : 'information_schema.processlist';
  const rows = await admin.rows(`SELECT ID FROM ${table} WHERE USER = ${quoteText(name)}`);
  return rows.map(([id]) => Number(id));
}

/** A killed thread stays listed until its transaction is rolled back; only an empty list is the end. */
async function killThreads(admin: AdminConnection, name: string): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
    const threads = await threadsOf(admin, name);
    if (threads.length === 0) return killed.size;
    for (const thread of threads) {
      killed.add(thread);
      await killThread(admin, thread);
    }
    await delay(KILL_ROUND_MS);
  }
  throw new BrokerError('target_unreachable', {
    detail: `Threads of the task account still run after ${(KILL_ROUNDS_MAX * KILL_ROUND_MS) / 1000} s.`,
  });
}

/** Ends one connection of the target; one that is gone already is fine. */
export async function killThread(admin: AdminConnection, thread: number): Promise<void> {
  await ignoring(ER_NO_SUCH_THREAD, () => admin.run(`KILL CONNECTION ${thread}`));
}

/** Ends the statement that a connection runs now; one that runs none, or is gone, is fine. */
export async function killRunningStatement(admin: AdminConnection, thread: number): Promise<void> {
  await ignoring(ER_NO_SUCH_THREAD, () => admin.run(`KILL QUERY ${thread}`));
}

/** The connection that runs MariaDB's statement of this number; undefined when none does. */
export async function threadOfQuery(admin: AdminConnection, query: number): Promise<number | undefined> {
  if (admin.flavour === 'mysql') return undefined;
  const [row] = await admin.rows(`SELECT id FROM information_schema.processlist WHERE query_id = ${query}`);
  return row === undefined ? undefined : Number(row[0]);
}

/**
 * Rolls back what a session of the grant prepared: an XA transaction survives its connection and its account. The
 * target keeps no owner for it, so the ids come from what the recording saw.
 */
export async function rollBackXa(admin: AdminConnection, xaIds: readonly string[]): Promise<readonly string[]> {
  if (xaIds.length === 0) return [];
  const prepared = await preparedXa(admin);
  const ours = prepared.filter((xid) => xaIds.includes(xid));
  for (const xid of ours) await ignoring(ER_XAER_NOTA, () => admin.run(`XA ROLLBACK ${xid}`));
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
    throw new BrokerError('target_unreachable', { detail: 'The task account is still there after it was dropped.' });
  }
}

async function ignoring(errno: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isTargetError(error, errno)) throw error;
  }
}
