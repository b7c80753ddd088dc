import { EntitySchema } from 'typeorm';
import { msColumn, word } from '../../state/columns.js';

/** A secret that all apis share, made when the first of them needs it. */
export interface BrokerSecretRow {
  readonly name: string;
  /** 32 random bytes in hex. */
  readonly secret: string;
  readonly createdAtMs: number;
}

/** TypeORM's description of the table `broker_secrets`. */
export const brokerSecretEntity = new EntitySchema<BrokerSecretRow>({
  name: 'BrokerSecret',
  tableName: 'broker_secrets',
  columns: {
    name: { ...word(32), primary: true },
    secret: { type: 'char', length: 64 },
    createdAtMs: { ...msColumn, name: 'created_at' },
  },
});
