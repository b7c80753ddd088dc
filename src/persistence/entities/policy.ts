import { EntitySchema } from 'typeorm';
import { msColumn, word } from '../state/columns.js';

/** A policy that is in force. */
export interface PolicyRow {
  readonly name: string;
  readonly text: string;
  /** The revision of all policies that brought this text. */
  readonly revision: number;
  /** The name of the one who wrote it; null for the bundle that comes with the broker. */
  readonly updatedBy: string | null;
  readonly updatedAtMs: number;
}

/** What one change made of a policy. */
export interface PolicyVersionRow {
  readonly revision: number;
  readonly name: string;
  /** Null: it was deleted. */
  readonly text: string | null;
  readonly changedBy: string | null;
  readonly changedAtMs: number;
  /** Why, as the one who changed it said; null where nobody did. */
  readonly reason: string | null;
}

/** The one row that every change counts up: its condition is the lock of all policies. */
export interface PolicyStateRow {
  readonly id: number;
  readonly revision: number;
}

/** TypeORM's description of the table `policies`. */
export const policyEntity = new EntitySchema<PolicyRow>({
  name: 'Policy',
  tableName: 'policies',
  columns: {
    name: { ...word(64), primary: true },
    text: { type: 'mediumtext' },
    revision: { type: 'int' },
    updatedBy: { ...word(128), name: 'updated_by', nullable: true },
    updatedAtMs: { ...msColumn, name: 'updated_at' },
  },
});

/** TypeORM's description of the table `policy_versions`. */
export const policyVersionEntity = new EntitySchema<PolicyVersionRow>({
  name: 'PolicyVersion',
  tableName: 'policy_versions',
  columns: {
    revision: { type: 'int', primary: true },
    name: word(64),
    text: { type: 'mediumtext', nullable: true },
    changedBy: { ...word(128), name: 'changed_by', nullable: true },
    changedAtMs: { ...msColumn, name: 'changed_at' },
    reason: { ...word(1_000), nullable: true },
  },
  indices: [{ name: 'policy_versions_name', columns: ['name', 'revision'] }],
});

/** TypeORM's description of the table `policy_state`. */
export const policyStateEntity = new EntitySchema<PolicyStateRow>({
  name: 'PolicyState',
  tableName: 'policy_state',
  columns: {
    id: { type: 'int', primary: true },
    revision: { type: 'int' },
  },
});
