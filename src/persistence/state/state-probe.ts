import type { DataSource } from 'typeorm';
import { atState } from './at-state.js';
import { NOW_MS_SQL } from './state-clock.js';

const TAKES_GRANTS = 'drain_until IS NULL AND drain_asked_at IS NULL';

/** Asks the state database for a sign of life. */
export class StateProbe {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BrokerError `state_unavailable` */
  async ping(): Promise<void> {
    await atState(() => this.dataSource.query('SELECT 1'));
  }

  /** How many gateways and workers are alive; gateways that drain take no new grants and are counted apart. @throws BrokerError `state_unavailable` */
  async whoIsThere(): Promise<{ readonly gateways: number; readonly draining: number; readonly workers: number }> {
    const rows: readonly Readonly<Record<string, unknown>>[] = await atState(() =>
      this.dataSource.query(
        `SELECT (SELECT COUNT(*) FROM gateways WHERE lease_until > ${NOW_MS_SQL} AND ${TAKES_GRANTS}) AS gateways,
                (SELECT COUNT(*) FROM gateways WHERE lease_until > ${NOW_MS_SQL} AND NOT (${TAKES_GRANTS})) AS draining,
                (SELECT COUNT(*) FROM workers WHERE alive_until > ${NOW_MS_SQL}) AS workers`,
      ),
    );
    return {
      gateways: Number(rows[0]?.['gateways']),
      draining: Number(rows[0]?.['draining']),
      workers: Number(rows[0]?.['workers']),
    };
  }
}
