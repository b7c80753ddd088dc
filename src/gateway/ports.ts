import type {
  ApprovalScope,
  ApprovalState,
  Decision,
  HoldTerms,
  OperationExcerpt,
  OperationPreview,
  Withdrawal,
} from '../domain/approval.js';
import type { AskedContext } from '../domain/asked-context.js';
import type { CloseReason, OnHold } from '../domain/grant.js';
import type { Sponsor } from '../domain/identity/sign-in.js';
import type { ProtocolName, ProtocolValue, Verifier } from '../domain/protocol-value.js';
import type { CredentialMode, TargetEndpoint, TargetReport } from '../domain/target.js';
import type { ApprovalId, GatewayId, GrantId } from '../kernel/brand.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { PolicySet } from '../policy/policy-set.js';

/**
 * What the gateway needs from the rest of the broker, in its own words. `apps/gateway` builds the adapters; nothing
 * below `gateway/` knows a database, a queue or a framework.
 */

/** Everything the gateway must know to hold one grant. */
export interface GrantOrder {
  readonly id: GrantId;
  readonly principal: { readonly id: string; readonly name: string; readonly kind: string };
  /** Who answers for the agent, where that is known. */
  readonly sponsor?: Sponsor;
  readonly task: { readonly title: string; readonly reference?: string };
  readonly access: readonly ProtocolValue[];
  readonly onHold: OnHold;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** The account to make on the target; with static credentials none is made. Always the endpoint's user name. */
  readonly taskAccount: string;
  readonly database: string | null;
  readonly sessionsMax: number;
  readonly target: {
    readonly id: string;
    readonly name: string;
    readonly protocol: ProtocolName;
    readonly endpoint: TargetEndpoint;
    readonly credentials: CredentialMode;
    /** Decrypted only in the gateway and the reaper. */
    readonly login: { readonly username: string; readonly password: string };
    readonly labels: Readonly<Record<string, string>>;
    /** As the protocol's inspection gave it. */
    readonly report: TargetReport & ProtocolValue;
  };
}

/** A grant that someone asked to end; the gateway learns of it by message or by asking. */
export interface CloseRequest {
  readonly id: GrantId;
  readonly reason: CloseReason;
  readonly by: string | null;
}

/** What a gateway learns when it renews its lease. */
export interface LeaseNews {
  /** Its grants that someone asked to close. */
  readonly closing: readonly CloseRequest[];
  /** The operator who asked it to drain; undefined when nobody did. */
  readonly drainAskedBy: string | undefined;
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
  credentialVerifier(id: GrantId): Promise<Verifier | undefined>;
  /** Renews this gateway's lease, and says for how long it still drains; null while it takes new grants. */
  renewLease(gateway: GatewayId, drainMsLeft: number | null): Promise<LeaseNews>;
}

/** The policies that are in force on all gateways. */
export interface PolicySource {
  /** Undefined when it cannot be known what is in force now: then everything is denied (`policy_unavailable`). */
  current(): PolicySet | undefined;
}

/** A held operation, as it is put to people. */
export interface ApprovalQuestion {
  readonly grant: GrantId;
  /** SHA-256, hex, over all that makes an operation what it is: the same one asks once. */
  readonly operationKey: string;
  /**
   * For an operation outside of any transaction: how the same one is named inside of one. Its transaction may have been
   * rolled back while people were asked, so what is decided then counts for one run of the operation on its own.
   */
  readonly keyInTransaction: string | null;
  /** SHA-256, hex, over what operations of its shape have in common; null when no shape can be approved. */
  readonly shapeKey: string | null;
  readonly session: number;
  readonly operation: number;
  readonly excerpt: OperationExcerpt & ProtocolValue;
  /** What the task had done before; absent where its protocol does not follow that. */
  readonly context?: AskedContext;
  /** All of what is asked, for those who decide. */
  readonly body: ProtocolValue;
  readonly policies: readonly string[];
  readonly policyVersion: string;
  readonly why: string;
  readonly terms: HoldTerms;
  readonly inTransaction: boolean;
  /** Its client waits for the decision; else it is told to come again. */
  readonly waits: boolean;
  /** Milliseconds since the epoch: the hold's time or the grant's deadline, what comes first. */
  readonly expiresAtMs: number;
}

/** Previews are read by people; one of more than this as JSON is not stored. */
export const PREVIEW_BYTES_MAX = 1024 * 1024;

/** Where an approval stands. */
export interface ApprovalReport {
  readonly id: ApprovalId;
  readonly state: ApprovalState;
  /** True when the operation had been asked before and this is the question that was found. */
  readonly again: boolean;
  readonly decisions: readonly Decision[];
  /** Approvals that were taken back, the first one first. */
  readonly withdrawals: readonly Withdrawal[];
  /** How far it reaches, once approved. */
  readonly scope: ApprovalScope | null;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/**
 * Where questions about held operations go, kept in the state database: they outlive sessions, processes and Redis.
 * @throws BrokerError `state_unavailable` from every call; what is held stays held then
 */
export interface ApprovalDesk {
  /**
   * Finds what this grant asked about the same operation, or an approval of its shape with runs left, else asks again. A
   * denial or a withdrawal is found for the rest of the grant; one that timed out, was used or cancelled is not.
   * @throws BrokerError `approvals_over_limit`
   */
  ask(question: ApprovalQuestion): Promise<ApprovalReport>;
  /**
   * Adds what the preview found; approvers see that it is on its way until then.
   * @throws BrokerError `payload_too_large` for one of more than {@link PREVIEW_BYTES_MAX}
   */
  show(id: ApprovalId, preview: OperationPreview & ProtocolValue): Promise<void>;
  /**
   * Resolves when the approval is no longer pending; rejects with the signal's reason. Anyone who looks at the approval sees
   * that somebody waits meanwhile, and that nobody does any more once the signal was aborted, be it before the call.
   */
  settled(id: ApprovalId, signal: AbortSignal): Promise<ApprovalReport>;
  /** Takes one use of an approval, in the state database: the one who gets true forwards the operation, nobody else ever. */
  use(id: ApprovalId): Promise<boolean>;
}

/** Structured log; values never hold statements, rows or credentials. */
export interface GatewayLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
