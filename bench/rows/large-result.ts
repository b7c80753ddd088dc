import { timeStatement } from '../clients.js';
import type { Row } from '../row.js';
import { TABLE } from '../servers.js';
import { sideBySide } from '../side-by-side.js';

/** The time to read one large result through the broker, for the same on a direct connection. */
export const largeResultRow: Row = {
  name: 'large-result',
  what: 'one result of 400,000 rows (75 MiB), wall time',
  bounds: { floor: 1.3, goal: 1.05, unit: 'ratio', better: 'lower' },
  async measure({ broker, database, options, say }) {
    const statement = `SELECT * FROM ${TABLE}`;
    const grant = await broker.openGrant();
    try {
      return await sideBySide(
        { name: 'broker', measure: () => timeStatement(grant.login, statement) },
        { name: 'direct', measure: () => timeStatement(database.login, statement) },
        { runs: options.runs, say, show: (seconds) => `${seconds.toFixed(3)} s` },
      );
    } finally {
      await broker.closeGrant(grant);
    }
  },
};
