import { inject } from 'vitest';
import { type DatabaseAddress } from './servers/database-server.js';
import { type RedisAddress } from './servers/redis.js';

/** The servers that one test run shares; each test file makes its own databases and users on them. */
export interface SharedServers {
  readonly mariadb: DatabaseAddress;
  readonly mysql: DatabaseAddress | null;
  /** Why there is no MySQL. */
  readonly mysqlMissing: string | null;
  readonly redis: RedisAddress;
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: SharedServers;
  }
}

/** The run's shared servers. */
export const servers = (): SharedServers => inject('servers');

/**
 * The database servers that a test of behaviour towards a target runs on: MariaDB always, MySQL when it can be had.
 *
 * ```ts
 * describe.each(engines())('a task account on $flavour $version', (engine) => { … });
 * ```
 */
export function engines(): readonly DatabaseAddress[] {
  const { mariadb, mysql } = servers();
  return mysql === null ? [mariadb] : [mariadb, mysql];
}

/** Says on which servers a run's tests ran, one line each. */
export function describeEngines({ mariadb, mysql, mysqlMissing, redis }: SharedServers): readonly string[] {
  const versions = [
    `MariaDB ${mariadb.version}`,
    ...(mysql ? [`MySQL ${mysql.version}`] : []),
    `Redis ${redis.version}`,
  ];
  const missing = mysqlMissing === null ? [] : [`Not tested on MySQL 9.7: ${mysqlMissing}`];
  return [`Tested on ${versions.join(', ')}.`, ...missing];
}
