import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { runProgram } from '../test/support/clients/program.js';
import { DATABASE, type Login, TABLE_ROWS } from './servers.js';

const SYSBENCH = '/usr/bin/sysbench';
const MARIADB = '/usr/bin/mariadb';

export interface PointSelectOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly prepared: boolean;
}

/** Runs sysbench's point selects and gives the statements in a second. */
export async function pointSelects(
  { host, port, user, password }: Login,
  { connections, seconds, prepared }: PointSelectOptions,
): Promise<number> {
  const { stdout, stderr, exitCode } = await runProgram(SYSBENCH, [
    'oltp_point_select',
    '--db-driver=mysql',
    `--mysql-host=${host}`,
    `--mysql-port=${port}`,
    `--mysql-user=${user}`,
    `--mysql-password=${password}`,
    `--mysql-db=${DATABASE}`,
    '--tables=1',
    `--table-size=${TABLE_ROWS}`,
    `--db-ps-mode=${prepared ? 'auto' : 'disable'}`,
    `--threads=${connections}`,
    `--time=${seconds}`,
    'run',
  ]);
  const rate = /queries:\s+\d+\s+\(([\d.]+) per sec\.\)/.exec(stdout)?.[1];
  if (exitCode !== 0 || rate === undefined) throw new Error(`sysbench ended with ${exitCode}: ${stdout}${stderr}`);
  return Number(rate);
}

/** Runs one statement with the `mariadb` client, its output thrown away, and gives the seconds that took. */
export async function timeStatement(login: Login, statement: string): Promise<number> {
  const nowhere = await open('/dev/null', 'w');
  try {
    const startedMs = performance.now();
    await exitOf(spawnClient(login, statement, nowhere.fd));
    return (performance.now() - startedMs) / 1000;
  } finally {
    await nowhere.close();
  }
}

/** Runs one statement with the `mariadb` client and hands its output, as it comes, to `read`. */
export async function readStatement(
  login: Login,
  statement: string,
  read: (output: Readable) => Promise<void>,
): Promise<void> {
  const client = spawnClient(login, statement, 'pipe');
  if (client.stdout === null) throw new Error('The client has no output');
  await Promise.all([read(client.stdout), exitOf(client)]);
}

function spawnClient({ host, port, user, password }: Login, statement: string, stdout: number | 'pipe') {
  const args = ['--no-defaults', `--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`];
  return spawn(MARIADB, [...args, '--skip-ssl', '--batch', '--quick', `--execute=${statement}`, DATABASE], {
    stdio: ['ignore', stdout, 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', MYSQL_PWD: password },
  });
}

async function exitOf(client: ReturnType<typeof spawn>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  client.once('error', reject);
  client.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`The mariadb client ended with ${code}`);
}
