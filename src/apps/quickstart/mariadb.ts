import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { PATHS } from './paths.js';
import { freePort, LOOPBACK } from './ports.js';
import { findProgram, type Processes, untilReady } from './processes.js';

const run = promisify(execFile);
const READY_MS_MAX = 30_000;
const APT_PACKAGE = 'mariadb-server';
const ADMIN = 'quickstart_admin';

/** Small files, and no wait for the disk: the data is made again with each run. */
const LIGHT = ['--innodb-log-file-size=16M', '--innodb-flush-log-at-trx-commit=2', '--innodb-buffer-pool-size=64M'];

/** An administrator's login to the private server. */
export interface AdminLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The private MariaDB: it holds the demo target, and the state database unless one is configured. */
export interface PrivateMariadb {
  readonly admin: AdminLogin;
  readonly version: string;
}

/** Starts a MariaDB with an empty data folder on a free loopback port, and waits until it answers. */
export async function startMariadb(processes: Processes): Promise<PrivateMariadb> {
  const folder = join(PATHS.run, 'mariadb');
  const data = join(folder, 'data');
  // A MariaDB that starts deletes the temporary tables in its folder: those of a server that runs here already, in /tmp.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await run(findProgram('mariadb-install-db', APT_PACKAGE), [
    '--no-defaults',
    `--datadir=${data}`,
    `--tmpdir=${temporary}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    ...asUser(),
    ...LIGHT,
  ]);
  const admin = {
    host: LOOPBACK,
    port: await freePort(),
    user: ADMIN,
    password: randomBytes(18).toString('base64url'),
  };
  const initFile = join(folder, 'init.sql');
  await writeFile(initFile, initStatements(admin.password), { mode: 0o600 });
  const server = processes.start({
    name: 'mariadb',
    command: findProgram('mariadbd', APT_PACKAGE),
    args: [
      '--no-defaults',
      ...asUser(),
      ...LIGHT,
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      `--bind-address=${LOOPBACK}`,
      `--port=${admin.port}`,
      '--skip-name-resolve',
      '--socket=server.sock', // below the data folder; a path from the root may be too long for a socket
      `--pid-file=${join(folder, 'pid')}`,
      `--init-file=${initFile}`,
    ],
  });
  const version = await untilReady(server, READY_MS_MAX, () =>
    withMariadb(admin, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
      return String(rows[0]?.['version']);
    }),
  );
  await rm(initFile);
  return { admin, version };
}

/** Lets `use` work on a connection with all rights, and closes it. */
export async function withMariadb<T>(login: AdminLogin, use: (connection: Connection) => Promise<T>): Promise<T> {
  const { host, port, user, password } = login;
  const connection = await mysql.createConnection({ host, port, user, password, charset: 'utf8mb4' });
  try {
    return await use(connection);
  } finally {
    connection.destroy();
  }
}

/** Run before the server takes its first connection; one statement on a line. */
function initStatements(password: string): string {
  return [
    // What the installation made has no password, or would come before 'name'@'%' for connections from this machine.
    `DELETE FROM mysql.global_priv WHERE User IN ('', 'root');`,
    'FLUSH PRIVILEGES;',
    `CREATE USER '${ADMIN}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${ADMIN}'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}

/** The server refuses to run as root unless it is told so. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
