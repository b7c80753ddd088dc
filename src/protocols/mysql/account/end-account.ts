import type { EndOfAccess } from '../../../recording/entries/entries.js';
import type { TracesBody } from '../recorded/bodies.js';
import type { AdminConnection } from './admin-connection.js';
import type { AdminLogin } from './own-connection.js';
import type { GrantOrder } from '../../../gateway/ports.js';
import { dropPreviewAccount } from '../preview/preview-account.js';
import { dropRehearsalAccount } from '../rehearsal/rehearsal-account.js';
import { endTaskAccount, rollBackXa } from './task-account.js';
import { killThread } from './threads.js';

/** What is known of a grant's traces on the target, besides its account. */
export interface GrantTraces {
  /** XA transactions that its statements named. */
  readonly xaIds: readonly string[];
  /** The target's ids of its connections; needed only where the account is shared with others. */
  readonly threads: readonly number[];
}

/** Leaves nothing of a grant on its target. Safe to run again. */
export async function endGrantOnTarget(
  admin: AdminConnection,
  order: GrantOrder,
  { xaIds, threads }: GrantTraces,
): Promise<EndOfAccess<TracesBody>> {
  if (order.target.credentials === 'dynamic') {
    await dropPreviewAccount(admin, order.taskAccount); // a gateway that was killed in the middle of one left it
    await dropRehearsalAccount(admin, order.taskAccount);
    return { account: { state: 'gone' }, body: await endTaskAccount(admin, order.taskAccount, xaIds) };
  }
  for (const thread of threads) await killThread(admin, thread);
  const body = { threadsKilled: threads.length, xaRolledBack: await rollBackXa(admin, xaIds) };
  return { account: { state: 'none' }, body };
}

export function adminLogin(order: GrantOrder): AdminLogin {
  return { endpoint: order.target.endpoint, ...order.target.login };
}
