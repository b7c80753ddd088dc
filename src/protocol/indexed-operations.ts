import type { ProtocolValue } from '../domain/protocol-value.js';
import type { Entry, TypedEntry } from '../recording/entries/entries.js';

/** What the index of statements has of an operation besides its envelope. */
export interface IndexedOperation {
  /** What it is in few words of the protocol, such as `select`; `unknown` where it was not understood. */
  readonly kind: string;
  /** Where it ran; null where the protocol has no such thing or none was chosen. */
  readonly database: string | null;
  /** What it touches by its text alone, each once: `shop.orders`. */
  readonly tables: readonly string[];
  /** As it was sent, whole. */
  readonly text: string;
  /** The text without its values, so that operations which differ only in these have the same. */
  readonly wording: string;
  /** What was sent with the text and bound to it, one value a line; null: nothing. */
  readonly bound: string | null;
  /** Whether it ran in a transaction that was open before it; null: not known. */
  readonly inTransaction: boolean | null;
}

/** What the index has of how an operation ended besides the envelope of its result. */
export interface IndexedResult {
  /** Rows that it read and that it changed; null: not known, or it does not do that. */
  readonly rows: number | null;
  readonly changed: number | null;
  /** As the protocol names it; null: none. */
  readonly error: { readonly code: string; readonly state: string | null } | null;
}

/**
 * Reads one recording for the index, entry by entry in order. It may be made again in the middle of the recording, by
 * what it remembered.
 * @throws BrokerError `recording_unavailable` for a body that its protocol does not have
 */
export interface OperationFollower {
  operation(entry: TypedEntry<'operation'>): IndexedOperation;
  result(entry: TypedEntry<'result'>): IndexedResult;
  /** Gets every entry that is neither of the two. */
  follow(entry: Entry): void;
  /** As JSON, small: what it needs to go on after the last entry that it was given. */
  memory(): ProtocolValue;
}

/** How the operations of a protocol get into the index of statements. */
export interface IndexedOperations {
  /** `memory`: what the follower before remembered; null: from the beginning of the recording. */
  follower(opened: TypedEntry<'grant.opened'>, memory: ProtocolValue | null): OperationFollower;
}
