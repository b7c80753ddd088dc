import type { Verdict } from '../../domain/verdict.js';

/**
 * The entries of a recording: what a line of `entries.jsonl` says after its chain fields. docs/recording-format.md is
 * the specification; this file is its types.
 */

/** Times are RFC 3339, UTC, with six digits of a second. Durations are microseconds. */
export type Timestamp = string;

export interface AccessRule {
  readonly database: string;
  /** Absent: every table of the database. */
  readonly tables?: readonly string[];
  readonly privileges: readonly string[];
}

export interface GrantOpened {
  readonly type: 'grant.opened';
  readonly format: 1;
  readonly grant: string;
  readonly principal: { readonly id: string; readonly name: string; readonly kind: string };
  readonly task: { readonly title: string; readonly reference?: string };
  readonly target: { readonly id: string; readonly name: string; readonly flavour: string; readonly version: string };
  /** The database account of this grant; null when the target uses a fixed account. */
  readonly taskAccount: string | null;
  readonly access: readonly AccessRule[];
  readonly deadline: Timestamp;
  readonly policyVersion: string | null;
  readonly gateway: string;
}

export interface ClientAddress {
  readonly address: string;
  readonly port: number;
}

export interface SessionOpened {
  readonly type: 'session.opened';
  /** Numbers the sessions of this grant from 1. */
  readonly session: number;
  readonly client: ClientAddress;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** The capability flags that both legs of this session use, needed to decode its responses. */
  readonly capabilities: number;
  readonly collation: number;
  readonly database: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** The target's own id of the connection. */
  readonly targetThread: number;
}

export interface SessionRefused {
  readonly type: 'session.refused';
  readonly client: ClientAddress;
  /** A code of docs/errors.md. */
  readonly code: string;
  readonly detail?: string;
}

export interface SessionClosed {
  readonly type: 'session.closed';
  readonly session: number;
  readonly reason: 'client-quit' | 'client-gone' | 'target-gone' | 'grant-closed' | 'killed' | 'refused' | 'failed';
  /** A code of docs/errors.md, when something was wrong. */
  readonly code?: string;
  readonly detail?: string;
}

/** A value bound to a prepared statement. Without `encoding`, a string is the value's text. */
export interface RecordedValue {
  readonly type: string;
  readonly unsigned?: true;
  readonly value: string | number | null;
  readonly encoding?: 'base64';
}

/**
 * Rows of values that a prepared statement was executed with at once. Of a value the type is that of its place in
 * `types`; without `base64` a string is the value's text; `indicator` stands in place of a value: the column's default,
 * or that the column is left as it is.
 */
export interface RecordedBulk {
  readonly types: readonly Pick<RecordedValue, 'type' | 'unsigned'>[];
  readonly rows: readonly (readonly RecordedBulkValue[])[];
}

export type RecordedBulkValue =
  string | number | null | { readonly base64: string } | { readonly indicator: 'default' | 'ignore' };

/**
 * Text exactly as sent: `text` when it is valid UTF-8, else its bytes. `characterSet` is there when the session's texts
 * were not UTF-8, by the name that servers give it; then the bytes are what a text beyond ASCII is recorded as.
 */
export type StatementText = { readonly text: string } | { readonly textBase64: string; readonly characterSet?: string };

interface StatementFields {
  readonly type: 'statement';
  readonly session: number;
  /** Numbers the statements of this grant from 1, across its sessions. */
  readonly statement: number;
  readonly command: 'COM_QUERY' | 'COM_STMT_PREPARE' | 'COM_STMT_EXECUTE' | 'COM_STMT_BULK_EXECUTE';
  /** The session's database when the statement was sent, as far as the broker saw it change. */
  readonly database: string | null;
  readonly verdict: Verdict;
  readonly policies: readonly string[];
  readonly fingerprint: string | null;
  /** For COM_STMT_EXECUTE and COM_STMT_BULK_EXECUTE: the number of the statement that prepared it. */
  readonly prepared?: number;
  /** For COM_STMT_EXECUTE. */
  readonly values?: readonly RecordedValue[];
  /** For COM_STMT_BULK_EXECUTE. */
  readonly bulk?: RecordedBulk;
  /** Why it was held or denied, in plain words. */
  readonly why?: string;
}

export type StatementEntry = StatementFields & StatementText;

/** An allowed command that carries no statement, such as COM_PING or COM_INIT_DB. */
export interface CommandEntry {
  readonly type: 'command';
  readonly session: number;
  readonly command: string;
  /** The argument of COM_INIT_DB and COM_FIELD_LIST, or the prepared statement's number. */
  readonly argument?: string;
}

