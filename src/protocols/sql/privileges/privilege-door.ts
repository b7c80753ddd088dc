import type { Access } from '../access.js';
import type { NeededPrivilege } from '../privilege.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { retried } from '../../../kernel/retry.js';
import type { AccountPrivileges } from './account-privileges.js';
import { describePrivilege } from './describe-privilege.js';
import { holdingsOfAccess, holdingsOfNeeds, holdingsWithout, needsOfHolding, type Holding } from './holdings.js';
import { privilegeGap } from './privilege-gap.js';
import { waitForTurn, type LockWait } from './turn-wait.js';
import { Turns, type EndTurn, type TurnUser } from './turns.js';

/** Privileges that the task account has for one statement. */
export interface PrivilegeWindow {
  /** What was really given, as people read it: nothing on a table or routine that is not there. */
  readonly given: readonly string[];
  readonly holdings: readonly Holding[];
  /**
   * Takes them away again, then does what has to come before anything else is given. Resolves when they are gone, or the
   * grant was told to end because they could not be taken. Never rejects; safe to call again.
   */
  close(afterwards?: ClosingStep): Promise<void>;
}

/** Done in the turn of a window that was taken back. Must not reject. `lend` gives something more for a moment. */
export type ClosingStep = (
  lend: (needs: readonly NeededPrivilege[]) => Promise<Pick<PrivilegeWindow, 'close'>>,
) => Promise<void>;

export interface PrivilegeDoorOptions {
  readonly account: AccountPrivileges;
  /** What the account holds for the whole grant. */
  readonly standing: readonly Access[];
  /** What the grant may have at all. */
  readonly ceiling: readonly Access[];
  /** Who waits for whom at the target; undefined when it does not tell. */
  readonly lockWaits: () => Promise<readonly LockWait[] | undefined>;
  readonly clock: Clock;
  /** The account has more than it should and it cannot be helped: the grant must end as failed. */
  readonly onStuck: (error: unknown) => void;
  /** For how long a REVOKE that fails is tried again. */
  readonly retryMs?: number;
  /** For how long a statement waits for its turn. */
  readonly turnMs?: number;
}

/** Statements of one grant that wait for their turn. */
const WAITING_MAX = 256;
/**
 * A statement with a window can wait at the target for a lock of another session of the grant, whose next statement then
 * waits for that window: it is given up before either would be for good.
 */
const TURN_MS = 30_000;
const RETRY_MS = 10_000;
const RETRY_PAUSE_MS = { first: 20, max: 500 };

/**
 * The second lock of one grant: gives its task account what a single statement needs beyond what stands, and takes it
 * away again. One window at a time, in the order in which they were asked for; while one is open or waited for, no other
 * statement of the grant may start, since it could use what the window gives.
 */
export class PrivilegeDoor {
  readonly #options: PrivilegeDoorOptions;
  readonly #turns = new Turns(WAITING_MAX);
  #standing: readonly Access[];

  constructor(options: PrivilegeDoorOptions) {
    this.#options = options;
    this.#standing = options.standing;
  }

  /** A window is open or waited for: what would start now must wait with open([]). */
  get isOpen(): boolean {
    return this.#turns.isTaken;
  }

  /** The statements that have a turn now. */
  get holders(): readonly TurnUser[] {
    return this.#turns.holders;
  }

  /** What the account holds for the whole grant. */
  get standing(): readonly Access[] {
    return this.#standing;
  }

  /** What the grant may have at all. */
  get ceiling(): readonly Access[] {
    return this.#options.ceiling;
  }

