import type { AccountPrivileges, GivingOutcome, KeptHoldings } from '../../sql/privileges/account-privileges.js';
import type { Holding } from '../../sql/privileges/holdings.js';
import {
  changeHoldings,
  endLostGrant,
  giveHolding,
  isNotAllowed,
  resetHoldings,
  takeHoldings,
} from './account-holdings.js';
import type { AdminConnection } from './admin-connection.js';
import { ACCOUNT_HOST } from './provisioning.js';
import { quoteAccount, quoteText } from './sql-quote.js';

type WithAdmin = <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;

/** The privileges of a task account, given and taken with the provisioning account's GRANT and REVOKE. */
export class TaskPrivileges implements AccountPrivileges {
  readonly #account: string;
  readonly #withAdmin: WithAdmin;

  constructor(taskAccount: string, withAdmin: WithAdmin) {
    this.#account = quoteAccount(taskAccount, ACCOUNT_HOST);
    this.#withAdmin = withAdmin;
  }

  async give(holdings: readonly Holding[], signal: AbortSignal | undefined): Promise<GivingOutcome> {
    const tried: Holding[] = [];
    const given: Holding[] = [];
    const givers: AdminConnection[] = [];
    try {
      await this.#withAdmin(async (admin) => {
        givers.push(admin);
        for (const holding of holdings) {
          signal?.throwIfAborted();
          tried.push(holding); // also when its answer is lost
          if (await giveHolding(admin, this.#account, holding)) given.push(holding);
        }
      });
      return { given, tried };
    } catch (cause) {
      // The server refused this GRANT, so it would refuse a REVOKE of it too.
      if (isNotAllowed(cause)) tried.pop();
      const giver = givers.at(-1);
      const lost = giver?.isClosed === true ? { lostThread: giver.greeting.threadId } : {};
      return { given, tried, fault: { cause }, ...lost };
    }
  }

  /** Who makes a routine gets privileges on it by itself: then all is taken, and what stands is given again. */
  take(holdings: readonly Holding[], { standing, lostThread }: KeptHoldings): Promise<void> {
    const madeRoutine = holdings.some(({ privileges }) => privileges.includes('CREATE ROUTINE'));
    return this.#withAdmin(async (admin) => {
      if (lostThread !== undefined) await endLostGrant(admin, lostThread);
      if (madeRoutine) await resetHoldings(admin, this.#account, standing);
      else await takeHoldings(admin, this.#account, holdings);
    });
  }

  change(holdings: { readonly from: readonly Holding[]; readonly to: readonly Holding[] }): Promise<void> {
    return this.#withAdmin((admin) => changeHoldings(admin, this.#account, holdings));
  }
}

/** A table of a database, by its name; undefined when there is none. @throws what the target answers */
export async function anyTableOf(withAdmin: WithAdmin, database: string): Promise<string | undefined> {
  const named = `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${quoteText(database)} LIMIT 1`;
  const rows = await withAdmin((admin) => admin.rows(named));
  return rows[0]?.[0] ?? undefined;
}
