import type { DataSource } from 'typeorm';
import { atState } from './at-state.js';
import { NOW_MS_SQL } from './state-clock.js';

/** Asks the state database for a sign of life. */
export class StateProbe {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BrokerError `state_unavailable` */
  async ping(): Promise<void> {
    await atState(() => this.dataSource.query('SELECT 1'));
  }

  /** How many gateways and workers are alive. @throws BrokerError `state_unavailable` */
  async whoIsThere(): Promise<{ readonly gateways: number; readonly workers: number }> {
    const rows: readonly Readonly<Record<string, unknown>>[] = await atState(() =>
      this.dataSource.query(
        `SELECT (SELECT COUNT(*) FROM gateways WHERE lease_until > ${NOW_MS_SQL}) AS gateways,
                (SELECT COUNT(*) FROM workers WHERE alive_until > ${NOW_MS_SQL}) AS workers`,
      ),
    );
    return { gateways: Number(rows[0]?.['gateways']), workers: Number(rows[0]?.['workers']) };
  }
}
