import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql, { type Connection } from 'mysql2/promise';
import type { ConnectionView } from '../../contracts/grants/grant.js';
import { PATHS } from './paths.js';
import { findProgram } from './processes.js';
import { type Outcome, runProgram } from './programs.js';

const CONNECT_MS_MAX = 5_000;

/** Runs statements with Debian's `mariadb` client through the grant's endpoint, over TLS. */
export async function runMariadbClient(
  { host, port, username, password, database, tls }: ConnectionView,
  statements: readonly string[],
): Promise<Outcome> {
  const caFile = join(PATHS.run, 'endpoint-ca.pem');
  await writeFile(caFile, tls.ca);
  const args = [
    '--no-defaults',
    '--protocol=TCP',
    `--host=${host}`,
    `--port=${port}`,
    `--user=${username}`,
    `--ssl-ca=${caFile}`,
    '--ssl-verify-server-cert',
    '--default-character-set=utf8mb4',
    '--batch', // columns by tabs, the first line their names
    ...(database === null ? [] : [database]),
  ];
  const input = statements.map((statement) => `${statement};\n`).join('');
  const env = { ...process.env, MYSQL_PWD: password };
  return runProgram(findProgram('mariadb', 'mariadb-client'), args, { input, env });
}

/** Lets `use` work on a mysql2 connection through the grant's endpoint, over TLS. */
export async function withMysql2<T>(
  { host, port, username, password, database, tls }: ConnectionView,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await mysql.createConnection({
    host,
    port,
    user: username,
    password,
    ...(database === null ? {} : { database }),
    ssl: { ca: tls.ca, verifyIdentity: true },
    connectTimeout: CONNECT_MS_MAX,
  });
  try {
    return await use(connection);
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}
