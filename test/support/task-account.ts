import { randomBytes } from 'node:crypto';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { type Access } from '../../src/protocols/sql/access.js';
import { type NeededPrivilege, type Privilege } from '../../src/protocols/sql/privilege.js';
import type { AdminConnection } from '../../src/protocols/mysql/account/admin-connection.js';
import type { AdminLogin } from '../../src/protocols/mysql/account/own-connection.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { PrivilegeDoor, type PrivilegeDoorOptions } from '../../src/protocols/sql/privileges/privilege-door.js';
import { createTaskAccount } from '../../src/protocols/mysql/account/task-account.js';
import { anyTableOf, TaskPrivileges } from '../../src/protocols/mysql/account/task-privileges.js';
import { SessionDoor } from '../../src/protocols/mysql/held/session-door.js';
import { systemClock } from '../../src/kernel/clock.js';
import { withMysql2 } from './clients/mysql2.js';
import { rootLogin, runAsRoot } from './databases.js';
import { type DatabaseAddress } from './servers/database-server.js';
import { type ServerAccount, makeAccount, provisioningGrants } from './task.js';

/** Every privilege that a grant can carry on a database. */
export const ALL_ON_DATABASE: readonly Privilege[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'ALTER',
  'EXECUTE',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
];

/** A database and a provisioning account of a test's own, without a broker. */
export interface Provisioned {
  readonly engine: DatabaseAddress;
  readonly database: string;
  readonly provisioner: ServerAccount;
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  readonly root: (...statements: readonly string[]) => Promise<void>;
  readonly rootRows: (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly drop: () => Promise<void>;
}

export interface ProvisionedOptions {
  readonly schema?: readonly string[];
  /** Where the broker's own connections go; default: straight to the server. */
  readonly via?: { readonly host: string; readonly port: number };
}

/** Makes them on a server; the provisioning account has the least privileges that it needs. */
export async function provision(engine: DatabaseAddress, options: ProvisionedOptions = {}): Promise<Provisioned> {
  const database = `t_${randomBytes(6).toString('hex')}`;
  const provisioner = await makeAccount(engine);
  const order = { account: provisioner.quoted, database, privileges: ALL_ON_DATABASE.join(', ') };
  await runAsRoot(engine, [`CREATE DATABASE ${database}`, ...provisioningGrants(engine.flavour, order)]);
  const { host, port } = options.via ?? engine;
  const { username, password } = provisioner;
  const login: AdminLogin = { endpoint: { host, port, tls: { mode: 'off' } }, username, password };
  const admins = new AdminPool();
  const inDatabase = { ...rootLogin(engine), database };
  const made: Provisioned = {
    engine,
    database,
    provisioner,
    withAdmin: (work) => admins.use(login, work),
    root: (...statements) =>
      withMysql2(inDatabase, async (connection) => {
        for (const statement of statements) await connection.query(statement);
      }),
    rootRows: (statement) =>
      withMysql2(inDatabase, async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(statement);
        return rows;
      }),
    drop: async () => {
      admins.close();
      await runAsRoot(engine, [`DROP DATABASE IF EXISTS ${database}`, `DROP USER ${provisioner.quoted}`]);
    },
  };
  await made.root(...(options.schema ?? []));
  return made;
}

/** A task account with its door; what the grant may have at all is everything on the database. */
export interface DoorOfAccount {
  readonly name: string;
  readonly door: SessionDoor;
  /** How often the door said that the grant must end. */
  readonly stuck: readonly unknown[];
  /** What the target says the account has, without the database's own name and the line of the login. */
  readonly grants: () => Promise<readonly string[]>;
  /** Logs in as the account, into the database. */
  readonly connect: () => Promise<Connection>;
  readonly drop: () => Promise<void>;
}

export interface AccountOptions extends Pick<PrivilegeDoorOptions, 'retryMs' | 'turnMs'> {
  readonly standing?: readonly Access[];
  readonly ceiling?: readonly Access[];
}

export async function makeDoor(on: Provisioned, options: AccountOptions = {}): Promise<DoorOfAccount> {
  const { database, engine, withAdmin } = on;
  const name = `dw_${randomBytes(6).toString('hex')}`;
  const password = `aA1-${randomBytes(12).toString('hex')}`;
  const ceiling = options.ceiling ?? [{ database, privileges: ALL_ON_DATABASE }];
  const standing = options.standing ?? [{ database, privileges: ['SELECT'] }];
  await withAdmin((admin) =>
    createTaskAccount(admin, {
      name,
      password,
      access: ceiling,
      standing,
      sessionsMax: 20,
      statementSecondsMax: 60,
      tlsMode: 'off',
    }),
  );
  const account = `'${name}'@'%'`;
  if (engine.flavour === 'mariadb') await runAsRoot(engine, [`ALTER USER ${account} ACCOUNT UNLOCK`]);
  const stuck: unknown[] = [];
  const { retryMs, turnMs } = options;
  const privileges = new PrivilegeDoor({
    account: new TaskPrivileges(name, withAdmin),
    standing,
    ceiling,
    lockWaits: () => Promise.resolve([]),
    clock: systemClock,
    onStuck: (error) => stuck.push(error),
    ...(retryMs === undefined ? {} : { retryMs }),
    ...(turnMs === undefined ? {} : { turnMs }),
  });
  const door = new SessionDoor(privileges, (asked) => anyTableOf(withAdmin, asked));
  return {
    name,
    door,
    stuck,
    grants: () => grantsOf(on, name),
    connect: () => mysql.createConnection({ host: engine.host, port: engine.port, user: name, password, database }),
    drop: () => runAsRoot(engine, [`DROP USER IF EXISTS ${account}`]),
  };
}

/** As {@link DoorOfAccount.grants}, sorted. */
export async function grantsOf(
  { engine, database }: Pick<Provisioned, 'engine' | 'database'>,
  name: string,
): Promise<readonly string[]> {
  const rows = await withMysql2(rootLogin(engine), async (connection) => {
    const [found] = await connection.query<RowDataPacket[]>(`SHOW GRANTS FOR '${name}'@'%'`);
    return found.map((row) => String(Object.values(row)[0]));
  });
  return rows
    .filter((row) => !row.startsWith('GRANT USAGE ON *.*'))
    .map((row) => row.replace(/^GRANT /, '').replace(/ TO .*$/, ''))
    .map((row) => row.replaceAll('`', '').replaceAll('\\', '').replaceAll(`${database}.`, ''))
    .toSorted();
}

export function tableNeed(database: string, table: string, privilege: Privilege): NeededPrivilege {
  return { on: 'table', privilege, database, table };
}

/** The error number of what a statement is refused with; null when it runs. */
export function errnoOf(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => null,
    (error: unknown) => Object(error).errno ?? error,
  );
}
