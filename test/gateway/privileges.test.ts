import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { CLIENT_SSL } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { decodeErr } from '../../src/protocols/mysql/wire/packets.js';
import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { callAs, problemOf } from '../support/http.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { hostileTargetName } from '../support/names.js';
import {
  NOTHING_LEFT,
  type TestTarget,
  askForGrant,
  makeAccount,
  makeTarget,
  openTask,
  provisioningGrants,
  tracesOf,
} from '../support/task.js';

const broker = useSharedBroker(ALLOW_EVERYTHING, { GATEWAY_CLIENT_TLS: 'required' });

const SCHEMA = [
  'CREATE TABLE a (id INT PRIMARY KEY)',
  'CREATE TABLE b (id INT PRIMARY KEY)',
  'INSERT INTO a VALUES (1)',
];

/** The first column of a statement's rows, as root. */
async function rootColumn(engine: DatabaseAddress, statement: string): Promise<readonly string[]> {
  return withMysql2(rootLogin(engine), (connection) => column(connection, statement));
}

async function column(connection: Connection, statement: string): Promise<readonly string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(statement);
  return rows.map((row) => String(Object.values(row)[0]));
}

function refusedWith(login: ClientLogin, statement: string): Promise<unknown> {
  return withMysql2(login, (connection) => connection.query(statement)).then(
    () => null,
    (error: unknown) => Object(error).errno,
  );
}

