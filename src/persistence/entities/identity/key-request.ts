import { EntitySchema } from 'typeorm';
import type { PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** One operator's wish for a key of a principal that decides or reads recordings; it takes a second operator. */
export interface KeyRequestRow {
  readonly id: string;
  readonly principalId: PrincipalId;
  readonly requestedBy: PrincipalId;
  /** The id of the key with which it was asked for; null: the operator was signed in, without a key. */
  readonly requestedWith: string | null;
  readonly expiresAtMs: number;
}

/** TypeORM's description of the table `key_requests`. */
export const keyRequestEntity = new EntitySchema<KeyRequestRow>({
  name: 'KeyRequest',
  tableName: 'key_requests',
  columns: {
    id: { ...ulidColumn, primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    requestedBy: { ...ulidColumn, name: 'requested_by' },
    requestedWith: { ...word(8), name: 'requested_with', nullable: true },
    expiresAtMs: { ...msColumn, name: 'expires_at' },
  },
  indices: [{ name: 'key_requests_expires', columns: ['expiresAtMs'] }],
});
