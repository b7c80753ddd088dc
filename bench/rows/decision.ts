import mysql, { type ResultSetHeader } from 'mysql2/promise';
import { median } from '../figures.js';
import type { Row } from '../row.js';
import { DATABASE, TABLE } from '../servers.js';
import { until } from '../until.js';

const WARM_UP = 5;
const DECISIONS = 40;
const PREVIEW_MS_MAX = 30_000;

/** From the POST of a person's decision to the answer of the statement that waited for it: forwarded, and run. */
export const decisionRow: Row = {
  name: 'decision',
  what: 'decision posted to the answer of the held statement, p50',
  bounds: { floor: 50, goal: 10, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const grant = await broker.openGrant(['SELECT', 'UPDATE']);
    const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
    const decide = async (id: number): Promise<number> => {
      let answeredMs = 0;
      const answer = connection
        .query<ResultSetHeader>(`UPDATE ${TABLE} SET k = k + 1 WHERE id = ${id}`)
        .then((result) => {
          answeredMs = performance.now();
          return result;
        });
      const approval = await until('a held statement', PREVIEW_MS_MAX, () => broker.pendingApproval(grant));
      const startedMs = performance.now();
      await broker.approve(approval);
      const [{ affectedRows }] = await answer;
      if (affectedRows !== 1) throw new Error(`An approved UPDATE changed ${affectedRows} rows.`);
      return answeredMs - startedMs;
    };
    const samples: number[] = [];
    for (let id = 1; id <= WARM_UP + DECISIONS; id += 1) samples.push(await decide(id));
    await connection.end();
    await broker.closeGrant(grant);
    const measured = samples.slice(WARM_UP);
    const p95 = measured.toSorted((a, b) => a - b)[Math.floor(measured.length * 0.95)] ?? 0;
    const detail = `${DECISIONS} decisions, p95 ${p95.toFixed(1)} ms`;
    say(detail);
    return { value: median(measured), samples: measured, detail };
  },
};
