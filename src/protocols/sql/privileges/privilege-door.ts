import type { Access } from '../access.js';
import { TABLE_PRIVILEGES, type NeededPrivilege } from '../privilege.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { retried } from '../../../kernel/retry.js';
import type { AdminConnection } from '../../mysql/account/admin-connection.js';
import type { LockWait } from '../../mysql/locks/lock-waits.js';
import { ACCOUNT_HOST } from '../../mysql/account/provisioning.js';
import { quoteAccount, quoteText } from '../../mysql/account/sql-quote.js';
import {
  changeHoldings,
  endLostGrant,
  giveHolding,
  isNotAllowed,
  resetHoldings,
  takeHoldings,
} from '../../mysql/account/account-holdings.js';
import { describePrivilege } from './describe-privilege.js';
import { holdingsOfAccess, holdingsOfNeeds, holdingsWithout, needsOfHolding, type Holding } from './holdings.js';
import { privilegeGap } from './privilege-gap.js';
import { waitForTurn } from './turn-wait.js';
import { Turns, type EndTurn, type TurnUser } from './turns.js';

/** Privileges that the task account has for one statement. */
export interface PrivilegeWindow {
  /** What was really given, as GRANT spells it: nothing on a table or routine that is not there. */
  readonly given: readonly string[];
  /**
   * Databases on which privileges were given as a whole. A server reads these when a session enters a database and keeps
   * them until it enters one again: the session must enter its database anew (`USE`) before the statement and after
   * close(), or it neither has them nor loses them.
   */
  readonly databases: readonly string[];
  /**
   * Takes them away again, then lets the session enter its database anew before anything else is given. Resolves when
   * they are gone, or the grant was told to end because they could not be taken. Never rejects; safe to call again.
   */
  close(entering?: Entering): Promise<void>;
}

/** A session enters its database anew. */
export interface Entering {
  readonly database: string | null;
  /** Must not reject. */
  readonly enter: () => Promise<void>;
}

export interface PrivilegeDoorOptions {
  readonly taskAccount: string;
  /** What the account holds for the whole grant. */
  readonly standing: readonly Access[];
  /** What the grant may have at all. */
  readonly ceiling: readonly Access[];
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
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
  readonly #account: string;
  readonly #turns = new Turns(WAITING_MAX);
  #standing: readonly Access[];
  #epoch = 0;

  constructor(options: PrivilegeDoorOptions) {
    this.#options = options;
    this.#account = quoteAccount(options.taskAccount, ACCOUNT_HOST);
    this.#standing = options.standing;
  }

  /** Changes whenever sessions must enter their database anew, because of {@link stand}. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A window is open or waited for: what would start now must wait with open([]). */
  get isOpen(): boolean {
    return this.#turns.isTaken;
  }

  /** The statements that have a turn now. */
  get holders(): readonly TurnUser[] {
    return this.#turns.holders;
  }