describe.each(engines())('a task account on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, sessionsMax: 2 });
  });
  afterAll(() => target?.drop());

  test('has exactly the privileges of its grant', async () => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['SELECT', 'INSERT'] }] });
    const grants = await rootColumn(engine, `SHOW GRANTS FOR '${task.login.user}'@'%'`);
    expect(grants).toHaveLength(2);
    expect(grants[0]).toMatch(/^GRANT USAGE ON \*\.\*/);
    expect(grants[1]).toBe(
      `GRANT SELECT, INSERT ON ${quoteDatabasePattern(database)}.* TO \`${task.login.user}\`@\`%\``,
    );
    expect(await refusedWith(task.tlsLogin, 'SELECT * FROM a')).toBeNull();
    expect(await refusedWith(task.tlsLogin, 'INSERT INTO b VALUES (2)')).toBeNull();
    expect(await refusedWith(task.tlsLogin, 'DELETE FROM a')).toBe(1142);
    expect(await refusedWith(task.tlsLogin, 'CREATE TABLE c (id INT)')).toBe(1142);
    expect(await refusedWith(task.tlsLogin, 'SELECT * FROM mysql.user')).toBe(1142);
    const recorded = await task.close();
    expect(recorded.statements.map(({ result }) => result?.outcome)).toEqual(['ok', 'ok', 'error', 'error', 'error']);
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });

  test('reaches no database whose name the pattern characters of its own would match', async () => {
    const stem = `t${randomBytes(4).toString('hex')}`;
    const decoys = [`${stem}X9pct`, `${stem}_9abc`];
    const odd = await makeTarget(broker(), engine, { schema: SCHEMA, database: `${stem}_9%` });
    await runAsRoot(
      engine,
      decoys.flatMap((name) => [`CREATE DATABASE \`${name}\``, `CREATE TABLE \`${name}\`.a (id INT)`]),
    );
    try {
      const task = await openTask(broker(), odd);
      const seen = await withMysql2(task.tlsLogin, async (connection) => {
        expect(await column(connection, 'SELECT id FROM a')).toEqual(['1']);
        return column(connection, 'SHOW DATABASES');
      });
      expect(seen.filter((name) => name.startsWith(stem))).toEqual([`${stem}_9%`]);
      for (const decoy of decoys) expect(await refusedWith(task.tlsLogin, `SELECT * FROM \`${decoy}\`.a`)).toBe(1142);
      await task.close();
    } finally {
      await runAsRoot(
        engine,
        decoys.map((name) => `DROP DATABASE \`${name}\``),
      );
      await odd.drop();
    }
  });

  test('reaches only the tables that its grant names', async () => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, tables: ['a'], privileges: ['SELECT'] }] });
    expect(await refusedWith(task.tlsLogin, 'SELECT * FROM a')).toBeNull();
    expect(await refusedWith(task.tlsLogin, 'SELECT * FROM b')).toBe(1142);
    expect(await refusedWith(task.tlsLogin, 'INSERT INTO a VALUES (9)')).toBe(1142);
    await task.close();
  });

  test('is limited in its connections and in the time of a statement, also after the session was reset', async () => {
    const task = await openTask(broker(), target, { ttlSeconds: 100 });
    const [made] = await rootColumn(engine, `SHOW CREATE USER '${task.login.user}'@'%'`);
    expect(made).toContain('MAX_USER_CONNECTIONS 2');
    const limit = engine.flavour === 'mariadb' ? '@@max_statement_time' : '@@max_execution_time / 1000';
    await withMysql2(task.tlsLogin, async (connection) => {
      const [first] = await column(connection, `SELECT ${limit}`);
      await connection.reset();
      const [second] = await column(connection, `SELECT ${limit}`);
      for (const seconds of [first, second].map(Number)) {
        expect(seconds).toBeGreaterThan(70);
        expect(seconds).toBeLessThanOrEqual(101); // a second beyond the deadline, which the gateway watches itself
      }
      await withMysql2(task.tlsLogin, async () => {
        expect(await refusedWith(task.tlsLogin, 'SELECT 1')).toBe(1040);
      });
    });
    const recorded = await task.close();
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'sessions_over_limit' }]);
  });

  test('a client without TLS is told that this endpoint asks for it', async () => {
    const task = await openTask(broker(), target);
    expect(await refusedWith(task.login, 'SELECT 1')).toBe(3159);
    const recorded = await task.close();
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'tls_required' }]);
  });

  test('a login behind TLS need not say once more that it uses TLS, and one in the clear gains nothing by saying so', async () => {
    const task = await openTask(broker(), target);
    const silent = await RawClient.open(task.login);
    expect((await silent.logInWithTls(task.login, undefined, 0))[0]).toBe(0);
    const lying = await RawClient.open(task.login);
    expect(decodeErr(await lying.logIn(task.login, { capabilities: CLIENT_SSL }))).toMatchObject({ errno: 3159 });
    silent.destroy();
    const recorded = await task.close();
    expect(recorded.of('session.opened')).toMatchObject([{ tls: { version: expect.any(String) } }]);
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'tls_required' }]);
  });

  test('a request over the limits of its target is refused, and nothing is made', async () => {
    const { database } = target;
    const drop = await askForGrant(broker(), target, { access: [{ database, privileges: ['DROP'] }] });
    const other = await askForGrant(broker(), target, { access: [{ database: 'elsewhere', privileges: ['SELECT'] }] });
    expect([drop, other].map((answer) => problemOf(answer).code)).toEqual([
      'grant_privileges_over_limit',
      'grant_privileges_over_limit',
    ]);
  });

  test('a target with a fixed account makes none, and lends it for the time of the grant only', async () => {
    const account = await makeAccount(engine);
    const { database } = target;
    await runAsRoot(engine, [`GRANT SELECT ON \`${database}\`.* TO ${account.quoted}`]);
    const fixed = await makeTarget(broker(), engine, {
      registration: {
        credentials: 'static',
        username: account.username,
        password: account.password,
        defaultDatabase: database,
        limits: { privileges: ['SELECT'], databases: [database], sessionsMax: 4 },
      },
    });
    const task = await openTask(broker(), { ...fixed, database });
    expect(task.login.user).not.toBe(account.username);
    const open = withMysql2(task.tlsLogin, async (connection) => {
      expect(await column(connection, 'SELECT CURRENT_USER()')).toEqual([`${account.username}@%`]);
      return connection.query('SELECT 1 FROM a WHERE SLEEP(60)').catch((error: unknown) => Object(error).errno);
    });
    const threads = 'SELECT COUNT(*) FROM information_schema.processlist';
    await expect
      .poll(() => rootColumn(engine, `${threads} WHERE INFO = 'SELECT 1 FROM a WHERE SLEEP(60)'`))
      .toEqual(['1']);
    const recorded = await task.close();
    const [session] = recorded.of('session.opened');
    expect(await open).toBe(1927);
    expect(recorded.closed.account.state).toBe('none');
    expect(recorded.of('grant.opened')).toMatchObject([{ taskAccount: null }]);
    expect(await rootColumn(engine, `${threads} WHERE ID = ${session?.body.targetThread}`)).toEqual(['0']);
    expect(await rootColumn(engine, `SELECT COUNT(*) FROM mysql.user WHERE User = '${account.username}'`)).toEqual([
      '1',
    ]);
    await fixed.drop();
    await runAsRoot(engine, [`DROP USER ${account.quoted}`]);
  });
});

