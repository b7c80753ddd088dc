import { EntitySchema } from 'typeorm';
import { msColumn, ulidColumn } from '../../state/columns.js';

/** One run of a worker process. */
export interface WorkerRow {
  readonly id: string;
  /** On the database's clock. */
  readonly aliveUntilMs: number;
}

/** TypeORM's description of the table `workers`. */
export const workerEntity = new EntitySchema<WorkerRow>({
  name: 'Worker',
  tableName: 'workers',
  columns: {
    id: { ...ulidColumn, primary: true },
    aliveUntilMs: { ...msColumn, name: 'alive_until' },
  },
});
