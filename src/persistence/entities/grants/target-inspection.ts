import { EntitySchema } from 'typeorm';
import type { ProtocolName } from '../../../domain/protocol-value.js';
import type { CredentialMode, TargetTls } from '../../../domain/target.js';
import { largeJsonColumn, msColumn, ulidColumn } from '../../state/columns.js';

/** What a gateway looks at, and with what it logs in there; the target's limits stand beside these, by their own names. */
export interface InspectionRequest {
  /** Absent when the api that asks is of a version that knew one protocol. */
  readonly protocol?: ProtocolName;
  readonly targetId: string;
  readonly host: string;
  readonly port: number;
  readonly tls: TargetTls;
  readonly username: string;
  /** A JWE that only gateways and workers can open. */
  readonly sealedPassword: string;
  readonly credentials: CredentialMode;
  readonly defaultDatabase: string | null;
}

/** A look at a target that somebody waits for; it is gone when they have the answer. */
export interface TargetInspectionRow {
  readonly id: string;
  readonly request: InspectionRequest;
  /** What the gateway found, as JSON; anyone who reads it parses it. */
  readonly answer: object | null;
  readonly expiresAtMs: number;
  readonly takenAtMs: number | null;
}

/** TypeORM's description of the table `target_inspections`. */
export const targetInspectionEntity = new EntitySchema<TargetInspectionRow>({
  name: 'TargetInspection',
  tableName: 'target_inspections',
  columns: {
    id: { ...ulidColumn, primary: true },
    request: largeJsonColumn,
    answer: { ...largeJsonColumn, nullable: true },
    expiresAtMs: { ...msColumn, name: 'expires_at' },
    takenAtMs: { ...msColumn, name: 'taken_at', nullable: true },
  },
  indices: [{ name: 'target_inspections_expires', columns: ['expiresAtMs'] }],
});
