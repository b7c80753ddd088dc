import { rm } from 'node:fs/promises';
import { makeTemporaryFolder } from '../../support/folders.js';
import { findMysql97 } from '../../support/mysql97.js';
import { type DatabaseServer, type Flavour } from '../../support/servers/database-server.js';
import { startMariadb } from '../../support/servers/mariadb.js';
import { startMysql } from '../../support/servers/mysql.js';

/** Statements of a session that the server remembers with what it took them for. */
export const HISTORY_SIZE = 1024;

/** Everything that the server can tell about what a statement did. MySQL has most of it by default, MariaDB nothing. */
const WATCHFUL = [
  '--performance-schema=ON',
  '--performance-schema-instrument=statement/%=ON',
  '--performance-schema-instrument=wait/io/table/%=ON',
  '--performance-schema-instrument=wait/lock/table/%=ON',
  '--performance-schema-instrument=wait/lock/metadata/%=ON',
  '--performance-schema-consumer-events-statements-current=ON',
  '--performance-schema-consumer-events-statements-history=ON',
  `--performance-schema-events-statements-history-size=${HISTORY_SIZE}`,
  '--performance-schema-max-digest-length=0',
  '--performance-schema-max-sql-text-length=0', // nobody reads the texts
  '--skip-log-bin',
  '--event-scheduler=OFF',
  '--lock-wait-timeout=2',
];

/**
 * Starts a private server that remembers what it took each statement for; null when this machine has no MySQL 9.7. It is
 * never the servers that the tests share: what is sent to it may change anything.
 */
export async function startObservedServer(
  flavour: Flavour,
  args: readonly string[] = [],
): Promise<DatabaseServer | null> {
  const mysql97 = await findMysql97();
  if (flavour === 'mysql' && !mysql97.available) return null;
  // A MariaDB that starts deletes the temporary tables that it finds in the system's folder, those of others too.
  const temporary = makeTemporaryFolder();
  const all = [...WATCHFUL, `--tmpdir=${temporary}`, ...args];
  const server =
    flavour === 'mysql' && mysql97.available
      ? await startMysql(mysql97, { args: all })
      : await startMariadb({ args: [...all, `--secure-file-priv=${temporary}`] });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(temporary, { recursive: true, force: true });
  };
  return { ...server, stop };
}
