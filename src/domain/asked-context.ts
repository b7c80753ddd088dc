import type { Verdict } from './verdict.js';

/** What a task had done when people were asked about an operation of it. */
export interface AskedContext {
  /** The last operations before it, in all sessions of the grant, the oldest first. */
  readonly operations: readonly {
    readonly operation: number;
    readonly session: number;
    /** Milliseconds since the epoch. */
    readonly atMs: number;
    readonly kind: string | null;
    /** How it begins, in one line; null where that is not kept. */
    readonly line: string | null;
    readonly verdict: Verdict;
    /** Null: it had not ended. */
    readonly outcome: 'ok' | 'error' | 'unknown' | null;
  }[];
  /** Since when its session has a transaction open; null: it has none, or that is not known. */
  readonly inTransactionSinceMs: number | null;
}
