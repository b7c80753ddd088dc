import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { checkoutName } from './lock.js';
import { type AdminLogin, withMariadb } from './mariadb.js';
import { PATHS } from './paths.js';
import { LOOPBACK } from './ports.js';

/** The variables that the broker's processes share. */
export type Environment = Readonly<Record<string, string>>;

const STATE_DATABASE = 'doorwarden';

/** Whether the user says which one to use; then the quickstart starts none of its own. */
export function isConfigured(variable: 'DATABASE_URL' | 'REDIS_URL'): boolean {
  return [variable, `${variable}_FILE`].some((name) => (process.env[name] ?? '') !== '');
}

/** An empty state database on the private server, with an account that reaches nothing else; its URL. */
export async function makeStateDatabase(admin: AdminLogin): Promise<string> {
  const password = randomBytes(18).toString('hex');
  await withMariadb(admin, async (connection) => {
    await connection.query(`CREATE DATABASE ${STATE_DATABASE} CHARACTER SET utf8mb4`);
    await connection.query(`CREATE USER '${STATE_DATABASE}'@'%' IDENTIFIED BY '${password}'`);
    await connection.query(`GRANT ALL PRIVILEGES ON ${STATE_DATABASE}.* TO '${STATE_DATABASE}'@'%'`);
  });
  return `mysql://${STATE_DATABASE}:${password}@${admin.host}:${admin.port}/${STATE_DATABASE}`;
}

/**
 * What the user's environment says, completed so that everything stays on this machine and in this checkout. A part of
 * it is undefined where the user configured it.
 */
export function brokerEnvironment(own: {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Of the local Slack; empty without it. */
  readonly slack: Environment;
}): Environment {
  const home = own.databaseUrl === undefined ? PATHS.kept : PATHS.run;
  const name = `quickstart-${checkoutName()}`;
  const defaults = {
    API_HOST: LOOPBACK,
    API_PORT: '0',
    GATEWAY_HEALTH_PORT: '0',
    WORKER_HEALTH_PORT: '0',
    // Its own names, so that it takes no jobs and no leases of another broker on the same Redis and state database.
    QUEUE_PREFIX: name,
    GATEWAY_NAME: name,
    RECORDINGS_DIR: join(home, 'recordings'),
    KEYS_DIR: join(home, 'keys'),
  };
  const given = Object.entries(process.env).filter(([, value]) => value !== undefined && value !== '');
  return {
    ...defaults,
    ...Object.fromEntries(given.map(([key, value]) => [key, value ?? ''])),
    // Anyone who ends the quickstart does not wait for the grants of an afternoon.
    DRAIN_SECONDS: '0',
    ...own.slack,
    ...(own.databaseUrl === undefined ? {} : { DATABASE_URL: own.databaseUrl }),
    ...(own.redisUrl === undefined ? {} : { REDIS_URL: own.redisUrl }),
  };
}
