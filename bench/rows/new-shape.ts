import mysql from 'mysql2/promise';
import { whole } from '../figures.js';
import type { Row } from '../row.js';
import { DATABASE, type Login, TABLE } from '../servers.js';
import { sideBySide } from '../side-by-side.js';

let shapes = 0;

/** What a statement of a number is; no two have the same shape. */
type Shape = (n: number) => string;

const aliased: Shape = (n) => `SELECT k AS k${n}, id AS z${n} FROM ${TABLE} x${n} WHERE x${n}.id = ${1 + (n % 1000)}`;

/** One connection that never sends the same shape twice, as an agent that writes its own statements. */
export const newShapeRows: readonly Row[] = [
  row('new-shape', 'statements of shapes never seen before', aliased),
  // A name that is ordered by may be a column: no two of these have the same facts.
  row('new-facts', 'the same, with names of columns never seen before', (n) => `${aliased(n)} ORDER BY k${n}`),
];

function row(name: string, what: string, shape: Shape): Row {
  return {
    name,
    what: `${what}, connections: 1, of a direct connection`,
    bounds: { floor: 0.2, goal: 0.4, unit: 'ratio', better: 'higher' },
    async measure({ options, broker, database, say }) {
      const grant = await broker.openGrant();
      try {
        return await sideBySide(
          { name: 'broker', measure: () => rateOf(grant.login, options.seconds, shape) },
          { name: 'direct', measure: () => rateOf(database.login, options.seconds, shape) },
          { runs: options.runs, say, show: (rate) => `${whole(rate)}/s` },
        );
      } finally {
        await broker.closeGrant(grant);
      }
    },
  };
}

/** Sends one statement behind the other's answer, and gives how many in a second. */
async function rateOf(login: Login, seconds: number, shape: Shape): Promise<number> {
  const connection = await mysql.createConnection({ ...login, database: DATABASE });
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let sent = 0;
  for (; performance.now() < endMs; sent += 1) {
    shapes += 1;
    // eslint-disable-next-line no-await-in-loop -- one statement at a time is what is measured
    await connection.query(shape(shapes));
  }
  const rate = (sent * 1000) / (performance.now() - startedMs);
  await connection.end();
  return rate;
}
