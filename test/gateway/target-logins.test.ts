import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { type RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTarget } from '../../src/protocols/mysql/login/target-connection.js';
import { CLIENT_LONG_PASSWORD } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { makeServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runAsRoot } from '../support/databases.js';
import { type Problem, callAs, problemOf } from '../support/http.js';
import { findMysql97 } from '../support/mysql97.js';
import { type DatabaseServer } from '../support/servers/database-server.js';
import { startMariadb } from '../support/servers/mariadb.js';
import { startMysql } from '../support/servers/mysql.js';
import { hostileTargetName } from '../support/names.js';
import {
  type Identification,
  NOTHING_LEFT,
  type ServerAccount,
  type TestTarget,
  makeAccount,
  makeTarget,
  openTask,
  tracesOf,
} from '../support/task.js';

const broker = useSharedBroker();
const mysql97 = await findMysql97();

const SCHEMA = ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1)'];
const TLS_MODES = ['off', 'unverified', 'verify-identity'] as const;

interface Way {
  readonly name: string;
  readonly identified: Identification;
}

const via = (plugin: string): Way => ({
  name: plugin,
  identified: (password) => `IDENTIFIED VIA ${plugin} USING PASSWORD('${password}')`,
});
const by = (plugin: string): Way => ({
  name: plugin,
  identified: (password) => `IDENTIFIED WITH ${plugin} BY '${password}'`,
});

const MARIADB_WAYS: readonly Way[] = [
  via('mysql_native_password'),
  via('ed25519'),
  {
    name: 'unix_socket or ed25519',
    identified: (password) => `IDENTIFIED VIA unix_socket OR ${bare('ed25519', password)}`,
  },
  {
    name: 'ed25519, of another password, or mysql_native_password',
    identified: (password) =>
      `IDENTIFIED VIA ${bare('ed25519', 'another')} OR ${bare('mysql_native_password', password)}`,
  },
];
const MYSQL_WAYS: readonly Way[] = [by('caching_sha2_password'), by('sha256_password')];

function bare(plugin: string, password: string): string {
  return `${plugin} USING PASSWORD('${password}')`;
}

const STARTERS = [
  {
    name: 'MariaDB',
    ways: MARIADB_WAYS,
    prepare: ["INSTALL SONAME 'auth_ed25519'"],
    start: () => startMariadb({ tls: true }),
  },
  ...(mysql97.available
    ? [{ name: 'MySQL', ways: MYSQL_WAYS, prepare: [], start: () => startMysql(mysql97, { tls: true }) }]
    : []),
];

