import { setTimeout as delay } from 'node:timers/promises';
import type { StatementPreview } from '../../sql/statement-preview.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { isTargetError, type AdminRow } from '../account/own-connection.js';

type Locks = NonNullable<StatementPreview['locks']>;

/** Access denied to a table; to a server-wide privilege. */
const REFUSALS = [1142, 1227];
const LOCKS_SHOWN_MAX = 50;
const WAITERS_SHOWN_MAX = 10;
/** InnoDB makes its lists again when nobody has read them for a tenth of a second. */
const STALE_MS = 150;

/**
 * What the transaction of one thread of the target holds and who waits for it: from performance_schema on MySQL, where
 * the broker's account may read it, else from InnoDB's own lists. Those name no tables, may be a tenth of a second old,
 * and on MySQL do not say who waits. Null when the account may see none of it.
 */
export async function readLocks(admin: AdminConnection, thread: number): Promise<Locks | null> {
  const ways = admin.flavour === 'mysql' ? [performanceSchemaLocks, mysqlInnodbLocks] : [mariadbLocks];
  for (const read of ways) {
    try {
      return await read(admin, thread);
    } catch (error) {
      if (!REFUSALS.some((errno) => isTargetError(error, errno))) throw error;
    }
  }
  return null;
}

/** The id of the thread's transaction and what it holds, in words. */
async function innodbTransaction(
  admin: AdminConnection,
  thread: number,
): Promise<{ readonly id: number; readonly held: readonly string[] } | undefined> {
  const query = `SELECT trx_id, trx_rows_locked, trx_tables_locked, trx_rows_modified FROM information_schema.INNODB_TRX
    WHERE trx_mysql_thread_id = ${thread}`;
  let [transaction] = await admin.rows(query);
  if (transaction === undefined) {
    await delay(STALE_MS); // it may have begun after the server made its list, which somebody else has just read
    [transaction] = await admin.rows(query);
  }
  if (transaction === undefined) return undefined;
  const [id, rows, tables, changed] = transaction;
  return { id: Number(id), held: [`${rows} row locks, ${tables} table locks, ${changed} rows changed`] };
}

async function mysqlInnodbLocks(admin: AdminConnection, thread: number): Promise<Locks> {
  const transaction = await innodbTransaction(admin, thread);
  return { held: transaction?.held ?? [], waiting: null, waiters: [] };
}

async function mariadbLocks(admin: AdminConnection, thread: number): Promise<Locks> {
  const transaction = await innodbTransaction(admin, thread);
  if (transaction === undefined) return { held: [], waiting: 0, waiters: [] };
  const waiters = await admin.rows(
    `SELECT DISTINCT t.trx_mysql_thread_id, p.USER, p.HOST, TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW())
     FROM information_schema.INNODB_LOCK_WAITS w
     JOIN information_schema.INNODB_TRX t ON t.trx_id = w.requesting_trx_id
     LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
     WHERE w.blocking_trx_id = ${transaction.id}`,
  );
  return { held: transaction.held, ...waitersOf(waiters) };
}

async function performanceSchemaLocks(admin: AdminConnection, thread: number): Promise<Locks> {
  const ofThread = `(SELECT THREAD_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = ${thread})`;
  const held = await admin.rows(
    `SELECT OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_MODE, COUNT(*) FROM performance_schema.data_locks
     WHERE THREAD_ID = ${ofThread} AND LOCK_STATUS = 'GRANTED'
     GROUP BY OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_MODE ORDER BY 1, 2, 3, 4 LIMIT ${LOCKS_SHOWN_MAX}`,
  );
  // Rows are waited for in one list; anyone who wants to change a table that the transaction has used, in the other.
  const waiters = await admin.rows(
    `SELECT PROCESSLIST_ID, PROCESSLIST_USER, PROCESSLIST_HOST, PROCESSLIST_TIME FROM performance_schema.threads
     WHERE THREAD_ID IN (
       SELECT REQUESTING_THREAD_ID FROM performance_schema.data_lock_waits WHERE BLOCKING_THREAD_ID = ${ofThread}
       UNION
       SELECT p.OWNER_THREAD_ID FROM performance_schema.metadata_locks p
       JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE
         AND g.OBJECT_SCHEMA = p.OBJECT_SCHEMA AND g.OBJECT_NAME = p.OBJECT_NAME
       WHERE p.LOCK_STATUS = 'PENDING' AND g.LOCK_STATUS = 'GRANTED' AND p.OBJECT_TYPE = 'TABLE'
         AND g.OWNER_THREAD_ID = ${ofThread} AND p.OWNER_THREAD_ID <> g.OWNER_THREAD_ID)`,
  );
  return {
    held: held.map(
      ([database, table, type, mode, count]) => `${database}.${table}: ${count} ${type?.toLowerCase()} locks (${mode})`,
    ),
    ...waitersOf(waiters),
  };
}

function waitersOf(rows: readonly AdminRow[]): Pick<Locks, 'waiting' | 'waiters'> {
  return {
    waiting: rows.length,
    waiters: rows
      .slice(0, WAITERS_SHOWN_MAX)
      .map(
        ([thread, user, host, seconds]) => `${user ?? '?'}@${host ?? '?'} (thread ${thread}) for ${seconds ?? '?'} s`,
      ),
  };
}
