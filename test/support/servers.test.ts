import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { isRunning } from './child.js';
import { withMariadbConnector } from './clients/mariadb-connector.js';
import { runMariadbCli } from './clients/mariadb-cli.js';
import { withMysql2 } from './clients/mysql2.js';
import { runMysqlCli } from './clients/mysql-cli.js';
import { runPymysql } from './clients/pymysql.js';
import { makeDatabase, rootLogin } from './databases.js';
import { engines } from './engines.js';
import { findMysql97 } from './mysql97.js';
import { type DatabaseServer, type DatabaseServerOptions } from './servers/database-server.js';
import { startMariadb } from './servers/mariadb.js';
import { startMysql } from './servers/mysql.js';
import { startRedis } from './servers/redis.js';

const mysql97 = await findMysql97();

const STARTERS: readonly { name: string; start: (options?: DatabaseServerOptions) => Promise<DatabaseServer> }[] = [
  { name: 'MariaDB', start: startMariadb },
  ...(mysql97.available
    ? [{ name: 'MySQL', start: (options?: DatabaseServerOptions) => startMysql(mysql97, options) }]
    : []),
];

describe.each(STARTERS)('a private $name', ({ start }) => {
  test('answers, keeps its data over a power cut, and is gone after stop', async () => {
    const server = await start();
    try {
      const own = await makeDatabase(server);
      await withMysql2(own, async (connection) => {
        await connection.query('CREATE TABLE kept (id INT PRIMARY KEY)');
        await connection.query('INSERT INTO kept VALUES (7)');
      });
      await server.kill();
      await expect(canConnect(server.port)).resolves.toBe(false);
      await server.restart();
      const [rows] = await withMysql2(own, (connection) => connection.query('SELECT id FROM kept'));
      expect(rows).toEqual([{ id: 7 }]);
    } finally {
      await server.stop();
    }
    expect(isRunning(server.pid)).toBe(false);
    expect(existsSync(server.folder)).toBe(false);
    await expect(canConnect(server.port)).resolves.toBe(false);
  });

  test('serves TLS with a certificate that clients can verify', async () => {
    const server = await start({ tls: true, args: ['--require-secure-transport=ON'] });
    try {
      const login = { ...rootLogin(server), caFile: `${server.folder}/tls/ca.pem` };
      const [rows] = await withMysql2(login, (connection) => connection.query("SHOW STATUS LIKE 'Ssl_version'"));
      expect(rows).toEqual([{ Variable_name: 'Ssl_version', Value: expect.stringMatching(/^TLSv1\.[23]$/) }]);
      const plain = withMysql2(rootLogin(server), (connection) => connection.query('SELECT 1'));
      await expect(plain).rejects.toMatchObject({ errno: expect.toBeOneOf([1045, 3159]) }); // MariaDB, MySQL
    } finally {
      await server.stop();
    }
  });
});

test('a private Redis answers, keeps its data over a restart, and is gone after stop', async () => {
  const server = await startRedis();
  await server.restart();
  await server.stop();
  expect(isRunning(server.pid)).toBe(false);
  await expect(canConnect(server.port)).resolves.toBe(false);
});

describe.each(engines())('the shared $flavour $version', (engine) => {
  const own = makeDatabase(engine);

  afterAll(async () => (await own).drop());

  test('has no anonymous user that could shadow another', async () => {
    const [rows] = await withMysql2(rootLogin(engine), (connection) =>
      connection.query("SELECT user, host FROM mysql.user WHERE user = ''"),
    );
    expect(rows).toEqual([]);
  });

  test('answers mysql2 and the MariaDB connector', async () => {
    const [rows] = await withMysql2(await own, (connection) => connection.query('SELECT 1 + 1 AS two'));
    expect(rows).toEqual([{ two: 2 }]);
    const answer = await withMariadbConnector(await own, (connection) => connection.query('SELECT 1 + 1 AS two'));
    expect(answer.map(({ two }: { two: unknown }) => Number(two))).toEqual([2]);
  });

  test('answers PyMySQL and the mariadb client', async () => {
    const outcomes = [
      await runPymysql(await own, ['SELECT 1 + 1', "SELECT 'a'"]),
      await runMariadbCli(await own, ['SELECT 1 + 1 AS two', "SELECT 'a' AS letter"], ['--skip-column-names']),
    ];
    expect(outcomes).toEqual([
      { stdout: '[[2]]\n[["a"]]\n', stderr: '', exitCode: 0 },
      { stdout: '2\na\n', stderr: '', exitCode: 0 },
    ]);
  });

  test.runIf(mysql97.available)('answers the mysql 9.7 client', async () => {
    const outcome = await runMysqlCli(await own, ['SELECT 1 + 1 AS two', "SELECT 'a' AS letter"]);
    expect(outcome).toEqual({ stdout: 'two\n2\nletter\na\n', stderr: '', exitCode: 0 });
  });

  test('tells a client program why it was refused', async () => {
    const outcome = await runMariadbCli({ ...(await own), password: 'wrong' }, ['SELECT 1']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1, stderr: expect.stringContaining('Access denied') });
  });
});

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
