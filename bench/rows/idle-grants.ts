import { setTimeout as pause } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { BenchGrant } from '../broker.js';
import { whole } from '../figures.js';
import { memoryOf } from '../machine.js';
import type { Bench, Row } from '../row.js';
import { DATABASE } from '../servers.js';

const KIB = 1024;
const AT_ONCE = 8;
/** Opened first and not counted: the process grows by what it needs only once. */
const WARM_UP_GRANTS = 50;
/** Garbage of the opening is collected when a process has been idle for some seconds. */
const SETTLE_MS = 12_000;

interface IdleGrant {
  readonly grant: BenchGrant;
  readonly connection: mysql.Connection;
}

/** The gateway's memory for each grant that is open with one session that does nothing. */
export const idleGrantsRow: Row = {
  name: 'idle-grants',
  what: 'memory for each open grant with one idle session',
  bounds: { floor: 256, goal: 64, unit: 'KiB', better: 'lower' },
  async measure({ broker, options, say }) {
    const idle: IdleGrant[] = [];
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
      await inTurns(idle, async ({ grant, connection }) => {
        connection.destroy();
        await broker.closeGrant(grant);
      });
    }
  },
};

async function openMany(broker: Bench['broker'], count: number, idle: IdleGrant[]): Promise<void> {
  await inTurns(Array.from({ length: count }), async () => {
    const grant = await broker.openGrant();
    const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
    connection.on('error', () => {});
    await connection.query('SELECT 1');
    idle.push({ grant, connection });
  });
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items.values()];
  const next = async (): Promise<void> => {
    while (waiting.length > 0) {
      const [item] = waiting.splice(-1);
      await work(item as T);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}
