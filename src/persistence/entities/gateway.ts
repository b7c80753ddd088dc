import { EntitySchema } from 'typeorm';
import type { GatewayId } from '../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../columns.js';

/** One run of a gateway process. */
export interface GatewayRow {
  readonly id: GatewayId;
  readonly name: string;
  /** On the database's clock; 0 once the gateway was given up, after which it cannot be renewed. */
  readonly leaseUntilMs: number;
  readonly startedAtMs: number;
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
  },
  indices: [
    { name: 'gateways_name', columns: ['name'] },
    { name: 'gateways_lease_until', columns: ['leaseUntilMs'] },
  ],
});
