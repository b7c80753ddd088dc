import type { CloseReason } from '../../domain/grant.js';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import type { ProtocolName, ProtocolValue } from '../../domain/protocol-value.js';
import type { Verdict } from '../../domain/verdict.js';

/**
 * The entries of a recording: what a line of `entries.jsonl` says after its chain fields, in the form of format 2. Lines
 * of format 1 are read into the same form. docs/recording-format.md is the specification; this file is its types.
 *
 * An entry is an envelope that every protocol has in common. What only the target's protocol knows stands under `body`.
 */

/** Times are RFC 3339, UTC, with six digits of a second. Durations are microseconds. */
export type Timestamp = string;

/** The format of the lines that this version writes. */
export const FORMAT = 2;

export interface GrantOpened<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'grant.opened';
  /** Of the lines in the file: those of format 1 have other names and no `body`. */
  readonly format: 1 | 2;
  readonly grant: string;
  readonly principal: { readonly id: string; readonly name: string; readonly kind: string };
  /** Who answers for the agent, where that is known; `isClaim`: its token says so. */
  readonly sponsor?: Sponsor;
  readonly task: { readonly title: string; readonly reference?: string };
  readonly target: {
    readonly id: string;
    readonly name: string;
    /** Says who can read the bodies. */
    readonly protocol: ProtocolName;
    readonly flavour: string;
    readonly version: string;
  };
  /** The account of this grant on the target; null when the target uses a fixed account. */
  readonly taskAccount: string | null;
  readonly deadline: Timestamp;
  readonly policyVersion: string | null;
  readonly gateway: string;
  /** What the grant gives access to. */
  readonly body?: Body;
}

export interface ClientAddress {
  readonly address: string;
  readonly port: number;
}

export interface SessionOpened<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'session.opened';
  /** Numbers the sessions of this grant from 1. */
  readonly session: number;
  readonly client: ClientAddress;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** What both sides agreed on, which is needed to decode the session's bytes. */
  readonly body?: Body;
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

/** One thing that a client asked the target to do, judged and recorded as a whole: for a database, a statement. */
export interface OperationEntry<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'operation';
  readonly session: number;
  /** Numbers the operations of this grant from 1, across its sessions. */
  readonly operation: number;
  /** What the protocol calls it: `COM_QUERY`, `GET`, `exec`. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly policies: readonly string[];
  /** The same for operations that differ only in their values; null where the broker cannot tell. */
  readonly shape: string | null;
  /** Why it was held or denied, in plain words. */
  readonly why?: string;
  /** What was asked, exactly. */
  readonly body?: Body;
}

/** Something that the protocol let through and that is no operation of its own, such as COM_PING. */
export interface NoteEntry<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'note';
  readonly session: number;
  readonly name: string;
  readonly body?: Body;
}

/** Something that was turned away before it was judged. */
export interface RefusedEntry {
  readonly type: 'refused';
  readonly session: number;
  readonly name: string;
  readonly code: string;
  readonly payloadBytes: number;
  /** The first bytes of the payload, hex. */
  readonly head: string;
}

/** Where bytes of a leg are kept: in the segments, in the order of the entries that refer to them. */
export interface BytesReference {
  /** Bytes that there were. */
  readonly bytes: number;
  /** Bytes kept, from the start; fewer than `bytes` when a limit cut the rest. */
  readonly kept: number;
  /** SHA-256 over all `bytes`, hex. */
  readonly sha256: string;
  /** Segment number from 1, and offset in its uncompressed bytes; 0 and 0 when nothing was kept. */
  readonly segment: number;
  readonly offset: number;
}

export interface ResultEntry<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'result';
  readonly session: number;
  /** The operation it answers; absent when it answers a note such as COM_STMT_FETCH. */
  readonly operation?: number;
  /** The name of what it answers. */
  readonly name: string;
  /** `unknown`: the operation was forwarded and its answer never came. */
  readonly outcome: 'ok' | 'error' | 'unknown';
  readonly durationUs: number;
  /** What the client sent of the operation beyond its body. */
  readonly request?: BytesReference;
  /** What the client was sent, as the wire had it. */
  readonly response?: BytesReference;
  readonly body?: Body;
}

