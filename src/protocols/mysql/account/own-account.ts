import type { TlsMode } from '../../../domain/target.js';
import type { AdminConnection } from './admin-connection.js';
import { createUser } from './create-user.js';
import { ACCOUNT_HOST } from './provisioning.js';
import { quoteAccount, quoteText } from './sql-quote.js';
import { killThreads } from './threads.js';

const TASK_PREFIX = /^dw_/;
const NAME_CHARACTERS_MAX = 32;
const KILL_ROUNDS_MAX = 100;

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

/** Makes the account, without any privilege. */
export async function createOwnAccount(admin: AdminConnection, order: OwnAccount): Promise<void> {
  const { name, password, tlsMode, statementMsMax } = order;
  const account = quoteAccount(name, ACCOUNT_HOST);
  const statementSecondsMax = statementMsMax / 1000;
  const user = { account, password, tlsMode, sessionsMax: 1, statementSecondsMax, isLocked: false };
  await admin.run(createUser(admin.flavour, user));
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
  const detail = "Sessions of the broker's own account still run";
  await killThreads(admin, name, { roundsMax: KILL_ROUNDS_MAX, detail });
}
