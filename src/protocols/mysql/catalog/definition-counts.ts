import type { AdminConnection } from '../account/admin-connection.js';

/** Accounts come and go with grants, and are no part of a catalog. */
const OF_DEFINITIONS = `Variable_name RLIKE '^Com_(alter|create|drop|import|install|rename|uninstall)_'
  AND Variable_name NOT RLIKE '_(user|role)'`;

/**
 * How often the server was told to define something, by kind, since it was started: anyone who said it, in a text, in a
 * prepared statement, in stored code or as a replica. It counts when the statement begins, so equal counts do not mean
 * that none has ended in between. Undefined when it counts nothing.
 * @see https://mariadb.com/kb/en/server-status-variables/#com_create_table
 */
export async function definitionCounts(admin: AdminConnection): Promise<string | undefined> {
  const counts = await admin.rows(`SHOW GLOBAL STATUS WHERE ${OF_DEFINITIONS}`);
  return counts.length === 0 ? undefined : JSON.stringify(counts);
}
