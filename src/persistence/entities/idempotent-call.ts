import { EntitySchema } from 'typeorm';
import { msColumn, ulidColumn, word } from '../state/columns.js';

const hashColumn = { type: 'char', length: 64 } as const;

/** A call that came with an Idempotency-Key. */
export interface IdempotentCallRow {
  readonly principalId: string;
  readonly operation: string;
  readonly keyHash: string;
  readonly requestHash: string;
  /** What the call made or changed; null while it is at work. */
  readonly resultId: string | null;
  /** On the database's clock. */
  readonly begunAtMs: number;
}

/** TypeORM's description of the table `idempotent_calls`. */
export const idempotentCallEntity = new EntitySchema<IdempotentCallRow>({
  name: 'IdempotentCall',
  tableName: 'idempotent_calls',
  columns: {
    principalId: { ...ulidColumn, name: 'principal_id', primary: true },
    operation: { ...word(40), primary: true },
    keyHash: { ...hashColumn, name: 'key_hash', primary: true },
    requestHash: { ...hashColumn, name: 'request_hash' },
    resultId: { ...ulidColumn, name: 'result_id', nullable: true },
    begunAtMs: { ...msColumn, name: 'begun_at' },
  },
  indices: [{ name: 'idempotent_calls_begun_at', columns: ['begunAtMs'] }],
});
