import type { DataSource } from 'typeorm';
import { atState } from './at-state.js';

/** Asks the state database for a sign of life. */
export class StateProbe {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BrokerError `state_unavailable` */
  async ping(): Promise<void> {
    await atState(() => this.dataSource.query('SELECT 1'));
  }
}
