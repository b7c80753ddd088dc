import type { AdminConnection } from '../account/admin-connection.js';
import { newPassword } from '../account/password.js';
import type { GatewayLog } from '../../../gateway/ports.js';
import type { MysqlOrder } from '../grant-order.js';
import type { Holding } from '../../sql/privileges/holdings.js';
import {
  createRehearsalAccount,
  dropRehearsalAccount,
  giveHoldings,
  rehearsalAccountName,
} from './rehearsal-account.js';
import { RehearsalConnection, type PreparedOrNot, type RehearsedText } from './rehearsal-connection.js';

/** What a rehearsal found out; `unknown` where it could not be held. */
export type Rehearsed = PreparedOrNot | { readonly kind: 'unknown' };

export interface RehearserOptions {
  readonly order: MysqlOrder;
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  readonly log: GatewayLog;
}

const UNKNOWN: Rehearsed = { kind: 'unknown' };
/** For making the account, logging in and preparing, all together. */
const REHEARSAL_MS_MAX = 5_000;
const STATEMENT_MS_MAX = 2_000;

/**
 * Prepares statements of one grant with an account of the broker's own, which may do all that the grant may and executes
 * nothing: so the target says what a statement's parameters and columns are, or that it cannot run, while the task
 * account holds what stands. The account is made when it is needed first, and ends with the grant.
 */
export class Rehearser {
  readonly #options: RehearserOptions;
  readonly #password = newPassword();
  #connection: RehearsalConnection | undefined;
  /** Undefined until the account is there: privileges that it lacks since their tables are not there yet. */
  #lacking: readonly Holding[] | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: RehearserOptions) {
    this.#options = options;
  }

  /** One at a time. Never rejects. */
  rehearse(rehearsed: RehearsedText): Promise<Rehearsed> {
    if (this.#options.order.target.credentials === 'static') return Promise.resolve(UNKNOWN);
    const rehearsing = this.#last.then(() => this.#inTime(rehearsed));
    this.#last = rehearsing;
    return rehearsing;
  }

  /** Nothing is rehearsed any more; the account is gone, or is left to the end of the grant. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection?.close();
    await this.#last;
    if (this.#lacking === undefined) return;
    const { order, withAdmin, log } = this.#options;
    await withAdmin((admin) => dropRehearsalAccount(admin, order.taskAccount)).catch((error: unknown) => {
      log.warn({ grant: order.id, err: error }, 'the rehearsal account is left to the end of the grant');
    });
  }

  async #inTime(rehearsed: RehearsedText): Promise<Rehearsed> {
    const { order, log } = this.#options;
    if (this.#isClosed) return UNKNOWN;
    const timer = setTimeout(() => this.#connection?.close(), REHEARSAL_MS_MAX);
    try {
      const connection = await this.#connectionFor(rehearsed);
      return this.#isClosed ? UNKNOWN : await connection.prepare(rehearsed);
    } catch (error) {
      this.#connection?.close();
      if (!this.#isClosed) log.warn({ grant: order.id, err: error }, 'a statement could not be rehearsed');
      return UNKNOWN;
    } finally {
      clearTimeout(timer);
      if (this.#isClosed) this.#connection?.close();
    }
  }

  async #connectionFor(rehearsed: RehearsedText): Promise<RehearsalConnection> {
    const { order, withAdmin } = this.#options;
    const { taskAccount, access, target } = order;
    const name = rehearsalAccountName(taskAccount);
    const lacking = this.#lacking;
    if (lacking === undefined) {
      this.#lacking = await withAdmin(async (admin) => {
        await dropRehearsalAccount(admin, taskAccount); // an attempt before this one may have come half way
        const account = { name, password: this.#password, access, statementMsMax: STATEMENT_MS_MAX };
        return createRehearsalAccount(admin, { ...account, tlsMode: target.endpoint.tls.mode });
      });
    } else if (lacking.length > 0) {
      this.#lacking = await withAdmin((admin) => giveHoldings(admin, name, lacking));
    }
    if (this.#connection?.fits(rehearsed) === true) return this.#connection;
    this.#connection?.close();
    const login = { endpoint: target.endpoint, username: name, password: this.#password };
    this.#connection = await RehearsalConnection.open(login, rehearsed.capabilities);
    return this.#connection;
  }
}