describe.each(STARTERS)('an account of a $name', ({ name, start, ways, prepare }) => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await start();
    await runAsRoot(server, prepare);
  });
  afterAll(() => server?.stop());

  const tlsOf = (mode: (typeof TLS_MODES)[number]): object =>
    mode === 'verify-identity' ? { mode, ca: server.ca } : { mode };

  /** What a task's session says of the account that it has at the target. */
  const userOf = async (target: TestTarget): Promise<unknown> => {
    const task = await openTask(broker(), target);
    const rows = await withMysql2(task.login, async (connection) => {
      const [found] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS who, id FROM a');
      return found;
    });
    await task.close();
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    expect(rows).toHaveLength(1);
    return rows[0]?.['who'];
  };

  const cases = ways.flatMap((way) => TLS_MODES.map((mode) => ({ ...way, mode })));
  test.each(cases)('makes task accounts when it logs in with $name, TLS $mode', async ({ identified, mode }) => {
    const target = await makeTarget(broker(), server, {
      schema: SCHEMA,
      identified,
      registration: { tls: tlsOf(mode) },
    });
    expect(await userOf(target)).not.toContain(target.provisioner.username);
    await target.drop();
  });

  test.each(cases)('is lent to tasks when it logs in with $name, TLS $mode', async ({ identified, mode }) => {
    const lent = await makeAccount(server, identified);
    const database = `t_${randomBytes(6).toString('hex')}`;
    // Before the target is registered: an account sees no database in which it may do nothing.
    await runAsRoot(server, [`GRANT SELECT ON \`${database}\`.* TO ${lent.quoted}`]);
    const target = await makeTarget(broker(), server, {
      schema: SCHEMA,
      database,
      registration: {
        credentials: 'static',
        username: lent.username,
        password: lent.password,
        tls: tlsOf(mode),
      },
    });
    expect(await userOf(target)).toBe(`${lent.username}@%`);
    await target.drop();
  });

  test('is refused with a wrong password, whatever it logs in with', async () => {
    for (const { identified } of ways) {
      const account = await makeAccount(server, identified);
      const { code } = await registered(server, { ...account, password: 'wrong' });
      expect(code).toBe('target_login_refused');
    }
  });

  test('is verified with its authority, and its task accounts must use TLS', async () => {
    const registration = { tls: tlsOf('verify-identity') };
    const target = await makeTarget(broker(), server, { schema: SCHEMA, registration });
    const task = await openTask(broker(), target);
    const [made] = await target.rootRows(`SHOW CREATE USER '${task.login.user}'@'%'`);
    expect(String(Object.values(made ?? {})[0])).toContain('REQUIRE SSL');
    const [version] = await withMysql2(task.tlsLogin, (connection) =>
      connection.query("SHOW SESSION STATUS LIKE 'Ssl_version'"),
    );
    expect(version).toMatchObject([{ Value: expect.stringMatching(/^TLSv1\.[23]$/) }]);
    await task.close();
  });

  test('is refused when the authority or the name of its server is another', async () => {
    const other = await makeServerCertificate(makeTemporaryFolder());
    const refused = async (tls: object): Promise<string> =>
      (await registered(server, await makeAccount(server), tls)).code;
    expect(await refused({ mode: 'verify-identity', ca: other.ca })).toBe('target_tls_untrusted');
    expect(await refused({ mode: 'verify-identity' })).toBe('target_tls_untrusted');
    expect(await refused({ mode: 'verify-identity', ca: server.ca, serverName: 'elsewhere.example' })).toBe(
      'target_tls_untrusted',
    );
  });

  if (name === 'MariaDB') {
    test('is refused when it logs in with a plugin which wants the password itself, and the refusal names it', async () => {
      await runAsRoot(server, ["INSTALL SONAME 'auth_pam'"]);
      const account = await makeAccount(server, () => 'IDENTIFIED VIA pam');
      expect(await registered(server, account)).toMatchObject({
        code: 'target_unsupported',
        detail: expect.stringMatching(
          /the plugin "(dialog|mysql_clear_password)"\. The broker supports mysql_native_password, caching_sha2_password, sha256_password, client_ed25519\./,
        ),
      });
      const local = await makeAccount(server, () => 'IDENTIFIED VIA unix_socket');
      expect(await registered(server, local)).toMatchObject({ code: 'target_login_refused' });
    });
    return;
  }

  test('makes the full exchange of caching_sha2_password when the server has to, and the fast one from then on', async () => {
    const proxy = await startListening(server);
    try {
      const account = await makeAccount(server, by('caching_sha2_password').identified);
      const logIn = async (): Promise<Buffer> => {
        const endpoint = { host: server.host, port: proxy.port, tls: { mode: 'off' as const } };
        const { username, password } = account;
        const session = { database: null, capabilities: CLIENT_LONG_PASSWORD, collation: 45, attributes: new Map() };
        const { socket } = await connectTarget(endpoint, { username, password, ...session }, 5_000);
        socket.destroy();
        return proxy.takeSaid();
      };
      const [first, second] = [await logIn(), await logIn()];
      expect([saysByte(first, 4), saysByte(first, 3), first.includes('BEGIN PUBLIC KEY')]).toEqual([true, false, true]);
      expect([saysByte(second, 4), saysByte(second, 3), second.includes('PUBLIC')]).toEqual([false, true, false]);
      await runAsRoot(server, ['FLUSH PRIVILEGES']);
      expect(saysByte(await logIn(), 4)).toBe(true);
    } finally {
      proxy.close();
    }
  });
});

/** The problem of registering a target with an account. */
async function registered(
  server: DatabaseServer,
  { username, password }: ServerAccount,
  tls: object = { mode: 'off' },
): Promise<Problem> {
  const { host, port } = server;
  const body = { name: hostileTargetName(), host, port, username, password, tls };
  return problemOf(await callAs(broker(), 'operator', { method: 'POST', path: '/v1/targets', body }));
}

/** A proxy that keeps what the server says. */
async function startListening(to: DatabaseServer): Promise<{
  readonly port: number;
  /** Since it was last asked. */
  readonly takeSaid: () => Buffer;
  readonly close: () => void;
}> {
  const said: Buffer[] = [];
  const listener = createServer((client) => {
    const server = connect(to.port, to.host);
    server.on('data', (chunk: Buffer) => void said.push(chunk));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, to.host, resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return {
    port: address.port,
    takeSaid: () => Buffer.concat(said.splice(0)),
    close: () => void listener.close(),
  };
}

/** A packet of `caching_sha2_password` that says one byte, whatever its sequence id. */
const saysByte = (said: Buffer, byte: number): boolean =>
  said.toString('latin1').match(new RegExp(`\\x02\\0\\0[\\x01-\\x0f]\\x01\\x0${byte}`)) !== null;

test.skipIf(!mysql97.available)('a server that greets with sha256_password is logged in to', async () => {
  if (!mysql97.available) return;
  const server = await startMysql(mysql97, { tls: true, args: ['--authentication-policy=*:sha256_password,,'] });
  try {
    for (const tls of [{ mode: 'off' }, { mode: 'verify-identity', ca: server.ca }]) {
      const target = await makeTarget(broker(), server, { schema: SCHEMA, registration: { tls } });
      const task = await openTask(broker(), target);
      await withMysql2(task.login, (connection) => connection.query('SELECT id FROM a'));
      expect((await task.close()).texts).toEqual(['SELECT id FROM a']);
    }
  } finally {
    await server.stop();
  }
});
