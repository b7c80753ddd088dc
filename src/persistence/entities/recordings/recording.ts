import { EntitySchema } from 'typeorm';
import type { GrantId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** A sealed recording as it is stored; while a grant lives its recording is only a directory. */
export interface RecordingRow {
  readonly grantId: GrantId;
  readonly principalName: string;
  readonly targetName: string;
  readonly entries: number;
  readonly statements: number;
  /** Size of the sealed file. */
  readonly bytes: number;
  /** Of the sealed file, hex. */
  readonly sha256: string;
  readonly keyId: string;
  readonly interrupted: boolean;
  readonly openedAtMs: number;
  readonly sealedAtMs: number;
  /** Of the last verification on the server: when, by whom, whether all held. Null: there was none. */
  readonly verifiedAtMs: number | null;
  readonly verifiedBy: string | null;
  readonly verifiedOk: boolean | null;
  /** When its statements are to be put into the index; null: they are there. */
  readonly indexDueAtMs: number | null;
}

/** TypeORM's description of the table `recordings`. */
export const recordingEntity = new EntitySchema<RecordingRow>({
  name: 'Recording',
  tableName: 'recordings',
  columns: {
    grantId: { ...ulidColumn, name: 'grant_id', primary: true },
    principalName: { ...word(128), name: 'principal_name' },
    targetName: { ...word(64), name: 'target_name' },
    entries: { type: 'int' },
    statements: { type: 'int' },
    bytes: msColumn,
    sha256: word(64),
    keyId: { ...word(100), name: 'key_id' },
    interrupted: { type: 'boolean' },
    openedAtMs: { ...msColumn, name: 'opened_at' },
    sealedAtMs: { ...msColumn, name: 'sealed_at' },
    verifiedAtMs: { ...msColumn, name: 'verified_at', nullable: true },
    verifiedBy: { ...word(128), name: 'verified_by', nullable: true },
    verifiedOk: { name: 'verified_ok', type: 'boolean', nullable: true },
    indexDueAtMs: { ...msColumn, name: 'index_due_at', nullable: true, default: 0 },
  },
  indices: [
    { name: 'recordings_principal_name', columns: ['principalName', 'grantId'] },
    { name: 'recordings_target_name', columns: ['targetName', 'grantId'] },
    { name: 'recordings_index_due', columns: ['indexDueAtMs'] },
  ],
});
