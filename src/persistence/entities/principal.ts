import { EntitySchema } from 'typeorm';
import type { PrincipalKind, Role } from '../../domain/principal.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../state/columns.js';

/** A principal as it is stored. */
export interface PrincipalRow {
  readonly id: PrincipalId;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** Names of groups of which policies want decisions. */
  readonly groups: readonly string[];
  readonly createdAtMs: number;
  readonly disabledAtMs: number | null;
}

/** TypeORM's description of the table `principals`. */
export const principalEntity = new EntitySchema<PrincipalRow>({
  name: 'Principal',
  tableName: 'principals',
  columns: {
    id: { ...ulidColumn, primary: true },
    name: word(128),
    kind: word(20),
    roles: jsonColumn,
    groups: { ...jsonColumn, name: 'group_names' },
    createdAtMs: { ...msColumn, name: 'created_at' },
    disabledAtMs: { ...msColumn, name: 'disabled_at', nullable: true },
  },
  indices: [{ name: 'principals_name', columns: ['name'], unique: true }],
});
