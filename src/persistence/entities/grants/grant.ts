import { EntitySchema } from 'typeorm';
import type { CloseReason, GrantState, OnHold } from '../../../domain/grant.js';
import type { Sponsor } from '../../../domain/identity/sign-in.js';
import type { PrincipalKind } from '../../../domain/principal.js';
import type { ProtocolName, ProtocolValue, Verifier } from '../../../domain/protocol-value.js';
import type { ApprovalId, GatewayId, GrantId } from '../../../kernel/brand.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import { jsonColumn, msColumn, protocolColumn, ulidColumn, word } from '../../state/columns.js';

/** A grant as it is stored. Times are milliseconds since the epoch. */
export interface GrantRow {
  readonly id: GrantId;
  readonly principalId: string;
  readonly principalName: string;
  readonly principalKind: PrincipalKind;
  /** Who answers for the agent; null where nobody is named. */
  readonly sponsor: Sponsor | null;
  readonly taskTitle: string;
  readonly taskReference: string | null;
  readonly targetId: string;
  readonly targetName: string;
  /** Of the target. */
  readonly protocol: ProtocolName;
  readonly access: readonly ProtocolValue[];
  /** The one a connection starts in. */
  readonly database: string | null;
  readonly ttlSeconds: number;
  readonly onHold: OnHold;
  readonly deadlineAtMs: number;
  readonly state: GrantState;
  readonly closeReason: CloseReason | null;
  /** The name of the one who closed it; null for a deadline or a fault. */
  readonly closedBy: string | null;
  readonly refuseCode: ErrorCode | null;
  readonly refuseDetail: string | null;
  /** Chosen before anything is made on the target, so that what was made can be found and dropped. */
  readonly taskAccount: string;
  /** What people were asked about this request; null when the policy lets it through by itself. */
  readonly approvalId: ApprovalId | null;
  /** When they approved it; the deadline counts from then, and before that no gateway may take it. */
  readonly approvedAtMs: number | null;
  /** The gateway that took the grant; never changes once set. */
  readonly gatewayId: GatewayId | null;
  readonly endpointHost: string | null;
  readonly endpointPort: number | null;
  readonly endpointCa: string | null;
  /** What its credential is checked against; null while nobody was shown one. */
  readonly verifier: Verifier | null;
  /** Where apis of the version before keep the same. */
  readonly nativeHash: Buffer | null;
  readonly cachingSha2Hash: Buffer | null;
  readonly connectionShownAtMs: number | null;
  /** When the MCP server of the api took the showing for itself; null: it did not, or the agent has been shown it since. */
  readonly connectionKeptAtMs: number | null;
  /** The worker that finishes a dead gateway's grant, and until when it has that to itself. */
  readonly reaperId: string | null;
  readonly reaperUntilMs: number | null;
  readonly requestedAtMs: number;
  readonly activeAtMs: number | null;
  readonly closingAtMs: number | null;
  /** The task account is gone and the recording has its last entry. */
  readonly endedAtMs: number | null;
  readonly sealedAtMs: number | null;
}

/** TypeORM's description of the table `grants`. */
export const grantEntity = new EntitySchema<GrantRow>({
  name: 'Grant',
  tableName: 'grants',
  columns: {
    id: { ...ulidColumn, primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    principalName: { ...word(128), name: 'principal_name' },
    principalKind: { ...word(20), name: 'principal_kind' },
    sponsor: { ...jsonColumn, nullable: true },
    taskTitle: { ...word(200), name: 'task_title' },
    taskReference: { ...word(500), name: 'task_reference', nullable: true },
    targetId: { ...ulidColumn, name: 'target_id' },
    targetName: { ...word(64), name: 'target_name' },
    protocol: protocolColumn,
    access: {
      type: 'mediumtext',
      transformer: {
        to: (access: readonly ProtocolValue[]) => JSON.stringify(access),
        from: (text: string): readonly ProtocolValue[] => JSON.parse(text),
      },
    },
    database: { ...word(64), name: 'start_database', nullable: true },
    ttlSeconds: { name: 'ttl_seconds', type: 'int' },
    onHold: { ...word(10), name: 'on_hold', default: 'wait' },
    deadlineAtMs: { ...msColumn, name: 'deadline_at' },
    state: word(20),
    closeReason: { ...word(20), name: 'close_reason', nullable: true },
    closedBy: { ...word(128), name: 'closed_by', nullable: true },
    refuseCode: { ...word(60), name: 'refuse_code', nullable: true },
    refuseDetail: { name: 'refuse_detail', type: 'text', nullable: true },
    taskAccount: { ...word(32), name: 'task_account' },
    approvalId: { ...ulidColumn, name: 'approval_id', nullable: true },
    approvedAtMs: { ...msColumn, name: 'approved_at', nullable: true },
    gatewayId: { ...ulidColumn, name: 'gateway_id', nullable: true },
    endpointHost: { ...word(255), name: 'endpoint_host', nullable: true },
    endpointPort: { name: 'endpoint_port', type: 'int', nullable: true },
    endpointCa: { name: 'endpoint_ca', type: 'text', nullable: true },
    verifier: { ...jsonColumn, nullable: true },
    nativeHash: { name: 'native_hash', type: 'varbinary', length: 20, nullable: true },
    cachingSha2Hash: { name: 'caching_sha2_hash', type: 'varbinary', length: 32, nullable: true },
    connectionShownAtMs: { ...msColumn, name: 'connection_shown_at', nullable: true },
    connectionKeptAtMs: { ...msColumn, name: 'connection_kept_at', nullable: true },
    reaperId: { ...ulidColumn, name: 'reaper_id', nullable: true },
    reaperUntilMs: { ...msColumn, name: 'reaper_until', nullable: true },
    requestedAtMs: { ...msColumn, name: 'requested_at' },
    activeAtMs: { ...msColumn, name: 'active_at', nullable: true },
    closingAtMs: { ...msColumn, name: 'closing_at', nullable: true },
    endedAtMs: { ...msColumn, name: 'ended_at', nullable: true },
    sealedAtMs: { ...msColumn, name: 'sealed_at', nullable: true },
  },
  indices: [
    { name: 'grants_task_account', columns: ['taskAccount'], unique: true },
    { name: 'grants_principal_id', columns: ['principalId', 'id'] },
    { name: 'grants_principal_name', columns: ['principalName', 'id'] },
    { name: 'grants_target_name', columns: ['targetName', 'id'] },
    { name: 'grants_target_id', columns: ['targetId', 'state'] },
    { name: 'grants_protocol', columns: ['protocol', 'id'] },
    { name: 'grants_state', columns: ['state', 'id'] },
    { name: 'grants_gateway', columns: ['gatewayId', 'state'] },
  ],
});
