import { EntitySchema } from 'typeorm';
import type { GatewayId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** One run of a gateway process. */
export interface GatewayRow {
  readonly id: GatewayId;
  readonly name: string;
  /** On the database's clock; 0 once the gateway was given up, after which it cannot be renewed. */
  readonly leaseUntilMs: number;
  readonly startedAtMs: number;
  /** When an operator asked it to drain, and who; null when nobody did. */
  readonly drainAskedAtMs: number | null;
  readonly drainAskedBy: string | null;
  /** Until when it keeps its grants at the latest, on the database's clock; null while it takes new ones. */
  readonly drainUntilMs: number | null;
}

/** TypeORM's description of the table `gateways`. */
export const gatewayEntity = new EntitySchema<GatewayRow>({
  name: 'Gateway',
  tableName: 'gateways',
  columns: {
    id: { ...ulidColumn, primary: true },
    name: word(300),
    leaseUntilMs: { ...msColumn, name: 'lease_until' },
    startedAtMs: { ...msColumn, name: 'started_at' },
    drainAskedAtMs: { ...msColumn, name: 'drain_asked_at', nullable: true },
    drainAskedBy: { ...word(128), name: 'drain_asked_by', nullable: true },
    drainUntilMs: { ...msColumn, name: 'drain_until', nullable: true },
  },
  indices: [
    { name: 'gateways_name', columns: ['name'] },
    { name: 'gateways_lease_until', columns: ['leaseUntilMs'] },
  ],
});
