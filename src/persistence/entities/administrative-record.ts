import { EntitySchema } from 'typeorm';
import { msColumn, word } from '../state/columns.js';

/** The driver reads BIGINT as text; entries are counted, and no record has 2^53 of them. */
const seqColumn = msColumn;

/** An entry as it is stored. All but the line and its hash stands there again, to be searched by. */
export interface RecordEntryRow {
  readonly seq: number;
  readonly atMs: number;
  readonly act: string;
  readonly principalName: string | null;
  readonly subjectKind: string;
  readonly subjectName: string;
  /** What the chain covers. */
  readonly line: string;
  /** The chain hash of the line. */
  readonly hash: string;
}

/** The one row that says where the chain stands: who writes an entry locks it. */
export interface RecordHeadRow {
  readonly id: number;
  readonly seq: number;
  readonly hash: string;
}

/** Where the chain stood, as a worker has signed it. */
export interface RecordCheckpointRow {
  readonly seq: number;
  readonly atMs: number;
  readonly jws: string;
}

/** Something that is one entry however often it happens until a time. */
export interface RecordRepeatRow {
  /** SHA-256 of what makes it the same, hex. */
  readonly keyHash: string;
  readonly untilMs: number;
  /** How often it has happened since its entry. */
  readonly more: number;
  /** What the entry of all those says; null where nobody needs it. */
  readonly facts: string | null;
}

/** TypeORM's description of the table `record_entries`. */
export const recordEntryEntity = new EntitySchema<RecordEntryRow>({
  name: 'RecordEntry',
  tableName: 'record_entries',
  columns: {
    seq: { ...seqColumn, primary: true },
    atMs: { ...msColumn, name: 'at' },
    act: word(64),
    principalName: { ...word(200), name: 'principal_name', nullable: true },
    subjectKind: { ...word(32), name: 'subject_kind' },
    subjectName: { ...word(300), name: 'subject_name' },
    line: { type: 'mediumtext' },
    hash: { type: 'char', length: 64 },
  },
  indices: [
    { name: 'record_entries_at', columns: ['atMs', 'seq'] },
    { name: 'record_entries_act', columns: ['act', 'seq'] },
    { name: 'record_entries_principal', columns: ['principalName', 'seq'] },
    { name: 'record_entries_subject', columns: ['subjectName', 'seq'] },
  ],
});

/** TypeORM's description of the table `record_head`. */
export const recordHeadEntity = new EntitySchema<RecordHeadRow>({
  name: 'RecordHead',
  tableName: 'record_head',
  columns: { id: { type: 'int', primary: true }, seq: seqColumn, hash: { type: 'char', length: 64 } },
});

/** TypeORM's description of the table `record_checkpoints`. */
export const recordCheckpointEntity = new EntitySchema<RecordCheckpointRow>({
  name: 'RecordCheckpoint',
  tableName: 'record_checkpoints',
  columns: { seq: { ...seqColumn, primary: true }, atMs: { ...msColumn, name: 'at' }, jws: { type: 'text' } },
});

/** TypeORM's description of the table `record_repeats`. */
export const recordRepeatEntity = new EntitySchema<RecordRepeatRow>({
  name: 'RecordRepeat',
  tableName: 'record_repeats',
  columns: {
    keyHash: { type: 'char', length: 64, name: 'key_hash', primary: true },
    untilMs: { ...msColumn, name: 'until_at' },
    more: { type: 'int' },
    facts: { type: 'mediumtext', nullable: true },
  },
  indices: [{ name: 'record_repeats_until', columns: ['untilMs'] }],
});
