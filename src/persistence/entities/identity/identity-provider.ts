import { EntitySchema } from 'typeorm';
import type { ProviderKind } from '../../../domain/identity/verified-identity.js';
import { jsonColumn, largeJsonColumn, msColumn, word } from '../../state/columns.js';

/** What the settings of every kind have; the kind's own stand beside it. */
export interface ProviderSettings {
  /** What its identities are of (SAML: the entity id). */
  readonly issuer: string;
}

/** An identity provider as it is stored. What its settings are, its kind says. */
export interface IdentityProviderRow {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Whom it signs in: `agents`, `people`. */
  readonly purposes: readonly string[];
  readonly settings: ProviderSettings;
  /** The client secret, sealed for the apis; null where it has none. */
  readonly sealedSecret: string | null;
  /** Counts the changes. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly changedBy: string;
  /** A row stays when its provider is deleted: principals carry its name, which no other issuer may take over. */
  readonly deletedAtMs: number | null;
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
    deletedAtMs: { ...msColumn, name: 'deleted_at', nullable: true },
  },
});
