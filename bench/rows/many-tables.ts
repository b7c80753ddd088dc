import { setTimeout as pause } from 'node:timers/promises';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { runAsRoot } from '../../test/support/databases.js';
import { type BenchBroker, startBroker } from '../broker.js';
import { whole } from '../figures.js';
import { memoryOf } from '../machine.js';
import type { Row } from '../row.js';
import { type BenchDatabase, startDatabase } from '../servers.js';
import { openMany, SETTLE_MS } from './idle-grants.js';

const DATABASE = 'many_tables';
const TABLES = 1_500;
const OPENING = { database: DATABASE, atOnce: 4 };
const GRANTS = 100;
const KIB = 1024;
/** Opened first and not counted: the process grows by what it needs only once. */
const WARM_UP_GRANTS = 100;
const MEMORY_WORK_MS = 2_000;
/** Three times what a catalog may be old. */
const TARGET_WORK_MS = 15_000;
const STATEMENT_EVERY_MS = 1_000;

/**
 * What further grants on one large schema cost: grants of the same sight share its catalog, so that neither the gateway's
 * memory nor the target's work should grow with them. On brokers of their own, as idle grants are.
 */
export const manyTablesRows: readonly Row[] = [
  {
    name: 'many-tables-memory',
    what: `memory for each of ${GRANTS} grants on ${whole(TABLES)} tables with one session`,
    bounds: { floor: 256, goal: 64, unit: 'KiB', better: 'lower' },
    measure: () =>
      withManyTables(async ({ broker, sessions }) => {
        await openMany(broker, WARM_UP_GRANTS, sessions, OPENING);
        await work(sessions, MEMORY_WORK_MS);
        await pause(SETTLE_MS);
        const before = await memoryOf(broker.gatewayPid);
        await openMany(broker, GRANTS, sessions, OPENING);
        await work(sessions, MEMORY_WORK_MS);
        await pause(SETTLE_MS);
        const after = await memoryOf(broker.gatewayPid);
        const value = (after.nowBytes - before.nowBytes) / GRANTS / KIB;
        return { value, samples: [value], detail: `${GRANTS} grants` };
      }),
  },
  {
    name: 'many-tables-target',
    what: `statements about the catalog for ${GRANTS} working grants on ${whole(TABLES)} tables, for each for one grant`,
    bounds: { floor: 5, goal: 2, unit: 'ratio', better: 'lower' },
    measure: ({ say }) =>
      withManyTables(async ({ database, broker, sessions }) => {
        const questions: number[] = [];
        for (const count of [1, GRANTS]) {
          const before = await catalogQuestionsAt(database);
          await openMany(broker, count, sessions, OPENING);
          await work(sessions, TARGET_WORK_MS);
          const asked = (await catalogQuestionsAt(database)) - before;
          say(`${count} grants: ${asked} statements about the catalog`);
          questions.push(asked);
        }
        const [one = 0, many = 0] = questions;
        const value = many / one;
        return { value, samples: [value], detail: `${many} against ${one}` };
      }),
  },
];

interface ManyTables {
  readonly database: BenchDatabase;
  readonly broker: BenchBroker;
  /** Ended with the measurement. */
  readonly sessions: mysql.Connection[];
}

/** On a server of its own, which counts statements by what they ask. */
async function withManyTables<T>(measure: (on: ManyTables) => Promise<T>): Promise<T> {
  const database = await startDatabase(['--performance-schema=ON']);
  const tables = Array.from(
    { length: TABLES },
    (_, index) => `CREATE TABLE ${DATABASE}.orders_${index} (id INT PRIMARY KEY, customer INT, note VARCHAR(40))`,
  );
  await runAsRoot(database.server, [`CREATE DATABASE ${DATABASE}`, ...tables]);
  const broker = await startBroker(database, { profile: false });
  const sessions: mysql.Connection[] = [];
  try {
    return await measure({ database, broker, sessions });
  } finally {
    for (const session of sessions) session.destroy();
    await broker.stop();
    await database.server.stop();
  }
}

let shapes = 0;

/** Each session sends a statement of a new shape every second. */
async function work(sessions: readonly mysql.Connection[], forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    const next = performance.now() + STATEMENT_EVERY_MS;
    await Promise.all(
      sessions.map((session) => {
        shapes += 1;
        return session.query(`SELECT id AS a${shapes} FROM orders_${shapes % TABLES} WHERE id = 1`);
      }),
    );
    await pause(Math.max(0, next - performance.now()));
  }
}

/** How often the server was asked for what it has of tables, code and keys, or how often it was told of new ones. */
async function catalogQuestionsAt({ server }: BenchDatabase): Promise<number> {
  const connection = await mysql.createConnection({ host: server.host, port: server.port, ...server.root });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT COALESCE(SUM(COUNT_STAR), 0) AS asked FROM performance_schema.events_statements_summary_by_digest
       WHERE DIGEST_TEXT RLIKE 'information_schema|SHOW GLOBAL STATUS' AND DIGEST_TEXT NOT LIKE '%PROCESSLIST%'`,
    );
    return Number(rows[0]?.['asked']);
  } finally {
    await connection.end();
  }
}
