import { randomBytes } from 'node:crypto';
import { type DatabaseAddress } from './servers/database-server.js';
import { withMysql2 } from './clients/mysql2.js';
import { type ClientLogin } from './clients/program.js';

/** A database of a test's own, with a user that has all rights in it and none elsewhere. */
export interface OwnDatabase extends ClientLogin {
  readonly database: string;
  /** `mysql://…` with everything above. */
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** What root needs to log in. */
export function rootLogin({ host, port, root }: DatabaseAddress): ClientLogin {
  return { host, port, ...root };
}

/** Runs statements as root, one after the other. */
export async function runAsRoot(server: DatabaseAddress, statements: readonly string[]): Promise<void> {
  await withMysql2(rootLogin(server), async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}

/** Makes a database and a user of the same random name. */
export async function makeDatabase(server: DatabaseAddress): Promise<OwnDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await runAsRoot(server, [
    `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
    `CREATE USER '${name}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON ${name}.* TO '${name}'@'%'`,
  ]);
  const { host, port } = server;
  return {
    host,
    port,
    user: name,
    password,
    database: name,
    url: `mysql://${name}:${password}@${host}:${port}/${name}`,
    drop: () => runAsRoot(server, [`DROP DATABASE ${name}`, `DROP USER '${name}'@'%'`]),
  };
}
