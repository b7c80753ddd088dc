import { setTimeout as delay } from 'node:timers/promises';
import { BrokerError } from '../../../kernel/errors.js';
import type { Flavour } from '../flavour.js';
import type { AdminConnection } from './admin-connection.js';
import { isTargetError } from './own-connection.js';
import { quoteText } from './sql-quote.js';

const KILL_ROUND_MS = 20;

// https://mariadb.com/kb/en/mariadb-error-code-reference/
const ER_NO_SUCH_THREAD = 1094;

/** Where a server lists its threads. MySQL's list in information_schema is deprecated, and locks while it is read. */
export function processlistOf(flavour: Flavour): string {
  return flavour === 'mysql' ? 'performance_schema.processlist' : 'information_schema.processlist';
}

/** Ids of the connections that are logged in to an account now. */
export async function threadsOf(admin: AdminConnection, name: string): Promise<readonly number[]> {
  const rows = await admin.rows(`SELECT ID FROM ${processlistOf(admin.flavour)} WHERE USER = ${quoteText(name)}`);
  return rows.map(([id]) => Number(id));
}

/**
 * Ends all connections of an account that nobody can log in to any more, and says how many they were. A killed thread
 * stays listed until its transaction is rolled back; only an empty list is the end.
 * @throws BrokerError `target_unreachable` with this detail, when some are left after so many rounds
 */
export async function killThreads(
  admin: AdminConnection,
  name: string,
  { roundsMax, detail }: { readonly roundsMax: number; readonly detail: string },
): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < roundsMax; round += 1) {
    const threads = await threadsOf(admin, name);
    if (threads.length === 0) return killed.size;
    for (const thread of threads) {
      killed.add(thread);
      await killThread(admin, thread);
    }
    await delay(KILL_ROUND_MS);
  }
  throw new BrokerError('target_unreachable', {
    detail: `${detail} after ${(roundsMax * KILL_ROUND_MS) / 1000} s.`,
  });
}

/** Ends one connection of the target; one that is gone already is fine. */
export async function killThread(admin: AdminConnection, thread: number): Promise<void> {
  await unlessGone(() => admin.run(`KILL CONNECTION ${thread}`));
}

/** Ends the statement that a connection runs now; one that runs none, or is gone, is fine. */
export async function killRunningStatement(admin: AdminConnection, thread: number): Promise<void> {
  await unlessGone(() => admin.run(`KILL QUERY ${thread}`));
}

/** The connection that runs MariaDB's statement of this number; undefined when none does. */
export async function threadOfQuery(admin: AdminConnection, query: number): Promise<number | undefined> {
  if (admin.flavour === 'mysql') return undefined;
  const [row] = await admin.rows(`SELECT id FROM ${processlistOf(admin.flavour)} WHERE query_id = ${query}`);
  return row === undefined ? undefined : Number(row[0]);
}

async function unlessGone(kill: () => Promise<void>): Promise<void> {
  try {
    await kill();
  } catch (error) {
    if (!isTargetError(error, ER_NO_SUCH_THREAD)) throw error;
  }
}
