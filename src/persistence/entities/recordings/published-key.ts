import { EntitySchema } from 'typeorm';
import { jsonColumn, msColumn, word } from '../../state/columns.js';

/** `envelope`: target passwords are sealed to it. `seal`: recordings are signed with its private half. */
export type KeyPurpose = 'envelope' | 'seal';

/** The public half of a key, published by the process that holds the private one. */
export interface PublishedKeyRow {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly jwk: unknown;
  readonly createdAtMs: number;
}

/** TypeORM's description of the table `published_keys`. */
export const publishedKeyEntity = new EntitySchema<PublishedKeyRow>({
  name: 'PublishedKey',
  tableName: 'published_keys',
  columns: {
    kid: { ...word(100), primary: true },
    purpose: word(20),
    jwk: jsonColumn,
    createdAtMs: { ...msColumn, name: 'created_at' },
  },
  indices: [{ name: 'published_keys_purpose', columns: ['purpose', 'createdAtMs'] }],
});
