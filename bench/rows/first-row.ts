import mysql from 'mysql2/promise';
import { median } from '../figures.js';
import type { Bench, Row } from '../row.js';
import { DATABASE, TABLE } from '../servers.js';

const WARM_UP_GRANTS = 5;
const GRANTS = 40;

/** From `POST /v1/grants` to the first row of the first statement: what an agent waits when it starts a task. */
export const firstRowRow: Row = {
  name: 'first-row',
  what: 'POST /v1/grants to the first row of the first statement, p50',
  bounds: { floor: 100, goal: 30, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    for (let count = 0; count < WARM_UP_GRANTS; count += 1) await timeToFirstRow(broker);
    const samples: number[] = [];
    for (let count = 0; count < GRANTS; count += 1) samples.push(await timeToFirstRow(broker));
    const sorted = samples.toSorted((a, b) => a - b);
    const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
    const detail = `${GRANTS} grants, p95 ${p95.toFixed(0)} ms`;
    say(detail);
    return { value: median(samples), samples, detail };
  },
};

async function timeToFirstRow(broker: Bench['broker']): Promise<number> {
  const startedMs = performance.now();
  const grant = await broker.openGrant();
  const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
  await connection.query(`SELECT id FROM ${TABLE} WHERE id = 1`);
  const ms = performance.now() - startedMs;
  await connection.end();
  await broker.closeGrant(grant);
  return ms;
}
