import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { type Child, startChild, untilReady } from '../test/support/child.js';
import { runAsRoot } from '../test/support/databases.js';
import { LOCAL, logFolder, makeTemporaryFolder, ROOT } from '../test/support/folders.js';
import { findMysql97 } from '../test/support/mysql97.js';
import { freePort } from '../test/support/ports.js';
import { type DatabaseServer } from '../test/support/servers/database-server.js';
import { startMariadb } from '../test/support/servers/mariadb.js';
import { versionOf } from './machine.js';

const HOST = '127.0.0.1';
const HAPROXY = '/usr/sbin/haproxy';
const READY_LIMIT_MS = 15_000;
const CONNECTIONS_MAX = 4_000;

/** Rows of the table: sysbench's own, and one result of 75 MiB. */
export const TABLE_ROWS = 400_000;
export const DATABASE = 'bench';
export const TABLE = 'sbtest1'; // the name that sysbench gives it

/** With what a client reaches the table. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A proxy in front of the database, known by its version. */
export interface Proxy {
  readonly version: string;
  readonly login: Login;
  stop(): Promise<void>;
}

/** A real MariaDB with sysbench's table, and a login that may read it. */
export interface BenchDatabase {
  readonly server: DatabaseServer;
  readonly login: Login;
}

export async function startDatabase(further: readonly string[] = []): Promise<BenchDatabase> {
  const server = await startMariadb({
    args: [
      `--max-connections=${CONNECTIONS_MAX}`,
      '--innodb-buffer-pool-size=512M',
      '--thread-handling=one-thread-per-connection',
      '--thread-cache-size=64',
      ...further,
    ],
  });
  const login = { host: HOST, port: server.port, user: 'bench', password: randomBytes(12).toString('hex') };
  await runAsRoot(server, [
    `CREATE DATABASE ${DATABASE}`,
    `CREATE TABLE ${DATABASE}.${TABLE} (id INT AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, KEY k_1 (k))`,
    `INSERT INTO ${DATABASE}.${TABLE} SELECT seq, seq * 7919 MOD ${TABLE_ROWS}, LEFT(REPEAT(MD5(seq), 4), 119), LEFT(REPEAT(MD5(-seq), 2), 59) FROM ${DATABASE}.seq_1_to_${TABLE_ROWS}`,
    `CREATE USER '${login.user}'@'%' IDENTIFIED BY '${login.password}'`,
    `GRANT ALL PRIVILEGES ON ${DATABASE}.* TO '${login.user}'@'%'`,
  ]);
  return { server, login };
}

/** haproxy as a plain TCP proxy on one thread: what passing bytes on costs at least. */
export async function startHaproxy(database: BenchDatabase): Promise<Proxy> {
  const version = await versionOf(HAPROXY, '-v');
  return startProxy(database, `HAProxy ${version}`, HAPROXY, (port) => ({
    args: (file) => ['-db', '-f', file],
    text: [
      'global',
      '  nbthread 1',
      '  maxconn 2000',
      'defaults',
      '  mode tcp',
      '  timeout connect 5s',
      '  timeout client 1h',
      '  timeout server 1h',
      'listen database',
      `  bind ${HOST}:${port}`,
      `  server mariadb ${HOST}:${database.login.port}`,
    ],
  }));
}

/** MySQL Router 9.7, with TLS off on both sides as everywhere here; a sentence when it is not to be had. */
export async function startRouter(database: BenchDatabase): Promise<Proxy | string> {
  const mysql97 = await findMysql97();
  if (!mysql97.available) return `no MySQL Router: ${mysql97.reason}`;
  const program = join(mysql97.bin, 'mysqlrouter');
  if (!existsSync(program)) return 'no MySQL Router among what was brought';
  const version = await versionOf(program);
  return startProxy(database, `MySQL Router ${version}`, program, (port, folder) => ({
    args: (file) => ['-c', file],
    text: [
      '[DEFAULT]',
      ...['logging', 'runtime', 'data'].map((kind) => `${kind}_folder=${folder}`),
      `plugin_folder=${join(LOCAL, 'mysql97', 'root', 'usr', 'lib', 'mysqlrouter', 'plugin')}`,
      '[logger]',
      'level=WARNING',
      '[routing:database]',
      `bind_address=${HOST}`,
      `bind_port=${port}`,
      `destinations=${HOST}:${database.login.port}`,
      'routing_strategy=first-available',
      'client_ssl_mode=DISABLED',
      'server_ssl_mode=DISABLED',
    ],
  }));
}

/** A relay in Node.js that only passes bytes on. */
export function startRelay(database: BenchDatabase): Promise<Proxy> {
  return startProxy(database, 'bare relay', process.execPath, (port) => ({
    args: () => [join(ROOT, 'bench', 'relay.mjs'), String(port), String(database.login.port)],
    text: [],
  }));
}

async function startProxy(
  database: BenchDatabase,
  version: string,
  command: string,
  settings: (
    port: number,
    folder: string,
  ) => { readonly args: (file: string) => readonly string[]; readonly text: readonly string[] },
): Promise<Proxy> {
  const folder = makeTemporaryFolder();
  const port = await freePort();
  const { args, text } = settings(port, folder);
  const file = join(folder, 'proxy.conf');
  await writeFile(file, `${text.join('\n')}\n`);
  const child = startChild({ command, args: args(file), logFile: join(await logFolder('bench'), 'proxies.log') });
  await untilListening(child, port);
  return {
    version,
    login: { ...database.login, port },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function untilListening(child: Child, port: number): Promise<void> {
  return untilReady(child, READY_LIMIT_MS, async () => {
    const socket = connect(port, HOST);
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  });
}
