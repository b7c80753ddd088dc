import type { TargetEnder } from '../../control/reaper/target-ender.js';
import { AdminConnection } from '../../protocols/mysql/account/admin-connection.js';
import { adminLogin, endGrantOnTarget, type GrantTraces } from '../../protocols/mysql/account/end-account.js';
import { grantOpenedEntry } from '../../gateway/grant-opened.js';
import { mysqlOrderOf } from '../../protocols/mysql/grant-order.js';
import { xaIdsIn } from '../../protocols/mysql/session/xa.js';
import type { Entry, StatementEntry } from '../../recording/entries/entries.js';

/** The gateway's own way of ending a grant, on a connection made for it: a reaper ends grants seldom. */
export const gatewayEnder: TargetEnder = {
  // The policies it was opened under are not known any more.
  openedEntry: (order, gatewayId) => grantOpenedEntry(mysqlOrderOf(order), gatewayId, null),
  async end(order, recorded) {
    const traces = await tracesIn(recorded);
    const admin = await AdminConnection.open(adminLogin(order));
    try {
      return await endGrantOnTarget(admin, order, traces);
    } finally {
      admin.close();
    }
  },
};

/**
 * The XA transactions that a recording tells of. Threads it tells of too, but those matter only under an account that
 * is shared: there a number may be someone else's by now, and the connections of a dead gateway end by themselves.
 */
async function tracesIn(recorded: AsyncIterable<Entry>): Promise<GrantTraces> {
  const xaIds = new Set<string>();
  for await (const entry of recorded) {
    if (entry.type === 'statement') for (const id of xaIdsIn(latin1Of(entry))) xaIds.add(id);
  }
  return { xaIds: [...xaIds], threads: [] };
}

/** One character a byte, as {@link xaIdsIn} reads it. */
function latin1Of(entry: StatementEntry): string {
  const bytes = 'text' in entry ? Buffer.from(entry.text, 'utf8') : Buffer.from(entry.textBase64, 'base64');
  return bytes.toString('latin1');
}
