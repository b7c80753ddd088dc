import { EntitySchema } from 'typeorm';
import type { PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** Somebody whom an identity provider knows, and the principal that it became here. */
export interface IdentityRow {
  /** SHA-256 of issuer and subject, hex: together they are longer than an index may be. */
  readonly id: string;
  /** The provider's name when it was last seen. */
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly principalId: PrincipalId;
  /** Verified by the provider; in lower case. */
  readonly email: string | null;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
}

/** TypeORM's description of the table `identities`. */
export const identityEntity = new EntitySchema<IdentityRow>({
  name: 'Identity',
  tableName: 'identities',
  columns: {
    id: { type: 'char', length: 64, primary: true },
    provider: word(32),
    issuer: word(512),
    subject: word(512),
    principalId: { ...ulidColumn, name: 'principal_id' },
    email: { ...word(320), nullable: true },
    firstSeenAtMs: { ...msColumn, name: 'first_seen_at' },
    lastSeenAtMs: { ...msColumn, name: 'last_seen_at' },
  },
  indices: [
    { name: 'identities_principal', columns: ['principalId'] },
    { name: 'identities_email', columns: ['email'] },
  ],
});
