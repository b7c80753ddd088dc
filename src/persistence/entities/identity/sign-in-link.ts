import { EntitySchema } from 'typeorm';
import type { PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn } from '../../state/columns.js';

/** A one-time link as it is stored: its secret is not. */
export interface SignInLinkRow {
  /** The SHA-256 of its secret, in hex. */
  readonly id: string;
  /** Whom it lets in. */
  readonly principalId: PrincipalId;
  /** 1: it works from any address; 0: only on the machine of the api itself. */
  readonly anyAddress: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** TypeORM's description of the table `sign_in_links`. */
export const signInLinkEntity = new EntitySchema<SignInLinkRow>({
  name: 'SignInLink',
  tableName: 'sign_in_links',
  columns: {
    id: { type: 'char', length: 64, primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    anyAddress: { name: 'any_address', type: 'tinyint' },
    createdAtMs: { ...msColumn, name: 'created_at' },
    expiresAtMs: { ...msColumn, name: 'expires_at' },
  },
  indices: [
    { name: 'sign_in_links_principal', columns: ['principalId'] },
    { name: 'sign_in_links_expires', columns: ['expiresAtMs'] },
  ],
});
