import type { Access } from '../domain/access.js';
import type { CloseReason } from '../domain/grant.js';
import type { CredentialMode, Flavour, TargetEndpoint, TargetReport } from '../domain/target.js';
import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { ErrorCode } from '../kernel/errors.js';
import type { RecordedValue, Verdict } from '../recording/entries.js';
import type { CredentialVerifier } from '../wire/mysql/auth.js';

/**
 * What the gateway needs from the rest of the broker, in its own words. `apps/gateway` builds the adapters; nothing
 * below `gateway/` knows a database, a queue or a framework.
 */

/** Everything the gateway must know to hold one grant. */
export interface GrantOrder {
  readonly id: GrantId;
  readonly principal: { readonly id: string; readonly name: string; readonly kind: string };
  readonly task: { readonly title: string; readonly reference?: string };
  readonly access: readonly Access[];
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** The account to make on the target; with static credentials none is made. Always the endpoint's user name. */
  readonly taskAccount: string;
  readonly database: string | null;
  readonly sessionsMax: number;
  readonly target: {
    readonly id: string;
    readonly name: string;
    readonly endpoint: TargetEndpoint;
    readonly credentials: CredentialMode;
    /** Decrypted only in the gateway and the reaper. */
    readonly login: { readonly username: string; readonly password: string };
    readonly report: TargetReport;
  };
}

/** A grant that someone asked to end; the gateway learns of it by message or by asking. */
export interface CloseRequest {
  readonly id: GrantId;
  readonly reason: CloseReason;
  readonly by: string | null;
}

/** The state of grants, as the gateway sees it. Every change is a conditional update: false means someone was first. */
export interface GrantAuthority {
  /** Takes a requested grant for this gateway; undefined when it is taken, cancelled or past its deadline. */
  claim(id: GrantId, gateway: GatewayId): Promise<GrantOrder | undefined>;
  /** requested → active, with where the endpoint is. */
  activate(
    id: GrantId,
    endpoint: { readonly host: string; readonly port: number; readonly caPem: string },
  ): Promise<boolean>;
  /** requested → refused: opening failed and nothing is left. */
  refuse(id: GrantId, code: ErrorCode, detail: string | undefined): Promise<boolean>;
  /** active → closing, by the gateway's own clock or a fault. */
  beginClose(id: GrantId, reason: CloseReason): Promise<boolean>;
  /** Marks that the task account is gone and the recording's last entry is written; the worker seals. */
  ended(id: GrantId): Promise<void>;
  /** What a login is checked against; undefined while the connection has not been shown. */
  credentialVerifier(id: GrantId): Promise<CredentialVerifier | undefined>;
  /** Renews this gateway's lease and gives the grants of this gateway that someone asked to close. */
  renewLease(gateway: GatewayId): Promise<readonly CloseRequest[]>;
}

/** A statement as the judge sees it. */
export interface JudgedStatement {
  readonly command: 'COM_QUERY' | 'COM_STMT_PREPARE' | 'COM_STMT_EXECUTE';
  /** The text's bytes; for an execution, those of the statement that was prepared. */
  readonly text: Buffer;
  readonly values: readonly RecordedValue[] | undefined;
  readonly database: string | null;
  readonly flavour: Flavour;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly policies: readonly string[];
  readonly fingerprint: string | null;
}

/** The policy's answer to a statement: synchronous, because it stands between a chunk and its forwarding. */
export interface Policy {
  judge(statement: JudgedStatement): Judgement;
}

/** Structured log; values never hold statements, rows or credentials. */
export interface GatewayLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
