import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TlsMode } from '../../../domain/target.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from './admin-connection.js';
import { ACCOUNT_HOST } from './provisioning.js';
import { quoteAccount, quoteText } from './sql-quote.js';
import { killThread, threadsOf } from './task-account.js';

const TASK_PREFIX = /^dw_/;
const NAME_CHARACTERS_MAX = 32;
const KILL_ROUNDS_MAX = 100;
const KILL_ROUND_MS = 20;

/** An account of the broker's own beside a task account, for one session at a time. */
export interface OwnAccount {
  readonly name: string;
  /** Known to nobody but the gateway that makes it. */
  readonly password: string;
  readonly statementMsMax: number;
  readonly tlsMode: TlsMode;
}

/** The name of an account beside a task account: `dw_x` and `dwp` give `dwp_x`. */
export function ownAccountName(prefix: string, taskAccount: string): string {
  return `${prefix}_${taskAccount.replace(TASK_PREFIX, '')}`.slice(0, NAME_CHARACTERS_MAX);
}

/** With each kind of character that a server's password policy may ask for. */
export function ownPassword(): string {
  return `aA1-${randomBytes(24).toString('base64url')}`;
}

/** Makes the account, without any privilege. */
export async function createOwnAccount(admin: AdminConnection, order: OwnAccount): Promise<void> {
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
}

/**
 * Ends the account, if there is one, and looks that its sessions are gone. Safe to run again, and at any point.
 * @throws BrokerError `target_unreachable` when a session of it does not end
 */
export async function dropOwnAccount(admin: AdminConnection, name: string): Promise<void> {
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
  throw new BrokerError('target_unreachable', { detail: "A session of the broker's own account does not end." });
}