/** Bytes that go one way for as long as they come: a terminal, a websocket, a copy. */
export interface StreamEntry<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'stream';
  readonly session: number;
  /** The operation that began it; absent for one that the session has of its own. */
  readonly operation?: number;
  /** Tells the streams of a session apart: `stdout`, a channel's number. */
  readonly channel: string;
  readonly direction: 'to-client' | 'to-target';
  /** From the first of its bytes to the last. */
  readonly durationUs: number;
  /** Absent for what has no bytes, such as a change of a terminal's size. */
  readonly data?: BytesReference;
  readonly body?: Body;
}

export interface GrantClosing {
  readonly type: 'grant.closing';
  readonly reason: CloseReason;
  /** The principal's name who asked for it, or null for a deadline or a fault. */
  readonly by: string | null;
}

/** How a grant ended at its target. */
export interface EndOfAccess<Body extends ProtocolValue = ProtocolValue> {
  readonly account: {
    /** `none`: a fixed account or none was made. `gone`: looked, and it is not there. */
    readonly state: 'none' | 'gone';
  };
  /** What else was undone there. */
  readonly body?: Body;
}

/** The last entry. */
export interface GrantClosed<Body extends ProtocolValue = ProtocolValue> extends EndOfAccess<Body> {
  readonly type: 'grant.closed';
  readonly reason: CloseReason;
  /** True when the gateway that held the grant died and the reaper closed the recording. */
  readonly interrupted: boolean;
}

/** A held operation's question was put to people, or found to be waiting already. */
export interface ApprovalAsked {
  readonly type: 'approval.asked';
  readonly session: number;
  readonly operation: number;
  readonly approval: string;
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly expires: Timestamp;
  /** True when an earlier operation of this grant had asked it. */
  readonly again: boolean;
}

/** How the waiting of a held operation ended. */
export interface ApprovalDecided {
  readonly type: 'approval.decided';
  readonly session: number;
  readonly operation: number;
  readonly approval: string;
  /**
   * `abandoned`: the client went away while it waited; the question stays. `withdrawn`: it had been approved, and somebody
   * took their approval back.
   */
  readonly outcome: 'approved' | 'denied' | 'timed-out' | 'cancelled' | 'withdrawn' | 'abandoned';
  readonly decisions: readonly {
    readonly by: string;
    readonly decision: 'approve' | 'deny';
    readonly reason: string | null;
    readonly at: Timestamp;
    /** The key or sign-in by which the person was known; absent where it was not kept. */
    readonly decidedWith?: string;
  }[];
  /** Approvals that were taken back; absent where there are none. */
  readonly withdrawals?: readonly {
    readonly by: string;
    readonly reason: string;
    readonly at: Timestamp;
    /** As `decidedWith`. */
    readonly withdrawnWith: string;
  }[];
  readonly scope?: string;
}

/**
 * An operation that did not go to the target at once does now: it was held, or needs access or a bound of its own. Written
 * before its bytes leave.
 */
export interface Forwarded<Body extends ProtocolValue = ProtocolValue> {
  readonly type: 'forwarded';
  readonly session: number;
  readonly operation: number;
  readonly approval?: string;
  /** What the task account has for this operation alone, as the target spells it: `UPDATE ON shop.orders`. */
  readonly given?: readonly string[];
  /** The bound that it runs under. */
  readonly body?: Body;
}

/** What an entry says after its chain fields. */
export type EntryFields =
  | ApprovalAsked
  | ApprovalDecided
  | Forwarded
  | GrantOpened
  | SessionOpened
  | SessionRefused
  | SessionClosed
  | OperationEntry
  | NoteEntry
  | RefusedEntry
  | ResultEntry
  | StreamEntry
  | GrantClosing
  | GrantClosed;

export type EntryType = EntryFields['type'];

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

export type Entry = ChainFields & EntryFields;

export type TypedEntry<T extends EntryType> = Extract<Entry, { type: T }>;

/** The bytes that an entry refers to, in the order in which the segments have them. */
export function referencesOf(entry: EntryFields): readonly BytesReference[] {
  if (entry.type === 'result') {
    const { request, response } = entry;
    if (request === undefined) return response === undefined ? NONE : [response];
    return response === undefined ? [request] : [request, response];
  }
  return entry.type === 'stream' && entry.data !== undefined ? [entry.data] : NONE;
}

const NONE: readonly BytesReference[] = [];
