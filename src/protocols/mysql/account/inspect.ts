import type { MysqlReport } from '../report.js';
import { withMariadbCapabilities } from '../wire/login/capabilities.js';
import type { TargetTestStep } from '../../../domain/target-test.js';
import { BrokerError } from '../../../kernel/errors.js';
import { AdminConnection } from './admin-connection.js';
import type { AdminLogin } from './own-connection.js';
import { type ProvisioningWish, requireProvisioningPrivileges } from './provisioning.js';
import { quoteText } from './sql-quote.js';
import { TargetLoginRefused } from '../login/target-connection.js';

export interface MysqlInspectionWish extends ProvisioningWish {
  /** Where grants begin; null: none. */
  readonly defaultDatabase: string | null;
}

/**
 * Connects to a target as its provisioning account, and looks what it is and whether grants can be made on it.
 * @throws BrokerError `target_unreachable`, `target_login_refused`, `target_statement_refused`, `target_tls_*`,
 *   `target_unsupported`, `target_database_missing`, `target_privileges_missing` with `missing`
 */
export async function inspectTarget(login: AdminLogin, wish: MysqlInspectionWish, now: Date): Promise<MysqlReport> {
  const admin = await AdminConnection.open(login).catch((error: unknown) => {
    throw error instanceof TargetLoginRefused ? error.forOperators : error;
  });
  try {
    requireVersion(admin);
    await requireProvisioningPrivileges(admin, wish);
    if (wish.defaultDatabase !== null) await requireDatabase(admin, wish.defaultDatabase);
    const { greeting, flavour, tls } = admin;
    return {
      flavour,
      version: greeting.serverVersion,
      capabilities: withMariadbCapabilities(greeting.capabilities, greeting.mariadbCapabilities),
      collation: greeting.collationId,
      authPlugin: greeting.authPlugin,
      tls,
      checkedAt: now.toISOString(),
    };
  } catch (error) {
    throw afterLogin(error);
  } finally {
    admin.close();
  }
}

/** A target that goes away after the login has answered all that a connection asks. */
function afterLogin(error: unknown): unknown {
  if (!(error instanceof BrokerError) || error.code !== 'target_unreachable') return error;
  const { code, detail, cause } = error;
  const fields = { step: 'privileges' satisfies TargetTestStep };
  return new BrokerError(code, { ...(detail === undefined ? {} : { detail }), cause, fields });
}

/** The oldest versions whose accounts can be locked and limited as a grant needs it. */
const VERSION_MIN = { mariadb: [10, 5], mysql: [8, 0] } as const;

function requireVersion({ flavour, greeting }: AdminConnection): void {
  // MariaDB puts `5.5.5-` before its version for clients that know no two digits.
  const version = greeting.serverVersion.replace(/^5\.5\.5-(?=\d)/, '');
  const [major = 0, minor = 0] = version.split('.', 2).map(Number);
  const [majorMin, minorMin] = VERSION_MIN[flavour];
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new BrokerError('target_unsupported', {
    detail: `The server says that its version is ${greeting.serverVersion.slice(0, 64)}.`,
  });
}

/** A server hides databases from an account that has nothing in them, so this comes after the privileges were looked at. */
async function requireDatabase(admin: AdminConnection, database: string): Promise<void> {
  const found = await admin.rows(
    `SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${quoteText(database)}`,
  );
  if (found.length === 0) {
    throw new BrokerError('target_database_missing', {
      detail: `The provisioning account does not see the database ${JSON.stringify(database)}: the database does not exist, or the account has no privilege in it.`,
    });
  }
}
