import mysql from 'mysql2/promise';
import { rootLogin, runAsRoot } from '../../support/databases.js';
import { withMysql2 } from '../../support/clients/mysql2.js';
import { hostileName } from '../../support/names.js';
import type { DatabaseAddress } from '../../support/servers/database-server.js';
import { makeAccount, provisioningGrants, tracesOf, NOTHING_LEFT } from '../../support/task.js';
import { quoteIdentifier } from '../../../src/protocols/mysql/account/sql-quote.js';
import { COM_QUERY } from '../../../src/protocols/mysql/wire/commands.js';
import type { ConformanceClient, ConformanceTarget, Conformer, GrantConnection } from '../conformer.js';

const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE'];

/** A database server of the test run, with a database in it that keeps what it is told. */
export function mysqlConformer(server: DatabaseAddress): Conformer {
  return { name: `${server.flavour} ${server.version}`, start: () => startTarget(server) };
}

async function startTarget(server: DatabaseAddress): Promise<ConformanceTarget> {
  const database = hostileName();
  const provisioner = await makeAccount(server);
  const quoted = quoteIdentifier(database);
  const order = { account: provisioner.quoted, database, privileges: PRIVILEGES.join(', ') };
  await runAsRoot(server, [
    `CREATE DATABASE ${quoted}`,
    `CREATE TABLE ${quoted}.heard (mark VARCHAR(50))`,
    `INSERT INTO ${quoted}.heard VALUES ('nothing yet')`,
    ...provisioningGrants(server.flavour, order),
  ]);
  return {
    host: server.host,
    port: server.port,
    registration: {
      username: provisioner.username,
      password: provisioner.password,
      defaultDatabase: database,
      limits: { privileges: PRIVILEGES, databases: [database] },
    },
    access: [{ database, privileges: 'ALL' }],
    operations: {
      harmless: (mark) => `SELECT '${mark}' AS mark`,
      risky: (mark) => `INSERT INTO heard (mark) VALUES ('${mark}')`,
      denied: (mark) => `CREATE USER '${mark}'@'%'`,
      lasting: (mark) => `SELECT '${mark}' FROM heard WHERE SLEEP(30)`,
      onTheWire: (operation) => String.fromCharCode(COM_QUERY) + operation,
    },
    making: /CREATE USER/,
    ending: /DROP USER/,
    connect: logIn,
    arrived: () =>
      withMysql2({ ...rootLogin(server), database }, async (connection) => {
        const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT mark FROM heard');
        return rows.map((row) => String(row['mark']));
      }),
    stands: async (account) =>
      JSON.stringify(await tracesOf({ engine: server, database }, account)) !== JSON.stringify(NOTHING_LEFT),
    stop: () => runAsRoot(server, [`DROP DATABASE ${quoted}`, `DROP USER ${provisioner.quoted}`]),
  };
}

/** With TLS, as its connection says. */
async function logIn(connection: GrantConnection): Promise<ConformanceClient> {
  const { host, port, username: user, password, database, tls } = connection;
  const client = await mysql.createConnection({
    host,
    port,
    user,
    password,
    ssl: { ca: tls.ca },
    ...(typeof database === 'string' ? { database } : {}),
  });
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  for (const event of ['error', 'end']) client.on(event, () => resolve()); // whichever the client notices first
  return {
    run: (operation) =>
      client.query(operation).then(
        ([rows]) => ({ answer: JSON.stringify(rows) }),
        (error: unknown) => ({ refusal: error instanceof Error ? error.message : String(error) }),
      ),
    gone,
    close: async () => client.destroy(),
  };
}
