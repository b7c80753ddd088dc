import { EntitySchema } from 'typeorm';
import type { CredentialMode, TargetLimits, TargetLook, TargetReport, TargetTls } from '../../../domain/target.js';
import type { ProtocolName, ProtocolValue } from '../../../domain/protocol-value.js';
import type { TargetId } from '../../../kernel/brand.js';
import { jsonColumn, msColumn, protocolColumn, ulidColumn, word } from '../../state/columns.js';

/** A target as it is stored. */
export interface TargetRow {
  readonly id: TargetId;
  readonly name: string;
  readonly protocol: ProtocolName;
  /** Counts the changes: a change is written only over the revision it was made from. */
  readonly revision: number;
  readonly host: string;
  readonly port: number;
  readonly tls: TargetTls;
  readonly credentials: CredentialMode;
  readonly username: string;
  /** A JWE that only gateways and workers can open; null when the endpoint changed since. */
  readonly sealedPassword: string | null;
  readonly defaultDatabase: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: TargetLimits & ProtocolValue;
  /** What the last inspection saw; null when there was none since the endpoint changed. */
  readonly report: (TargetReport & ProtocolValue) | null;
  readonly createdAtMs: number;
  /** How it went when a gateway was last asked to look; null when none was since the endpoint changed. */
  readonly lastLook: TargetLook | null;
}

/** TypeORM's description of the table `targets`. */
export const targetEntity = new EntitySchema<TargetRow>({
  name: 'Target',
  tableName: 'targets',
  columns: {
    id: { ...ulidColumn, primary: true },
    name: word(64),
    protocol: protocolColumn,
    revision: { type: 'int' },
    host: word(255),
    port: { type: 'int' },
    tls: jsonColumn,
    credentials: word(20),
    username: word(128),
    sealedPassword: { name: 'sealed_password', type: 'text', nullable: true },
    defaultDatabase: { ...word(64), name: 'default_database', nullable: true },
    labels: jsonColumn,
    limits: jsonColumn,
    report: { ...jsonColumn, nullable: true },
    createdAtMs: { ...msColumn, name: 'created_at' },
    lastLook: { ...jsonColumn, name: 'last_look', nullable: true },
  },
  indices: [{ name: 'targets_name', columns: ['name'], unique: true }],
});
