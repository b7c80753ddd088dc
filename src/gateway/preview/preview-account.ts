import { setTimeout as delay } from 'node:timers/promises';
import type { TlsMode } from '../../domain/target.js';
import { BrokerError } from '../../kernel/errors.js';
import type { AdminConnection } from '../admin-connection.js';
import { ACCOUNT_HOST } from '../provisioning.js';
import { quoteAccount, quoteIdentifier, quoteText } from '../sql-quote.js';
import { killThread, threadsOf } from '../task-account.js';

const TASK_PREFIX = /^dw_/;
const NAME_CHARACTERS_MAX = 32;
const KILL_ROUNDS_MAX = 100;
const KILL_ROUND_MS = 20;

/** The account that previews of a grant are made with, by the name of its task account: `dw_x` gives `dwp_x`. */
export function previewAccountName(taskAccount: string): string {
  return `dwp_${taskAccount.replace(TASK_PREFIX, '')}`.slice(0, NAME_CHARACTERS_MAX);
}

export interface PreviewAccount {
  readonly name: string;
  /** Known to nobody but the one preview that it is made for. */
  readonly password: string;
  readonly tables: readonly { readonly database: string; readonly table: string }[];
  readonly statementMsMax: number;
  readonly tlsMode: TlsMode;
}

/** Makes the account: one session at a time, and it can read these tables and nothing else. */
export async function createPreviewAccount(admin: AdminConnection, order: PreviewAccount): Promise<void> {
  const account = quoteAccount(order.name, ACCOUNT_HOST);
  const password = quoteText(order.password);
  const require = order.tlsMode === 'off' ? 'NONE' : 'SSL';
  await admin.run(
    admin.flavour === 'mariadb'
      ? `CREATE USER ${account} IDENTIFIED BY ${password} REQUIRE ${require}
         WITH MAX_USER_CONNECTIONS 1 MAX_STATEMENT_TIME ${order.statementMsMax / 1000}`
      : `CREATE USER ${account} IDENTIFIED WITH caching_sha2_password BY ${password} REQUIRE ${require}
         WITH MAX_USER_CONNECTIONS 1 PASSWORD REQUIRE CURRENT`,
  );
  for (const { database, table } of order.tables) {
    await admin.run(`GRANT SELECT ON ${quoteIdentifier(database)}.${quoteIdentifier(table)} TO ${account}`);
  }
}

/**
 * Ends the preview account of a grant, if there is one, and looks that its sessions are gone. Safe to run again, and at
 * any point. The gateway calls it after every preview and at the end of the grant, the reaper for a gateway that was
 * killed in between.
 * @throws BrokerError `target_unreachable` when a session of it does not end
 */
export async function dropPreviewAccount(admin: AdminConnection, taskAccount: string): Promise<void> {
  const name = previewAccountName(taskAccount);
  const [found] = await admin.rows(`SELECT COUNT(*) FROM mysql.user WHERE User = ${quoteText(name)}`);
  // Dropping what is not there would be written to the target's log all the same.
  if (found?.[0] !== '0') await admin.run(`DROP USER IF EXISTS ${quoteAccount(name, ACCOUNT_HOST)}`);
  // Nobody can log in any more, but a session that is open goes on without its account, and a killed one takes a moment.
  for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
    const threads = await threadsOf(admin, name);
    if (threads.length === 0) return;
    for (const thread of threads) await killThread(admin, thread);
    await delay(KILL_ROUND_MS);
  }
  throw new BrokerError('target_unreachable', { detail: 'A session of the preview account does not end.' });
}
