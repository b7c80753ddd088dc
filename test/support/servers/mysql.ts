import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Mysql97 } from '../mysql97.js';
import {
  type DatabaseServer,
  type DatabaseServerOptions,
  type ServerProgram,
  startDatabaseServer,
} from './database-server.js';

const run = promisify(execFile);

/** Small files, and no wait for the disk: a test server's data need not survive a power cut of the machine. */
const LIGHT = [
  '--innodb-redo-log-capacity=32M',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-buffer-pool-size=64M',
  '--innodb-flush-method=nosync',
  // Brokers of several test files stand at once, each with three processes and their pools.
  '--max-connections=1000',
  '--disable-log-bin',
];

/** Starts a private MySQL 9.7, which has `caching_sha2_password` and its own TLS certificate and RSA keys. */
export async function startMysql(mysql97: Mysql97, options?: DatabaseServerOptions): Promise<DatabaseServer> {
  return startDatabaseServer(mysqlProgram(mysql97), options);
}

function mysqlProgram({ bin, version }: Mysql97): ServerProgram {
  const command = join(bin, 'mysqld');
  return {
    flavour: 'mysql',
    command,
    template: `mysql-${version}`,
    async initialise(dataFolder) {
      await mkdir(dataFolder);
      await run(command, ['--initialize-insecure', `--datadir=${dataFolder}`, ...asUser(), ...LIGHT]);
    },
    argsOf: () => ['--mysqlx=0', '--secure-file-priv=NULL', ...asUser(), ...LIGHT],
  };
}

/** The server refuses to run as root unless it is told so. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