describe.each(engines())('a provisioning account on $flavour $version', (engine) => {
  const isMariadb = engine.flavour === 'mariadb';
  const needs = ['CREATE USER', 'PROCESS', isMariadb ? 'CONNECTION ADMIN' : 'CONNECTION_ADMIN'];
  const serverNeeds = isMariadb ? needs : [...needs, 'XA_RECOVER_ADMIN'];
  const database = `t_${randomBytes(6).toString('hex')}`;
  const pattern = quoteDatabasePattern(database);

  beforeAll(() => runAsRoot(engine, [`CREATE DATABASE ${database}`]));
  afterAll(() => runAsRoot(engine, [`DROP DATABASE ${database}`]));

  const lacks = [
    ...serverNeeds.map((privilege) => ({
      what: privilege,
      revoke: `REVOKE ${privilege} ON *.* FROM`,
      missing: `GRANT ${privilege} ON *.* TO ?`,
    })),
    {
      what: 'SELECT on mysql.user',
      revoke: 'REVOKE SELECT ON mysql.user FROM',
      missing: 'GRANT SELECT ON mysql.user TO ?',
    },
    {
      what: 'one of the privileges to pass on',
      revoke: `REVOKE UPDATE ON ${pattern}.* FROM`,
      missing: `GRANT UPDATE ON ${pattern}.* TO ? WITH GRANT OPTION`,
    },
    {
      what: 'the right to pass them on',
      revoke: `REVOKE GRANT OPTION ON ${pattern}.* FROM`,
      missing: `GRANT SELECT, UPDATE ON ${pattern}.* TO ? WITH GRANT OPTION`,
    },
  ];

  test.each(lacks)(
    'without $what is refused with the statement that gives it, and taken after that ran',
    async (lack) => {
      const { username, password, quoted } = await makeAccount(engine);
      const order = { account: quoted, database, privileges: 'SELECT, UPDATE' };
      await runAsRoot(engine, [...provisioningGrants(engine.flavour, order), `${lack.revoke} ${quoted}`]);
      const register = () =>
        callAs(broker(), 'operator', {
          method: 'POST',
          path: '/v1/targets',
          body: {
            name: hostileTargetName(),
            host: engine.host,
            port: engine.port,
            username,
            password,
            limits: { privileges: ['SELECT', 'UPDATE'], databases: [database] },
          },
        });
      const { code, missing } = problemOf(await register());
      expect(code).toBe('target_privileges_missing');
      expect(missing).toEqual([lack.missing.replace('?', quoted)]);
      await runAsRoot(engine, missing ?? []);
      expect((await register()).status).toBe(201);
      await runAsRoot(engine, [`DROP USER ${quoted}`]);
    },
  );
});

test('a target without TLS is refused when its registration asks for it', async () => {
  const [mariadb] = engines();
  if (mariadb === undefined) throw new Error('MariaDB is always there');
  const { username, password } = await makeAccount(mariadb);
  const tls = { mode: 'verify-identity' };
  const body = { name: 'no-tls', host: mariadb.host, port: mariadb.port, username, password, tls };
  const answer = await callAs(broker(), 'operator', { method: 'POST', path: '/v1/targets', body });
  expect(problemOf(answer).code).toBe('target_tls_unavailable');
});
