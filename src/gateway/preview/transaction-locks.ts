import type { StatementPreview } from '../../domain/approval.js';
import { isTargetError, type AdminConnection } from '../admin-connection.js';

/** Access denied to a table; to a server-wide privilege. */
const REFUSALS = [1142, 1227];
const LOCKS_SHOWN_MAX = 50;

/**
 * What the transaction of one thread of the target holds and how many wait for it: from performance_schema on MySQL,
 * from InnoDB's own lists on MariaDB, which name no tables and may be a tenth of a second old. Null when the broker's
 * account may not see it.
 */
export async function readLocks(admin: AdminConnection, thread: number): Promise<StatementPreview['locks']> {
  try {
    return admin.flavour === 'mysql' ? await mysqlLocks(admin, thread) : await mariadbLocks(admin, thread);
  } catch (error) {
    if (REFUSALS.some((errno) => isTargetError(error, errno))) return null;
    throw error;
  }
}

async function mariadbLocks(admin: AdminConnection, thread: number): Promise<StatementPreview['locks']> {
  const [transaction] = await admin.rows(
    `SELECT trx_id, trx_rows_locked, trx_tables_locked, trx_rows_modified FROM information_schema.INNODB_TRX
     WHERE trx_mysql_thread_id = ${thread}`,
  );
  if (transaction === undefined) return { held: [], waiting: 0 };
  const [id, rows, tables, changed] = transaction;
  const [waiters] = await admin.rows(
    `SELECT COUNT(DISTINCT requesting_trx_id) FROM information_schema.INNODB_LOCK_WAITS
     WHERE blocking_trx_id = ${Number(id)}`,
  );
  return {
    held: [`${rows} row locks, ${tables} table locks, ${changed} rows changed`],
    waiting: Number(waiters?.[0] ?? 0),
  };
}

async function mysqlLocks(admin: AdminConnection, thread: number): Promise<StatementPreview['locks']> {
  const ofThread = `(SELECT THREAD_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = ${thread})`;
  const held = await admin.rows(
    `SELECT OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_MODE, COUNT(*) FROM performance_schema.data_locks
     WHERE THREAD_ID = ${ofThread} AND LOCK_STATUS = 'GRANTED'
     GROUP BY OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_MODE ORDER BY 1, 2, 3, 4 LIMIT ${LOCKS_SHOWN_MAX}`,
  );
  const [waiters] = await admin.rows(
    `SELECT COUNT(DISTINCT REQUESTING_THREAD_ID) FROM performance_schema.data_lock_waits
     WHERE BLOCKING_THREAD_ID = ${ofThread}`,
  );
  return {
    held: held.map(
      ([database, table, type, mode, count]) => `${database}.${table}: ${count} ${type?.toLowerCase()} locks (${mode})`,
    ),
    waiting: Number(waiters?.[0] ?? 0),
  };
}
