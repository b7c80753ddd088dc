import { setTimeout as pause } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { type BenchBroker, startBroker } from '../broker.js';
import { whole } from '../figures.js';
import { memoryOf } from '../machine.js';
import type { Row } from '../row.js';
import { DATABASE } from '../servers.js';

const KIB = 1024;
const AT_ONCE = 8;
/** Opened first and not counted: the process grows by what it needs only once. */
const WARM_UP_GRANTS = 50;
/** Garbage of the opening is collected when a process has been idle for some seconds. */
export const SETTLE_MS = 12_000;

/**
 * The gateway's memory for each grant that is open with one session that does nothing. On a broker of its own: a heap
 * that grew under load before would hide it, and sealing so many recordings would disturb the rows after it.
 */
export const idleGrantsRow: Row = {
  name: 'idle-grants',
  what: 'memory for each open grant with one idle session',
  bounds: { floor: 256, goal: 64, unit: 'KiB', better: 'lower' },
  async measure({ database, options, say }) {
    const broker = await startBroker(database, { profile: false });
    const idle: mysql.Connection[] = [];
    try {
      await openMany(broker, WARM_UP_GRANTS, idle);
      await pause(SETTLE_MS);
      const before = await memoryOf(broker.gatewayPid);
      const startedMs = performance.now();
      await openMany(broker, options.grants, idle);
      say(`${options.grants} grants opened in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
      await pause(SETTLE_MS);
      const after = await memoryOf(broker.gatewayPid);
      const value = (after.nowBytes - before.nowBytes) / options.grants / KIB;
      return { value, samples: [value], detail: `${whole(options.grants)} grants` };
    } finally {
      for (const connection of idle) connection.destroy();
      await broker.stop();
    }
  },
};

/** Opens grants with a session each, some at a time. */
export async function openMany(
  broker: BenchBroker,
  count: number,
  idle: mysql.Connection[],
  { database = DATABASE, atOnce = AT_ONCE } = {},
): Promise<void> {
  let left = count;
  const next = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const grant = await broker.openGrant(['SELECT'], database);
      const connection = await mysql.createConnection({ ...grant.login, database });
      connection.on('error', () => {}); // the broker ends it when it stops
      await connection.query('SELECT 1');
      idle.push(connection);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}