  /**
   * Waits for its turn, then gives what of `needs` does not stand. With nothing to give it is a turn besides others of
   * its kind, and holds back windows until it is closed.
   * @throws BrokerError `privileges_not_given`, `turn_timed_out`, `transaction_rolled_back` for a transaction that others
   *   wait for as it waits for them, `statement_outside_grant`, `grant_failed`; the signal's reason. Nothing is given then
   */
  async open(needs: readonly NeededPrivilege[], signal?: AbortSignal, user?: TurnUser): Promise<PrivilegeWindow> {
    const { missing } = this.#gap(needs);
    if (missing.length === 0) {
      const endTurn = await this.#turnInTime('shared', signal, user);
      return windowOf([], () => Promise.resolve(endTurn()));
    }
    const endTurn = await this.#turnInTime('alone', signal, user);
    try {
      return await this.#give(needs, endTurn, signal);
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  /**
   * Changes what stands. `onChange` is told, before anything else runs, what was given or taken for good.
   * @throws what the target answers; then the grant was told to end
   */
  async stand(
    standing: readonly Access[],
    onChange: (changed: readonly Holding[]) => void = () => {},
    signal?: AbortSignal,
  ): Promise<void> {
    const endTurn = await this.#turn('alone', signal);
    const from = holdingsOfAccess(this.#standing);
    const to = holdingsOfAccess(standing);
    try {
      await this.#tried(() => this.#options.account.change({ from, to }));
      this.#standing = standing;
      onChange([...holdingsWithout(from, to), ...holdingsWithout(to, from)]);
    } catch (error) {
      this.#stuck(error);
      throw error;
    } finally {
      endTurn();
    }
  }

  #gap(needs: readonly NeededPrivilege[]): { readonly missing: readonly NeededPrivilege[] } {
    const { missing, outside } = privilegeGap(needs, this.#standing, this.#options.ceiling);
    if (outside.length === 0) return { missing };
    throw new BrokerError('statement_outside_grant', {
      detail: `It needs ${outside.map(describePrivilege).join(', ')}.`,
    });
  }

  #turnInTime(kind: 'shared' | 'alone', signal?: AbortSignal, user?: TurnUser): Promise<EndTurn> {
    if (!this.isOpen && kind === 'shared') return this.#turn(kind, signal, user);
    const { turnMs = TURN_MS, lockWaits } = this.#options;
    const turns = this.#turns;
    return waitForTurn((given) => this.#turn(kind, given, user), { turns, turnMs, lockWaits, signal, user });
  }

  async #turn(kind: 'shared' | 'alone', signal?: AbortSignal, user?: TurnUser): Promise<EndTurn> {
    if (this.#turns.isFull) {
      throw new BrokerError('privileges_not_given', { detail: 'Too many statements of this grant wait.' });
    }
    return this.#turns.take(kind, signal, user);
  }

  async #give(
    needs: readonly NeededPrivilege[],
    endTurn: EndTurn,
    signal: AbortSignal | undefined,
  ): Promise<PrivilegeWindow> {
    // What stands may have changed while it waited; what stands now must not be taken away at the end.
    const holdings = holdingsOfNeeds(this.#gap(needs).missing);
    const { given, tried, fault, lostThread } = await this.#options.account.give(holdings, signal);
    if (fault !== undefined || signal?.aborted === true) {
      await this.#take(tried, lostThread);
      signal?.throwIfAborted();
      throw notGiven(holdings, fault?.cause);
    }
    return windowOf(given, async (afterwards) => {
      await this.#take(given);
      try {
        await afterwards?.((more) => this.#lend(more));
      } finally {
        endTurn();
      }
    });
  }

  async #lend(needs: readonly NeededPrivilege[]): Promise<Pick<PrivilegeWindow, 'close'>> {
    return needs.length === 0 ? windowOf([], () => Promise.resolve()) : this.#give(needs, () => {}, undefined);
  }

  async #take(holdings: readonly Holding[], lostThread?: number): Promise<void> {
    if (holdings.length === 0) return;
    const kept = { standing: holdingsOfAccess(this.#standing), lostThread };
    try {
      await this.#tried(() => this.#options.account.take(holdings, kept));
    } catch (error) {
      this.#stuck(error);
    }
  }

  #stuck(error: unknown): void {
    this.#turns.close(new BrokerError('grant_failed', { cause: error }));
    this.#options.onStuck(error);
  }

  /** What may be run again is, for a short while: the target may be restarting. */
  async #tried(work: () => Promise<void>): Promise<void> {
    const { clock, retryMs = RETRY_MS } = this.#options;
    const untilUs = clock.monotonicUs() + retryMs * 1000;
    await retried(work, {
      pauseMs: RETRY_PAUSE_MS,
      isWorthIt: (_error, { pauseMs }) => clock.monotonicUs() + pauseMs * 1000 <= untilUs,
    });
  }
}

function windowOf(holdings: readonly Holding[], end: (afterwards?: ClosingStep) => Promise<void>): PrivilegeWindow {
  let closing: Promise<void> | undefined;
  return {
    given: holdings.flatMap(needsOfHolding).map(describePrivilege),
    holdings,
    close: (afterwards) => (closing ??= end(afterwards)),
  };
}

function notGiven(holdings: readonly Holding[], cause: unknown): BrokerError {
  const what = holdings.flatMap(needsOfHolding).map(describePrivilege).join(', ');
  const why = cause instanceof BrokerError && cause.detail !== undefined ? ` ${cause.detail}` : '';
  return new BrokerError('privileges_not_given', { detail: `It needs ${what}.${why}`, cause });
}
