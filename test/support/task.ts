import type { OnHold } from '../../src/domain/grant.js';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type RowDataPacket } from 'mysql2';
import { type z } from 'zod';
import { type AccessRequest } from '../../src/protocols/sql/access.js';
import { quoteAccount, quoteDatabasePattern, quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { connectionView, grantOpenedView, grantPage, grantView } from '../../src/contracts/grants/grant.js';
import { targetView } from '../../src/contracts/grants/target.js';
import { PACKET_HEADER_BYTES } from '../../src/protocols/mysql/wire/packet.js';
import { type Broker } from './broker.js';
import { type ClientLogin } from './clients/program.js';
import { withMysql2 } from './clients/mysql2.js';
import { rootLogin, runAsRoot } from './databases.js';
import { hostileAccountName, hostileName, hostileTargetName } from './names.js';
import type { ApiAnswer } from '../../src/client/api-call.js';
import { connectApi } from '../../src/client/api-client.js';
import { bodyOf, callAs, problemOf } from './http.js';
import { type Recorded, keySet, readRecorded } from './recorded.js';
import { type DatabaseAddress } from './servers/database-server.js';

const GREETING_HEADER = 0x0a;
const SEALED_LIMIT_MS = 60_000;
const CLOSE_WAIT_SECONDS = 30;
const END_WAIT_SECONDS = 10;
const CHANGE_WAIT_SECONDS = 5;
const TTL_SECONDS = 300;

type GrantView = z.infer<typeof grantView>;
type ConnectionView = z.infer<typeof connectionView>;

export type CallableBroker = Pick<Broker, 'api' | 'keys' | 'env'> & Partial<Pick<Broker, 'isShared'>>;

/** Privileges to make what has an owner, which MySQL then does not let be dropped without one more privilege. */
const LEAVES_AN_OWNER = /CREATE VIEW|CREATE ROUTINE|TRIGGER|EVENT/;

/** What root gives a provisioning account, and no more: the least that the broker says it needs. */
export function provisioningGrants(
  flavour: DatabaseAddress['flavour'],
  {
    account,
    database,
    privileges,
  }: { readonly account: string; readonly database: string; readonly privileges: string },
): readonly string[] {
  const server =
    flavour === 'mariadb'
      ? 'CREATE USER, PROCESS, CONNECTION ADMIN'
      : `CREATE USER, PROCESS, CONNECTION_ADMIN, XA_RECOVER_ADMIN${LEAVES_AN_OWNER.test(privileges) ? ', ALLOW_NONEXISTENT_DEFINER' : ''}`;
  return [
    `GRANT ${server} ON *.* TO ${account}`,
    `GRANT SELECT ON mysql.user TO ${account}`,
    `GRANT ${privileges} ON ${quoteDatabasePattern(database)}.* TO ${account} WITH GRANT OPTION`,
  ];
}

/** An account on a database server, made by root. */
export interface ServerAccount {
  readonly username: string;
  readonly password: string;
  /** As GRANT spells it. */
  readonly quoted: string;
}

/** How CREATE USER says what an account logs in with. */
export type Identification = (password: string) => string;

/** `identified` for another plugin than the server's default. */
export async function makeAccount(
  engine: DatabaseAddress,
  identified: Identification = (password) => `IDENTIFIED BY '${password}'`,
): Promise<ServerAccount> {
  const username = hostileAccountName();
  const password = randomBytes(12).toString('hex');
  const quoted = quoteAccount(username, '%');
  await runAsRoot(engine, [`CREATE USER ${quoted} ${identified(password)}`]);
  return { username, password, quoted };
}

/** A database with a target for it, registered with an account that has the least privileges. */
export interface TestTarget {
  /** As grants name it. */
  readonly name: string;
  readonly engine: DatabaseAddress;
  readonly database: string;
  readonly provisioner: ServerAccount;
  /** Runs statements as root in the database. */
  root(...statements: readonly string[]): Promise<void>;
  /** The rows of one statement as root in the database. */
  rootRows(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  drop(): Promise<void>;
}

export interface TargetOptions {
  /** SQL to run as root in the new database. */
  readonly schema?: readonly string[];
  /** What grants may carry; default: reading and changing rows. */
  readonly privileges?: readonly string[];
  /** Further fields of the registration, such as `tls`, or `host` and `port` of a proxy. */
  readonly registration?: Readonly<Record<string, unknown>>;
  readonly sessionsMax?: number;
  readonly database?: string;
  /** What the provisioning account logs in with. */
  readonly identified?: Identification;
}

const DEFAULT_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** Makes a database and a least-privilege account on the server, and registers it with the broker. */
export async function makeTarget(
  broker: CallableBroker,
  engine: DatabaseAddress,
  options: TargetOptions = {},
): Promise<TestTarget> {
  const { schema = [], privileges = DEFAULT_PRIVILEGES, registration = {}, sessionsMax = 16 } = options;
  const database = options.database ?? hostileName();
  const provisioner = await makeAccount(engine, options.identified);
  const inDatabase = { ...rootLogin(engine), database };
  await runAsRoot(engine, [
    `CREATE DATABASE ${quoteIdentifier(database)} CHARACTER SET utf8mb4`,
    ...provisioningGrants(engine.flavour, {
      account: provisioner.quoted,
      database,
      privileges: privileges.join(', '),
    }),
  ]);
  const target: TestTarget = {
    name: hostileTargetName(),
    engine,
    database,
    provisioner,
    root: (...statements) =>
      withMysql2(inDatabase, async (connection) => {
        for (const statement of statements) await connection.query(statement);
      }),
    rootRows: (statement) =>
      withMysql2(inDatabase, async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(statement);
        return rows;
      }),
    async drop() {
      if (broker.isShared === true) await endGrants(broker, target);
      await runAsRoot(engine, [`DROP DATABASE ${quoteIdentifier(database)}`, `DROP USER ${provisioner.quoted}`]);
    },
  };
  await target.root(...schema);
  const answer = await callAs(broker, 'operator', {
    method: 'POST',
    path: '/v1/targets',
    body: {
      name: target.name,
      host: engine.host,
      port: engine.port,
      username: provisioner.username,
      password: provisioner.password,
      defaultDatabase: database,
      limits: { privileges, databases: [database], sessionsMax },
      ...registration,
    },
  });
  bodyOf(answer, targetView);
  return target;
}

/** Ends what the tests left open at a target, while the broker can reach it; those that it cannot end it goes on with. */
async function endGrants(broker: CallableBroker, { name }: TestTarget): Promise<void> {
  const path = `/v1/grants?state=active&limit=100&target=${encodeURIComponent(name)}`;
  const { items } = bodyOf(await callAs(broker, 'operator', { method: 'GET', path }), grantPage);
  const wait = `wait=${END_WAIT_SECONDS}`;
  await Promise.all(
    items.map(({ id }) => callAs(broker, 'approver', { method: 'POST', path: `/v1/grants/${id}/revoke?${wait}` })),
  );
}

/** A task with an active grant. */
export interface Task {
  readonly id: string;
  readonly target: TestTarget;
  readonly connection: ConnectionView;
  /** The endpoint's login in plain text. */
  readonly login: ClientLogin & { readonly database: string };
  /** The same with TLS, verifying the authority that came with the connection. */
  readonly tlsLogin: ClientLogin & { readonly database: string; readonly caFile: string };
  /** Closes the grant as its requester, and gives the sealed recording. */
  close(): Promise<Recorded>;
  /** Closes the grant as its requester, or revokes it as an approver, without waiting. */
  end(how: 'close' | 'revoke'): Promise<void>;
  /** Waits until the grant is sealed, however it ends, and gives the recording. */
  sealed(limitMs?: number): Promise<Recorded>;
  look(): Promise<GrantView>;
}

export interface TaskOptions {
  readonly access?: readonly AccessRequest[];
  readonly ttlSeconds?: number;
  readonly onHold?: OnHold;
}

/** Asks for a grant as the agent. A refusal is an answer, not an error. */
export function askForGrant(
  broker: CallableBroker,
  { name, database }: Pick<TestTarget, 'name' | 'database'>,
  { access = [{ database, privileges: 'ALL' }], ttlSeconds = TTL_SECONDS, onHold = 'wait' }: TaskOptions = {},
): Promise<ApiAnswer> {
  const body = { target: name, task: { title: 'A test', reference: 'test/gateway' }, access, ttlSeconds, onHold };
  return callAs(broker, 'agent', { method: 'POST', path: '/v1/grants', body });
}

const TAKEN_LIMIT_MS = 45_000;

/**
 * Asks again while nobody takes the grant: a gateway that has just started may need longer, on a machine that is busy with
 * other tests, than brokers wait that are started with a short OPEN_WAIT_SECONDS.
 */
async function askUntilTaken(
  broker: CallableBroker,
  target: TestTarget,
  options: TaskOptions | undefined,
): Promise<ApiAnswer> {
  const untilMs = Date.now() + TAKEN_LIMIT_MS;
  for (;;) {
    const answer = await askForGrant(broker, target, options);
    const isTaken = answer.status < 300 || problemOf(answer).code !== 'gateway_unavailable';
    if (isTaken || Date.now() > untilMs) return answer;
  }
}

/** Of a grant that took longer to open than the api waited, for the same reason. */
async function connectionOf(broker: CallableBroker, id: string): Promise<ConnectionView> {
  const isOpen = async (): Promise<void> => {
    const { state } = await lookAt(broker, id);
    if (state !== 'active') throw new Error(`Grant ${id} has no connection: it is ${state}`);
  };
  await vi.waitFor(isOpen, { timeout: TAKEN_LIMIT_MS, interval: 100 });
  return bodyOf(await callAs(broker, 'agent', { method: 'POST', path: `/v1/grants/${id}/connection` }), connectionView);
}

/** Opens a task with every privilege of the target's default database, unless the options say otherwise. */
export async function openTask(broker: CallableBroker, target: TestTarget, options?: TaskOptions): Promise<Task> {
  const opened = bodyOf(await askUntilTaken(broker, target, options), grantOpenedView);
  const { id } = opened;
  const connection = opened.connection ?? (await connectionOf(broker, id));
  const { host, port, username: user, password } = connection;
  const caFile = join(broker.env['HOME'] ?? '', `${id}-ca.pem`);
  await writeFile(caFile, connection.tls.ca);
  const login = { host, port, user, password, database: connection.database ?? target.database };
  const sealed = (limitMs?: number): Promise<Recorded> => sealedRecording(broker, id, limitMs);
  return {
    id,
    target,
    connection,
    login,
    tlsLogin: { ...login, caFile },
    async close() {
      const path = `/v1/grants/${id}/close?wait=${CLOSE_WAIT_SECONDS}`;
      const { state } = bodyOf(await callAs(broker, 'agent', { method: 'POST', path }), grantView);
      return state === 'sealed' ? fileOf(broker, id) : sealed();
    },
    async end(how) {
      const role = how === 'close' ? 'agent' : 'approver';
      bodyOf(await callAs(broker, role, { method: 'POST', path: `/v1/grants/${id}/${how}` }), grantView);
    },
    sealed,
    look: () => lookAt(broker, id),
  };
}

export async function lookAt(broker: CallableBroker, id: string, waitSeconds = 0): Promise<GrantView> {
  const path = `/v1/grants/${id}?wait=${waitSeconds}`;
  return bodyOf(await callAs(broker, 'operator', { method: 'GET', path }), grantView);
}

/** Waits until a grant is over, as `sealed` or as `refused`. */
export async function untilOver(broker: CallableBroker, id: string, limitMs = SEALED_LIMIT_MS): Promise<GrantView> {
  return vi.waitFor(
    async () => {
      const grant = await lookAt(broker, id, CHANGE_WAIT_SECONDS);
      if (grant.state !== 'sealed' && grant.state !== 'refused') throw new Error(`Grant ${id} is still ${grant.state}`);
      return grant;
    },
    { timeout: limitMs, interval: 50 },
  );
}

/** Waits until a grant is sealed, fetches its file, and verifies it. */
export async function sealedRecording(broker: CallableBroker, id: string, limitMs?: number): Promise<Recorded> {
  const { state } = await untilOver(broker, id, limitMs);
  if (state !== 'sealed') throw new Error(`Grant ${id} is ${state}`);
  return fileOf(broker, id);
}

/** Fetches the file of a grant that is sealed, and verifies it. */
async function fileOf(broker: CallableBroker, id: string): Promise<Recorded> {
  const asReviewer = connectApi({ api: broker.api, key: broker.keys.reviewer });
  const path = join(broker.env['HOME'] ?? '', `${id}.tar`);
  await writeFile(path, await asReviewer.download(`/v1/recordings/${id}/file`));
  const known = publishedKeys.get(broker.keys);
  if (known !== undefined) {
    try {
      return await readRecorded(path, known);
    } catch {
      // With a key that was made meanwhile it may hold. If not, it says so again.
    }
  }
  const { keys } = await asReviewer.get('/v1/keys', keySet);
  publishedKeys.set(broker.keys, keys);
  return readRecorded(path, keys);
}

/** By the keys of a broker's principals: what it has published last time. It never takes a key back. */
const publishedKeys = new WeakMap<CallableBroker['keys'], z.infer<typeof keySet>['keys']>();

/** What is left of a task on its target: rows of mysql.user, threads, and prepared XA transactions by their text. */
export interface Traces {
  readonly accounts: number;
  readonly threads: number;
  readonly xa: readonly string[];
}

export const NOTHING_LEFT: Traces = { accounts: 0, threads: 0, xa: [] };

/** Looks as root. Of XA transactions only those whose id begins with the database's name, which is the test's own. */
export async function tracesOf(
  { engine, database }: Pick<TestTarget, 'engine' | 'database'>,
  user: string,
): Promise<Traces> {
  // MySQL's information_schema fails as a whole on a text that another session runs and utf8mb3 does not hold.
  const schema = engine.flavour === 'mysql' ? 'performance_schema' : 'information_schema';
  return withMysql2(rootLogin(engine), async (connection) => {
    const [accounts] = await connection.query<RowDataPacket[]>('SELECT 1 FROM mysql.user WHERE User = ?', [user]);
    const [threads] = await connection.query<RowDataPacket[]>(`SELECT 1 FROM ${schema}.processlist WHERE USER = ?`, [
      user,
    ]);
    const [xa] = await connection.query<RowDataPacket[]>('XA RECOVER');
    const ids = xa.map((row) => String(row['data'])).filter((id) => id.startsWith(database));
    return { accounts: accounts.length, threads: threads.length, xa: ids };
  });
}

/** Whether a client is still greeted there; who comes late may find the port closed, or be told why. */
export async function isGreeting(at: Pick<ConnectionView, 'host' | 'port'>): Promise<boolean> {
  return (await firstPacket(at))?.[0] === GREETING_HEADER;
}

/** What a client is sent before it has said anything; undefined where nothing listens. */
export function firstPacket({ host, port }: Pick<ConnectionView, 'host' | 'port'>): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('data', (chunk: Buffer) => {
      socket.destroy();
      resolve(chunk.subarray(PACKET_HEADER_BYTES));
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });
}

/** The task account of a grant, for one whose connection was never shown. */
export async function taskAccountOf(
  { stateDatabaseUrl }: Pick<Broker, 'stateDatabaseUrl'>,
  id: string,
): Promise<string> {
  const url = new URL(stateDatabaseUrl);
  const login = {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
  };
  return withMysql2(login, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT task_account FROM grants WHERE id = ?', [id]);
    return String(rows[0]?.['task_account']);
  });
}
