import { EntitySchema } from 'typeorm';
import type { ProviderKind } from '../../domain/identity/verified-identity.js';
import { jsonColumn, largeJsonColumn, msColumn, word } from '../state/columns.js';

/** An identity provider as it is stored. What its settings are, its kind says. */
export interface IdentityProviderRow {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Whom it signs in: `agents`, `people`. */
  readonly purposes: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** The client secret, sealed for the apis; null where it has none. */
  readonly sealedSecret: string | null;
  /** Counts the changes. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

/** TypeORM's description of the table `identity_providers`. */
export const identityProviderEntity = new EntitySchema<IdentityProviderRow>({
  name: 'IdentityProvider',
  tableName: 'identity_providers',
  columns: {
    name: { ...word(32), primary: true },
    kind: word(20),
    purposes: jsonColumn,
    settings: largeJsonColumn,
    sealedSecret: { name: 'sealed_secret', type: 'text', nullable: true },
    revision: { type: 'int' },
    createdAtMs: { ...msColumn, name: 'created_at' },
    changedAtMs: { ...msColumn, name: 'changed_at' },
    changedBy: { ...word(128), name: 'changed_by' },
  },
});
