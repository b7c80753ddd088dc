import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  type DatabaseServer,
  type DatabaseServerOptions,
  type ServerProgram,
  startDatabaseServer,
} from './database-server.js';

const run = promisify(execFile);
const SERVER = '/usr/sbin/mariadbd';
const INSTALL = '/usr/bin/mariadb-install-db';

/** Small files, and no wait for the disk: a test server's data need not survive a power cut of the machine. */
const LIGHT = [
  '--innodb-log-file-size=16M',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-buffer-pool-size=64M',
  '--innodb-flush-method=nosync',
  '--debug-no-sync', // it waits for the disk with every table that is made or dropped, whatever InnoDB does
  // Brokers of several test files stand at once, each with three processes and their pools.
  '--max-connections=1000',
];

/** Starts a private MariaDB. */
export async function startMariadb(options?: DatabaseServerOptions): Promise<DatabaseServer> {
  return startDatabaseServer(await mariadbProgram(), options);
}

async function mariadbProgram(): Promise<ServerProgram> {
  await access(SERVER);
  const { stdout } = await run(SERVER, ['--no-defaults', '--version']);
  const version = /Ver (\d[\w.]*)/.exec(stdout)?.[1] ?? 'unknown';
  return {
    flavour: 'mariadb',
    command: SERVER,
    template: `mariadb-${version}`,
    async initialise(dataFolder) {
      await run(INSTALL, [
        '--no-defaults',
        `--datadir=${dataFolder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
        ...asUser(),
        ...LIGHT,
      ]);
    },
    argsOf: () => ['--no-defaults', ...asUser(), ...LIGHT],
  };
}

/** The server refuses to run as root unless it is told so. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
