import { EntitySchema } from 'typeorm';
import { largeJsonColumn, msColumn, word } from '../../state/columns.js';

/** One version of the identity mapping; the one with the highest revision is in force, and none is ever removed. */
export interface IdentityMappingRow {
  readonly revision: number;
  readonly rules: readonly object[];
  readonly reason: string | null;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

/** TypeORM's description of the table `identity_mappings`. */
export const identityMappingEntity = new EntitySchema<IdentityMappingRow>({
  name: 'IdentityMapping',
  tableName: 'identity_mappings',
  columns: {
    revision: { type: 'int', primary: true },
    rules: largeJsonColumn,
    reason: { ...word(1000), nullable: true },
    changedAtMs: { ...msColumn, name: 'changed_at' },
    changedBy: { ...word(128), name: 'changed_by' },
  },
});