export interface CommandRefused {
  readonly type: 'command.refused';
  readonly session: number;
  readonly command: string;
  readonly code: string;
  readonly payloadBytes: number;
  /** The first bytes of the payload, hex. */
  readonly head: string;
}

export type ResultPart =
  | {
      readonly kind: 'ok';
      readonly affectedRows: number | string;
      readonly lastInsertId: number | string;
      readonly warnings: number;
    }
  | { readonly kind: 'rows'; readonly columns: number; readonly rows: number; readonly warnings: number };

/** Where the response's bytes are: as the client was sent them, packet headers included. */
export interface ResponseReference {
  /** Bytes the client was sent. */
  readonly bytes: number;
  /** Bytes kept, from the start; fewer than `bytes` when a limit cut the rest. */
  readonly kept: number;
  /** SHA-256 over all `bytes`, hex. */
  readonly sha256: string;
  /** Segment number from 1, and offset in its uncompressed bytes; 0 and 0 when nothing was kept. */
  readonly segment: number;
  readonly offset: number;
}

export interface ResultEntry {
  readonly type: 'result';
  readonly session: number;
  /** The statement it answers; absent for a command entry such as COM_STMT_FETCH. */
  readonly statement?: number;
  readonly command: string;
  /** `unknown`: the statement was forwarded and its answer never came. */
  readonly outcome: 'ok' | 'error' | 'unknown';
  readonly results: readonly ResultPart[];
  readonly error?: { readonly errno: number; readonly sqlState: string; readonly message: string };
  readonly durationUs: number;
  readonly response?: ResponseReference;
}

export type CloseReason = 'completed' | 'expired' | 'revoked' | 'drained' | 'failed';

export interface GrantClosing {
  readonly type: 'grant.closing';
  readonly reason: CloseReason;
  /** The principal's name who asked for it, or null for a deadline or a fault. */
  readonly by: string | null;
}

/** The last entry: how the grant ended at the database. */
export interface GrantClosed {
  readonly type: 'grant.closed';
  readonly reason: CloseReason;
  /** True when the gateway that held the grant died and the reaper closed the recording. */
  readonly interrupted: boolean;
  readonly account: {
    /** `none`: a fixed account or none was made. `gone`: looked, and it is not there. */
    readonly state: 'none' | 'gone';
    readonly threadsKilled: number;
    readonly xaRolledBack: readonly string[];
  };
}

/** A held statement's question was put to people, or found to be waiting already. */
export interface ApprovalAsked {
  readonly type: 'approval.asked';
  readonly session: number;
  readonly statement: number;
  readonly approval: string;
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly expires: Timestamp;
  /** True when an earlier statement of this grant had asked it. */
  readonly again: boolean;
}

/** How the waiting of a held statement ended. */
export interface ApprovalDecided {
  readonly type: 'approval.decided';
  readonly session: number;
  readonly statement: number;
  readonly approval: string;
  /** `abandoned`: the client went away while it waited; the question stays. */
  readonly outcome: 'approved' | 'denied' | 'timed-out' | 'cancelled' | 'abandoned';
  readonly decisions: readonly {
    readonly by: string;
    readonly decision: 'approve' | 'deny';
    readonly reason: string | null;
    readonly at: Timestamp;
    /** The key or sign-in by which the person was known; absent where it was not kept. */
    readonly decidedWith?: string;
  }[];
  readonly scope?: string;
}

/**
 * A statement that did not go to the target at once does now: it was held, or needs privileges or a row limit of its
 * own. Written before its bytes leave.
 */
export interface Forwarded {
  readonly type: 'forwarded';
  readonly session: number;
  readonly statement: number;
  readonly approval?: string;
  /** Privileges the task account has for this statement alone, as GRANT spells them: `UPDATE ON shop.orders`. */
  readonly privileges?: readonly string[];
  /** It runs in a transaction or savepoint of the gateway's and is rolled back when it changes more rows. */
  readonly rowsMax?: number;
}

export type EntryBody =
  | ApprovalAsked
  | ApprovalDecided
  | Forwarded
  | GrantOpened
  | SessionOpened
  | SessionRefused
  | SessionClosed
  | StatementEntry
  | CommandEntry
  | CommandRefused
  | ResultEntry
  | GrantClosing
  | GrantClosed;

/** The chain fields that begin every line, in this order. */
export interface ChainFields {
  /** 1 for the first line. */
  readonly seq: number;
  /** SHA-256 of the line before without its newline, hex; 64 zeros for the first line. */
  readonly prev: string;
  readonly at: Timestamp;
  /** Microseconds on the writer's monotonic clock since the first line; not comparable after an interruption. */
  readonly mono: number;
}

export type Entry = ChainFields & EntryBody;
