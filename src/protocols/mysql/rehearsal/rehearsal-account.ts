import type { Access } from '../../sql/access.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { createOwnAccount, dropOwnAccount, ownAccountName, type OwnAccount } from '../account/own-account.js';
import { giveHolding } from '../account/account-holdings.js';
import { holdingsOfAccess, type Holding } from '../../sql/privileges/holdings.js';
import { ACCOUNT_HOST } from '../account/provisioning.js';
import { quoteAccount } from '../account/sql-quote.js';

/** The account that statements of a grant are rehearsed with, by the name of its task account: `dw_x` gives `dwr_x`. */
export function rehearsalAccountName(taskAccount: string): string {
  return ownAccountName('dwr', taskAccount);
}

export interface RehearsalAccount extends OwnAccount {
  /** What the grant may have at all. */
  readonly access: readonly Access[];
}

/** Makes the account. Gives what could not be given yet, for want of the table that it is for. */
export async function createRehearsalAccount(
  admin: AdminConnection,
  order: RehearsalAccount,
): Promise<readonly Holding[]> {
  await createOwnAccount(admin, order);
  return giveHoldings(admin, order.name, holdingsOfAccess(order.access));
}

/** Gives what can be given, and says what cannot yet. */
export async function giveHoldings(
  admin: AdminConnection,
  name: string,
  holdings: readonly Holding[],
): Promise<readonly Holding[]> {
  const left: Holding[] = [];
  for (const holding of holdings) {
    if (!(await giveHolding(admin, quoteAccount(name, ACCOUNT_HOST), holding))) left.push(holding);
  }
  return left;
}

/** Ends the rehearsal account of a grant, if there is one. @throws as {@link dropOwnAccount} */
export function dropRehearsalAccount(admin: AdminConnection, taskAccount: string): Promise<void> {
  return dropOwnAccount(admin, rehearsalAccountName(taskAccount));
}
