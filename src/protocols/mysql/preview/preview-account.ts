import type { AdminConnection } from '../account/admin-connection.js';
import { createOwnAccount, dropOwnAccount, ownAccountName, type OwnAccount } from '../account/own-account.js';
import { ACCOUNT_HOST } from '../account/provisioning.js';
import { quoteAccount, quoteIdentifier } from '../account/sql-quote.js';

/** The account that previews of a grant are made with, by the name of its task account: `dw_x` gives `dwp_x`. */
export function previewAccountName(taskAccount: string): string {
  return ownAccountName('dwp', taskAccount);
}

export interface PreviewAccount extends OwnAccount {
  readonly tables: readonly { readonly database: string; readonly table: string }[];
}

/** Makes the account: one session at a time, and it can read these tables and nothing else. */
export async function createPreviewAccount(admin: AdminConnection, order: PreviewAccount): Promise<void> {
  await createOwnAccount(admin, order);
  const account = quoteAccount(order.name, ACCOUNT_HOST);
  for (const { database, table } of order.tables) {
    await admin.run(`GRANT SELECT ON ${quoteIdentifier(database)}.${quoteIdentifier(table)} TO ${account}`);
  }
}

/**
 * Ends the preview account of a grant, if there is one. The gateway calls it after every preview and at the end of the
 * grant, the reaper for a gateway that was killed in between. @throws as {@link dropOwnAccount}
 */
export function dropPreviewAccount(admin: AdminConnection, taskAccount: string): Promise<void> {
  return dropOwnAccount(admin, previewAccountName(taskAccount));
}
