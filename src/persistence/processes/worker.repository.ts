import type { DataSource } from 'typeorm';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

/** The workers that run, so that it can be said when there is none. Nothing else depends on it. */
export class WorkerRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Says that a worker is alive, for so many seconds; forgets those that said nothing more. */
  async alive(id: string, seconds: number): Promise<void> {
    await atState(async () => {
      await this.dataSource.query(
        `INSERT INTO workers (id, alive_until) VALUES (?, ${NOW_MS_SQL} + ?)
         ON DUPLICATE KEY UPDATE alive_until = VALUES(alive_until)`,
        [id, seconds * 1000],
      );
      await this.dataSource.query(`DELETE FROM workers WHERE alive_until < ${NOW_MS_SQL}`);
    });
  }

  /** A worker that stops in order. */
  async stopped(id: string): Promise<void> {
    await atState(() => this.dataSource.query('DELETE FROM workers WHERE id = ?', [id]));
  }
}
