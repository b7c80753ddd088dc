import { EntitySchema } from 'typeorm';
import type { PrincipalKind, Role } from '../../../domain/principal.js';
import type { PrincipalId } from '../../../kernel/brand.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';

/** A principal as it is stored. */
export interface PrincipalRow {
  readonly id: PrincipalId;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** Names of groups of which policies want decisions. */
  readonly groups: readonly string[];
  /** The person behind it, where two principals are one person's: the id of the first of them. Null: it stands alone. */
  readonly personId: PrincipalId | null;
  /** The identity provider that brought it; null: an operator made it. */
  readonly provider: string | null;
  /** What the provider last said, and has verified. */
  readonly email: string | null;
  readonly displayName: string | null;
  /** Groups that the identity mapping gave at the last sign-in, besides those that an operator gave. */
  readonly mappedGroups: readonly string[] | null;
  /** The name of the principal who answers for this agent. */
  readonly sponsor: string | null;
  /** Sessions of an earlier epoch have ended. */
  readonly sessionEpoch: number;
  readonly signedInAtMs: number | null;
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
    personId: { ...ulidColumn, name: 'person_id', nullable: true },
    provider: { ...word(32), nullable: true },
    email: { ...word(320), nullable: true },
    displayName: { ...word(200), name: 'display_name', nullable: true },
    mappedGroups: { ...jsonColumn, name: 'mapped_groups', nullable: true },
    sponsor: { ...word(128), nullable: true },
    sessionEpoch: { name: 'session_epoch', type: 'int', default: 0 },
    signedInAtMs: { ...msColumn, name: 'signed_in_at', nullable: true },
    createdAtMs: { ...msColumn, name: 'created_at' },
    disabledAtMs: { ...msColumn, name: 'disabled_at', nullable: true },
  },
  indices: [
    { name: 'principals_name', columns: ['name'], unique: true },
    { name: 'principals_person', columns: ['personId'] },
    { name: 'principals_email', columns: ['email'] },
  ],
});

/** What a principal has that an operator makes: no provider has brought it, and nobody has signed in as it. */
export const MADE_BY_OPERATOR = {
  personId: null,
  provider: null,
  email: null,
  displayName: null,
  mappedGroups: null,
  sponsor: null,
  sessionEpoch: 0,
  signedInAtMs: null,
} as const;

/** The person behind a principal: equal for two principals of one person. */
export function personOf({ id, personId }: Pick<PrincipalRow, 'id' | 'personId'>): PrincipalId {
  return personId ?? id;
}
