import { EntitySchema } from 'typeorm';
import type { Permission } from '../../../domain/principal.js';
import type { PrincipalId } from '../../../kernel/brand.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';
import type { PrincipalRow } from './principal.js';

/** An API key as it is stored: what is needed to recognize it, not to use it. */
export interface ApiKeyRow {
  /** The part of the key that is no secret. */
  readonly id: string;
  readonly principalId: PrincipalId;
  readonly label: string | null;
  /** SHA-256 of the whole key. */
  readonly hash: Buffer;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** The principal who made it; null: somebody at the command line, or before this was kept. */
  readonly madeBy: PrincipalId | null;
  readonly madeByName: string | null;
  /** Null: it works until somebody revokes it. */
  readonly expiresAtMs: number | null;
  /** The permissions that it is narrowed to; null: all that its principal has. */
  readonly scope: readonly Permission[] | null;
  readonly revokedBy: PrincipalId | null;
  readonly revokedByName: string | null;
  /** Only where a query asks for it. */
  readonly principal?: PrincipalRow;
}

/** TypeORM's description of the table `api_keys`. */
export const apiKeyEntity = new EntitySchema<ApiKeyRow>({
  name: 'ApiKey',
  tableName: 'api_keys',
  columns: {
    id: { ...word(8), primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    label: { ...word(100), nullable: true },
    hash: { type: 'varbinary', length: 32 },
    createdAtMs: { ...msColumn, name: 'created_at' },
    lastUsedAtMs: { ...msColumn, name: 'last_used_at', nullable: true },
    revokedAtMs: { ...msColumn, name: 'revoked_at', nullable: true },
    madeBy: { ...ulidColumn, name: 'made_by', nullable: true },
    madeByName: { ...word(128), name: 'made_by_name', nullable: true },
    expiresAtMs: { ...msColumn, name: 'expires_at', nullable: true },
    scope: { ...jsonColumn, nullable: true },
    revokedBy: { ...ulidColumn, name: 'revoked_by', nullable: true },
    revokedByName: { ...word(128), name: 'revoked_by_name', nullable: true },
  },
  relations: {
    principal: {
      type: 'many-to-one',
      target: 'Principal',
      joinColumn: { name: 'principal_id' },
      createForeignKeyConstraints: false,
    },
  },
  indices: [{ name: 'api_keys_principal', columns: ['principalId'] }],
});

/** A key without an end that may do all that its principal may. */
export const UNBOUNDED_KEY = { expiresAtMs: null, scope: null, revokedBy: null, revokedByName: null } as const;

/** A key that is to be stored. */
export type NewKey = Omit<ApiKeyRow, 'principal' | keyof typeof UNBOUNDED_KEY> &
  Partial<Pick<ApiKeyRow, keyof typeof UNBOUNDED_KEY>>;
