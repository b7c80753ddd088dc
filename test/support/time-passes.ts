import { type RowDataPacket } from 'mysql2';
import { NOW_MS_SQL } from '../../src/persistence/state/state-clock.js';
import { type Broker } from './broker.js';
import { atStateDatabase } from './cleared-state.js';

/** Leases of dead gateways run out now, and not in some seconds. Gives the milliseconds that the longest had left. */
export function leasesRunOut(broker: Broker): Promise<number> {
  return runOut(broker, 'gateways', 'lease_until');
}

/** What dead workers had taken on is free again now, and not in half a minute. Gives the same. */
export function claimsRunOut(broker: Broker): Promise<number> {
  return runOut(broker, '`grants`', 'reaper_until');
}

/** What a dead worker read for the index of statements may be read by another now. */
export function readersRunOut(broker: Broker): Promise<number> {
  return runOut(broker, 'statement_grants', 'reader_until');
}

/** What a dead worker had to tell Slack may be taken by another now. */
export function slackClaimsRunOut(broker: Broker): Promise<number> {
  return runOut(broker, 'slack_messages', 'claimed_until');
}

/** Slack may be called again now, and not when the pause after calls without an answer is over. */
export function slackPausesRunOut(broker: Broker): Promise<number> {
  return runOut(broker, 'slack_paces', 'free_at');
}

/** The state database alone knows until when something holds. */
async function runOut(broker: Broker, table: string, until: string): Promise<number> {
  return atStateDatabase(broker, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT MAX(${until}) - ${NOW_MS_SQL} AS left_ms FROM ${table}`,
    );
    await connection.query(`UPDATE ${table} SET ${until} = ${NOW_MS_SQL} - 1 WHERE ${until} > ${NOW_MS_SQL}`);
    return Number(rows[0]?.['left_ms']);
  });
}
