import { BrokerError } from '../../kernel/errors.js';
import { SYSTEM_DATABASES, TABLE_PRIVILEGES, type Privilege } from './privilege.js';
import type { SqlLimits } from './target-rules.js';

/** What a request asks for. `ALL` means every privilege that the target's limits allow. */
export interface AccessRequest {
  readonly database: string;
  readonly tables?: readonly string[] | undefined;
  readonly privileges: readonly Privilege[] | 'ALL';
}

/** What a grant carries: privileges spelled out, on a database or on named tables of it. */
export interface Access {
  readonly database: string;
  readonly tables?: readonly string[];
  readonly privileges: readonly Privilege[];
}

/**
 * The access a grant gets: what was asked for, or reading the target's default database when nothing was.
 * @throws BrokerError `grant_access_missing`, `grant_privileges_over_limit`
 */
export function resolveAccess(
  requested: readonly AccessRequest[] | undefined,
  limits: SqlLimits,
  defaultDatabase: string | null,
): readonly Access[] {
  const asked = requested ?? defaultAccess(defaultDatabase);
  return asked.map((rule) => resolveRule(rule, limits));
}

function defaultAccess(database: string | null): readonly AccessRequest[] {
  if (database === null) throw new BrokerError('grant_access_missing');
  return [{ database, privileges: ['SELECT'] }];
}

function resolveRule(rule: AccessRequest, limits: SqlLimits): Access {
  const isSystem = SYSTEM_DATABASES.has(rule.database.toLowerCase());
  if (isSystem || (limits.databases !== undefined && !limits.databases.includes(rule.database))) {
    throw new BrokerError('grant_privileges_over_limit', {
      detail: `This target does not allow access to the database ${JSON.stringify(rule.database)}.`,
    });
  }
  const tableFit = (privilege: Privilege) => rule.tables === undefined || TABLE_PRIVILEGES.has(privilege);
  const privileges = rule.privileges === 'ALL' ? limits.privileges.filter(tableFit) : rule.privileges;
  const over = privileges.filter((privilege) => !limits.privileges.includes(privilege));
  if (over.length > 0) {
    throw new BrokerError('grant_privileges_over_limit', {
      detail: `This target allows ${limits.privileges.join(', ')}, but not ${over.join(', ')}.`,
    });
  }
  const wholeDatabaseOnly = privileges.filter((privilege) => !tableFit(privilege));
  if (wholeDatabaseOnly.length > 0) {
    throw new BrokerError('grant_privileges_over_limit', {
      detail: `${wholeDatabaseOnly.join(', ')} can only be given on a whole database, not on tables.`,
    });
  }
  const unique = [...new Set(privileges)];
  return rule.tables === undefined
    ? { database: rule.database, privileges: unique }
    : { database: rule.database, tables: [...new Set(rule.tables)], privileges: unique };
}
