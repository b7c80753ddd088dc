import type { TlsMode } from '../../../domain/target.js';
import type { Flavour } from '../flavour.js';
import { quoteText } from './sql-quote.js';

/** An account that the broker makes for itself or for a grant. */
export interface NewUser {
  /** As {@link quoteAccount} writes it. */
  readonly account: string;
  readonly password: string;
  readonly tlsMode: TlsMode;
  readonly sessionsMax: number;
  /** MariaDB's; on MySQL no account has such a limit. */
  readonly statementSecondsMax: number;
  /** MariaDB has no rule for changes of its own password, so an account that an agent has is locked between logins. */
  readonly isLocked: boolean;
}

/**
 * The CREATE USER of a flavour, with all limits of the account and no privilege. Anyone who knew the password could come
 * past the gateway, so on MySQL nobody changes it without the one before.
 */
export function createUser(flavour: Flavour, user: NewUser): string {
  const { account, tlsMode, sessionsMax, statementSecondsMax, isLocked } = user;
  const password = quoteText(user.password);
  const require = `REQUIRE ${tlsMode === 'off' ? 'NONE' : 'SSL'} WITH MAX_USER_CONNECTIONS ${sessionsMax}`;
  if (flavour === 'mysql') {
    const identified = `IDENTIFIED WITH caching_sha2_password BY ${password}`;
    return `CREATE USER ${account} ${identified} ${require} PASSWORD REQUIRE CURRENT`;
  }
  const limits = `${require} MAX_STATEMENT_TIME ${statementSecondsMax}`;
  return `CREATE USER ${account} IDENTIFIED BY ${password} ${limits}${isLocked ? ' ACCOUNT LOCK' : ''}`;
}
