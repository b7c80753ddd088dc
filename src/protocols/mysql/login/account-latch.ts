import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from '../account/admin-connection.js';
import type { TargetConnection } from './target-connection.js';
import { relockTaskAccount, unlockTaskAccount } from '../account/task-account.js';
import { threadsOf } from '../account/threads.js';

export interface AccountLatchOptions {
  readonly account: { readonly username: string; readonly password: string };
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  /** Someone is logged in to the task account who did not come through the endpoint. */
  readonly onIntruder: (why: BrokerError) => void;
}

/**
 * Keeps a MariaDB task account locked but for the moments in which the gateway itself logs in. An agent can change the
 * password of its account there (SET PASSWORD needs no privilege), and could then come past the gateway; so the gateway
 * sets its own password again with every login, locks the account again, and looks that nobody slipped in meanwhile.
 *
 * MySQL's accounts are made so that a password is changed only by the one who knows it, and need no latch.
 */
export class AccountLatch {
  readonly #options: AccountLatchOptions;
  /** Threads that the gateway opened. They stay known after their end, since servers list them a moment longer. */
  readonly #threads = new Set<number>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: AccountLatchOptions) {
    this.#options = options;
  }

  /** Logs in while the account is unlocked; one login at a time. @throws what `connect` throws, and what the target says */
  logIn(connect: () => Promise<TargetConnection>): Promise<TargetConnection> {
    const login = this.#queue.then(() => this.#options.withAdmin((admin) => this.#pass(admin, connect)));
    this.#queue = login.catch(() => {}); // the one who logs in gets the error; the next in line goes on
    return login;
  }

  async #pass(admin: AdminConnection, connect: () => Promise<TargetConnection>): Promise<TargetConnection> {
    const { username, password } = this.#options.account;
    await unlockTaskAccount(admin, username, password);
    const connecting = connect();
    try {
      const connection = await connecting;
      this.#threads.add(connection.greeting.threadId);
      await relockTaskAccount(admin, username);
      await this.#requireNobodyElse(admin, username);
      return connection;
    } catch (error) {
      await relockTaskAccount(admin, username).catch(() => {}); // the end of the grant locks it for good
      await connecting.then(
        ({ socket }) => socket.destroy(),
        () => {}, // there is none
      );
      throw error;
    }
  }

  async #requireNobodyElse(admin: AdminConnection, username: string): Promise<void> {
    const listed = await threadsOf(admin, username);
    if (listed.every((thread) => this.#threads.has(thread))) return;
    const why = new BrokerError('grant_failed', {
      detail: "Someone used the grant's task account without going through the gateway.",
    });
    this.#options.onIntruder(why);
    throw why;
  }
}
