import type { LockWait } from '../../sql/privileges/turn-wait.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { isTargetError } from '../account/own-connection.js';

/** Access denied to a table; to a server-wide privilege. */
const REFUSALS = [1142, 1227];
/** More waits than anybody looks at; a server with so many has other troubles. */
const WAITS_MAX = 1_000;
const OFF = '0';

/**
 * Who waits for whom at the target: row locks from InnoDB's own lists on MariaDB, from performance_schema on MySQL, and
 * metadata locks (ALTER TABLE waits for everybody who has used the table) from the list of threads, with whom they wait
 * for where performance_schema says it.
 *
 * https://mariadb.com/kb/en/information-schema-innodb_lock_waits-table/,
 * https://dev.mysql.com/doc/refman/9.7/en/performance-schema-data-lock-waits-table.html
 * @throws TargetStatementRefused when the account may not know, BrokerError `target_unreachable`
 */
export async function readLockWaits(admin: AdminConnection): Promise<readonly LockWait[]> {
  const rows = admin.flavour === 'mariadb' ? await mariadbRowWaits(admin) : await mysqlRowWaits(admin);
  return [...rows, ...(await metadataWaits(admin))];
}

async function mariadbRowWaits(admin: AdminConnection): Promise<readonly LockWait[]> {
  return sure(
    await admin.rows(
      `SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id FROM information_schema.INNODB_LOCK_WAITS w
       JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
       JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id LIMIT ${WAITS_MAX}`,
    ),
  );
}

async function mysqlRowWaits(admin: AdminConnection): Promise<readonly LockWait[]> {
  const [isOn] = await admin.rows('SELECT @@performance_schema');
  if (isOn?.[0] === OFF) return mysqlCandidates(admin);
  return allowed(
    async () =>
      sure(
        await admin.rows(
          `SELECT r.PROCESSLIST_ID, b.PROCESSLIST_ID FROM performance_schema.data_lock_waits w
           JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
           JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID LIMIT ${WAITS_MAX}`,
        ),
      ),
    () => mysqlCandidates(admin),
  );
}

/** Without performance_schema MySQL says who waits and who has locks; of a single one that has any it is sure. */
async function mysqlCandidates(admin: AdminConnection): Promise<readonly LockWait[]> {
  const rows = await admin.rows(
    `SELECT w.trx_mysql_thread_id, h.trx_mysql_thread_id FROM information_schema.INNODB_TRX w
     JOIN information_schema.INNODB_TRX h ON h.trx_id <> w.trx_id AND h.trx_started <= w.trx_wait_started
     WHERE w.trx_state = 'LOCK WAIT' AND h.trx_rows_locked + h.trx_tables_locked + h.trx_rows_modified > 0
     LIMIT ${WAITS_MAX}`,
  );
  const waits = sure(rows);
  const candidates = new Map<number, number>();
  for (const { waiting } of waits) candidates.set(waiting, (candidates.get(waiting) ?? 0) + 1);
  return waits.map((wait) => ({ ...wait, isSure: candidates.get(wait.waiting) === 1 }));
}

async function metadataWaits(admin: AdminConnection): Promise<readonly LockWait[]> {
  const rows = await admin.rows(
    `SELECT ID FROM information_schema.PROCESSLIST
     WHERE STATE LIKE 'Waiting for %lock' OR STATE = 'Waiting for table flush' LIMIT ${WAITS_MAX}`,
  );
  const waiting = rows.map(([id]) => Number(id));
  if (waiting.length === 0) return [];
  const known = await allowed(
    () => knownMetadataWaits(admin),
    () => Promise.resolve([]),
  );
  const unknown = waiting.filter((id) => known.every((wait) => wait.waiting !== id));
  return [...known, ...unknown.map((id) => ({ waiting: id, blocking: null, isSure: false }))];
}

/** Empty where it is switched off. */
async function knownMetadataWaits(admin: AdminConnection): Promise<readonly LockWait[]> {
  return sure(
    await admin.rows(
      `SELECT DISTINCT r.PROCESSLIST_ID, b.PROCESSLIST_ID FROM performance_schema.metadata_locks p
       JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE
         AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME
         AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID
       JOIN performance_schema.threads r ON r.THREAD_ID = p.OWNER_THREAD_ID
       JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID
       WHERE p.LOCK_STATUS = 'PENDING' AND g.LOCK_STATUS = 'GRANTED' LIMIT ${WAITS_MAX}`,
    ),
  );
}

async function allowed<T>(read: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!REFUSALS.some((errno) => isTargetError(error, errno))) throw error;
    return otherwise();
  }
}

function sure(rows: readonly (readonly (string | null)[])[]): readonly LockWait[] {
  return rows.flatMap(([waiting, blocking]) =>
    waiting === null || blocking === null || waiting === undefined || blocking === undefined || waiting === blocking
      ? []
      : [{ waiting: Number(waiting), blocking: Number(blocking), isSure: true }],
  );
}