  /**
   * Waits for its turn, then gives what of `needs` does not stand. With nothing to give it is a turn beside others of
   * its kind, and holds back windows until it is closed.
   * @throws BrokerError `privileges_not_given`, `turn_timed_out`, `transaction_rolled_back` for a transaction that others
   *   wait for as it waits for them, `statement_outside_grant`, `grant_failed`; the signal's reason. Nothing is given then
   */
  async open(needs: readonly NeededPrivilege[], signal?: AbortSignal, user?: TurnUser): Promise<PrivilegeWindow> {
    const { missing } = this.#gap(needs);
    if (missing.length === 0) return windowOf([], asPromised(await this.#turnInTime('shared', signal, user)));
    const endTurn = await this.#turnInTime('alone', signal, user);
    try {
      return await this.#give(needs, endTurn, signal);
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  /**
   * A window for what enters a database, a login or `USE`, with no other one open: a session keeps what it had on its
   * database at that moment. A server lets nobody into a database who has nothing there, so where nothing stands one
   * privilege on one of its tables is lent meanwhile.
   * @throws as open()
   */
  async openToEnter(database: string | null, signal?: AbortSignal, user?: TurnUser): Promise<PrivilegeWindow> {
    return this.open(await this.#toEnter(database), signal, user);
  }

  /**
   * Changes what stands. Gives the databases on which something was given or taken as a whole: sessions must enter
   * theirs anew, as with a window. @throws what the target answers; then the grant was told to end
   */
  async stand(standing: readonly Access[], signal?: AbortSignal): Promise<readonly string[]> {
    const endTurn = await this.#turn('alone', signal);
    const from = holdingsOfAccess(this.#standing);
    const to = holdingsOfAccess(standing);
    const databases = databasesIn([...holdingsWithout(from, to), ...holdingsWithout(to, from)]);
    try {
      await this.#tried((admin) => changeHoldings(admin, this.#account, { from, to }));
      this.#standing = standing;
      if (databases.length > 0) this.#epoch += 1;
    } catch (error) {
      this.#stuck(error);
      throw error;
    } finally {
      endTurn();
    }
    return databases;
  }

  /** Nothing where something stands, and where nothing can be lent: then the target refuses. */
  async #toEnter(database: string | null): Promise<readonly NeededPrivilege[]> {
    const isHere = (rule: Access): boolean => rule.database === database && rule.privileges.length > 0;
    if (database === null || this.#standing.some(isHere)) return [];
    for (const { tables, privileges } of this.#options.ceiling.filter(isHere)) {
      const privilege = privileges.find((one) => TABLE_PRIVILEGES.has(one));
      const table = tables === undefined ? await this.#anyTableOf(database) : tables[0];
      if (privilege !== undefined && table !== undefined) return [{ on: 'table', privilege, database, table }];
    }
    return [];
  }

  async #anyTableOf(database: string): Promise<string | undefined> {
    const named = `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${quoteText(database)} LIMIT 1`;
    const rows = await this.#options.withAdmin((admin) => admin.rows(named));
    return rows[0]?.[0] ?? undefined;
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
    const tried: Holding[] = [];
    const given: Holding[] = [];
    let giver: AdminConnection | undefined;
    try {
      await this.#options.withAdmin(async (admin) => {
        giver = admin;
        for (const holding of holdings) {
          signal?.throwIfAborted();
          tried.push(holding); // also when its answer is lost
          if (await giveHolding(admin, this.#account, holding)) given.push(holding);
        }
      });
      signal?.throwIfAborted();
    } catch (error) {
      // What may not be given may not be taken either.
      if (isNotAllowed(error)) tried.pop();
      await this.#take(tried, giver?.isClosed === true ? giver.greeting.threadId : undefined);
      signal?.throwIfAborted();
      throw notGiven(holdings, error);
    }
    return windowOf(given, async (entering) => {
      await this.#take(given);
      try {
        if (entering !== undefined) await this.#entered(entering);
      } finally {
        endTurn();
      }
    });
  }

  async #entered({ database, enter }: Entering): Promise<void> {
    const lent = await this.#lend(database).catch(() => undefined); // then the target refuses to let it in
    try {
      await enter();
    } finally {
      await lent?.close();
    }
  }

  async #lend(database: string | null): Promise<PrivilegeWindow | undefined> {
    const needs = await this.#toEnter(database);
    return needs.length === 0 ? undefined : this.#give(needs, () => {}, undefined);
  }

  /** `lostThread`: the target's side of a connection on which a GRANT was given up. */
  async #take(holdings: readonly Holding[], lostThread?: number): Promise<void> {
    if (holdings.length === 0) return;
    const madeRoutine = holdings.some(({ privileges }) => privileges.includes('CREATE ROUTINE'));
    try {
      await this.#tried(async (admin) => {
        if (lostThread !== undefined) await endLostGrant(admin, lostThread);
        if (madeRoutine) await resetHoldings(admin, this.#account, holdingsOfAccess(this.#standing));
        else await takeHoldings(admin, this.#account, holdings);
      });
    } catch (error) {
      this.#stuck(error);
    }
  }

  #stuck(error: unknown): void {
    this.#turns.close(new BrokerError('grant_failed', { cause: error }));
    this.#options.onStuck(error);
  }

  /** What may be run again is, for a short while: the target may be restarting. */
  async #tried(work: (admin: AdminConnection) => Promise<void>): Promise<void> {
    const { withAdmin, clock, retryMs = RETRY_MS } = this.#options;
    const untilUs = clock.monotonicUs() + retryMs * 1000;
    await retried(() => withAdmin(work), {
      pauseMs: RETRY_PAUSE_MS,
      isWorthIt: (_error, { pauseMs }) => clock.monotonicUs() + pauseMs * 1000 <= untilUs,
    });
  }
}

function windowOf(given: readonly Holding[], end: (entering?: Entering) => Promise<void>): PrivilegeWindow {
  let closing: Promise<void> | undefined;
  return {
    given: given.flatMap(needsOfHolding).map(describePrivilege),
    databases: databasesIn(given),
    close: (entering) => (closing ??= end(entering)),
  };
}

function asPromised(endTurn: EndTurn): () => Promise<void> {
  return () => {
    endTurn();
    return Promise.resolve();
  };
}

function databasesIn(holdings: readonly Holding[]): readonly string[] {
  return [...new Set(holdings.flatMap(({ on, database }) => (on === 'database' ? [database] : [])))];
}

function notGiven(holdings: readonly Holding[], cause: unknown): BrokerError {
  const what = holdings.flatMap(needsOfHolding).map(describePrivilege).join(', ');
  const why = cause instanceof BrokerError && cause.detail !== undefined ? ` ${cause.detail}` : '';
  return new BrokerError('privileges_not_given', { detail: `It needs ${what}.${why}`, cause });
}
