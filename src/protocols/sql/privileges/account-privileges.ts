import type { Holding } from './holdings.js';

/**
 * The account of one grant at its target, as far as its privileges go: the SQL of one kind of server. The door
 * decides what is given when, and tries again.
 */
export interface AccountPrivileges {
  /** Gives one after the other, until one fails or the signal is aborted. Never rejects: what failed is in the answer. */
  give(holdings: readonly Holding[], signal: AbortSignal | undefined): Promise<GivingOutcome>;
  /**
   * Takes away what was given for one statement. Safe to run again, for what was not given, and when the account is gone.
   * @throws what the target answers
   */
  take(holdings: readonly Holding[], kept: KeptHoldings): Promise<void>;
  /** Changes what it holds, touching only the difference. Safe to run again. @throws what the target answers */
  change(holdings: { readonly from: readonly Holding[]; readonly to: readonly Holding[] }): Promise<void>;
}

/** What became of giving. */
export interface GivingOutcome {
  /** Nothing on a table or routine that is not there. */
  readonly given: readonly Holding[];
  /** Given, or perhaps given since the answer was lost: to be taken back when not all of it could be given. */
  readonly tried: readonly Holding[];
  /** Why not all of it was given. */
  readonly fault?: { readonly cause: unknown };
  /** The target's side of a connection on which giving was cut off: it may still give. */
  readonly lostThread?: number;
}

/** What stays while something is taken away. */
export interface KeptHoldings {
  /** What the account holds for the whole grant. */
  readonly standing: readonly Holding[];
  readonly lostThread: number | undefined;
}
