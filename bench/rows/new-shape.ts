import mysql from 'mysql2/promise';
import { whole } from '../figures.js';
import type { Row } from '../row.js';
import { DATABASE, type Login, TABLE } from '../servers.js';
import { sideBySide } from '../side-by-side.js';

let shapes = 0;

/** One connection that never sends the same shape twice, as an agent that writes its own statements. */
export const newShapeRow: Row = {
  name: 'new-shape',
  what: 'statements of shapes never seen before, connections: 1, of a direct connection',
  bounds: { floor: 0.2, goal: 0.4, unit: 'ratio', better: 'higher' },
  async measure({ options, broker, database, say }) {
    const grant = await broker.openGrant();
    try {
      return await sideBySide(
        { name: 'broker', measure: () => newShapes(grant.login, options.seconds) },
        { name: 'direct', measure: () => newShapes(database.login, options.seconds) },
        { runs: options.runs, say, show: (rate) => `${whole(rate)}/s` },
      );
    } finally {
      await broker.closeGrant(grant);
    }
  },
};

/** Sends one statement behind the other's answer, and gives how many in a second. */
async function newShapes(login: Login, seconds: number): Promise<number> {
  const connection = await mysql.createConnection({ ...login, database: DATABASE });
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let sent = 0;
  for (; performance.now() < endMs; sent += 1) {
    shapes += 1;
    const alias = `x${shapes}`;
    // eslint-disable-next-line no-await-in-loop -- one statement at a time is what is measured
    await connection.query(
      `SELECT k AS k${shapes}, id AS z${shapes} FROM ${TABLE} ${alias} WHERE ${alias}.id = ${1 + (shapes % 1000)}`,
    );
  }
  const rate = (sent * 1000) / (performance.now() - startedMs);
  await connection.end();
  return rate;
}
