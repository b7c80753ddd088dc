import mysql2 from 'mysql2';
import { DataSource, type DataSourceOptions, MigrationExecutor, type QueryRunner } from 'typeorm';
import { systemClock } from '../../kernel/clock.js';
import type { NamedPolicyText } from '../../policy/policy-parse.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';
import { storeNewPolicies } from '../policies/policy.repository.js';

const CONNECT_MS_MAX = 2_000;
const CONNECTIONS_MAX = 10;
/** Calls that wait for a connection; more are refused at once instead of piling up. */
const WAITING_MAX = 1_000;
const MYSQL_PORT = 3306;
/** The broker prepares none. mysql2 makes room for 16,000 with each connection, half a megabyte. */
const PREPARED_MAX = 16;

export const MIGRATIONS_TABLE = 'migrations';

/** The connection to the state database, for those who only pass it on. */
export type StateSource = DataSource;

/** The state database behind a URL, not connected yet. `?tls=true` encrypts and verifies the path to it. */
export function createStateSource(url: string): DataSource {
  return new DataSource(stateSourceOptions(url));
}

/** How TypeORM is told about the state database behind a URL. */
export function stateSourceOptions(url: string) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    type: 'mysql', // for MariaDB too: its own name would only change how TypeORM inserts
    driver: mysql2, // TypeORM would look for it by name, in node_modules/
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? MYSQL_PORT : Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...(searchParams.get('tls') === 'true' ? { ssl: { rejectUnauthorized: true } } : {}),
    charset: 'utf8mb4',
    timezone: 'Z',
    connectTimeout: CONNECT_MS_MAX,
    poolSize: CONNECTIONS_MAX,
    extra: { queueLimit: WAITING_MAX, enableKeepAlive: true, maxPreparedStatements: PREPARED_MAX },
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'none', // MySQL commits with every DDL statement anyway
    synchronize: false,
    migrationsRun: false,
    logging: false,
  } as const satisfies DataSourceOptions;
}

/** The names of the migrations that the state database lacks; reads only. */
export async function pendingMigrations(source: DataSource): Promise<readonly string[]> {
  const runner = source.createQueryRunner();
  try {
    const pending = await new MigrationExecutor(source, runner).getPendingMigrations();
    return pending.map(({ name }) => name);
  } finally {
    await runner.release();
  }
}

/**
 * Brings the state database up to date and gives the names of what it did. Of several processes that do this at the
 * same time one works and the others wait for it. Of `defaults` it gets those that it never had.
 */
export async function migrate(source: DataSource, defaults: readonly NamedPolicyText[]): Promise<readonly string[]> {
  const runner = source.createQueryRunner();
  try {
    await takeMigrationLock(runner);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'none';
    const done = await executor.executePendingMigrations();
    const atMs = systemClock.nowMs();
    await storeNewPolicies(
      source,
      defaults.map(({ name, text }) => ({ name, text, atMs })),
    );
    return done.map(({ name }) => name);
  } finally {
    // The lock belongs to the connection; giving it back on a dead one fails, and then it is free already.
    await runner.query('SELECT RELEASE_LOCK(?)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** Names of locks are the server's, not the database's: brokers that share a server wait a little for each other. */
const MIGRATION_LOCK = 'doorwarden-migrate';
const MIGRATION_LOCK_SECONDS = 300;

async function takeMigrationLock(runner: QueryRunner): Promise<void> {
  const rows: readonly { readonly taken: unknown }[] = await runner.query('SELECT GET_LOCK(?, ?) AS taken', [
    MIGRATION_LOCK,
    MIGRATION_LOCK_SECONDS,
  ]);
  if (Number(rows[0]?.taken) !== 1)
    throw new Error('Another process is migrating the state database and does not finish.');
}
