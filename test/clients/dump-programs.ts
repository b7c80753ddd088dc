import { join } from 'node:path';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';

export interface Dump {
  readonly name: string;
  /** Of some tables, or of the whole database when there are none. */
  readonly run: (login: ClientLogin, tables: readonly string[]) => Promise<ClientOutcome>;
}

/**
 * What a grant's privileges allow: no FLUSH (so a snapshot by a transaction, or tables locked one database at a time),
 * no PROCESS (so no tablespaces), no procedures and events of others.
 */
const OPTIONS = ['--hex-blob', '--triggers', '--skip-dump-date', '--no-tablespaces', '--default-character-set=utf8mb4'];

function connectOf({ host, port, user }: ClientLogin): readonly string[] {
  return [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`];
}

export const mariadbDump = (name: string, args: readonly string[]): Dump => ({
  name: `mariadb-dump ${name}`,
  run: (login, tables) => {
    const tls = login.caFile === undefined ? ['--skip-ssl'] : [`--ssl-ca=${login.caFile}`, '--ssl-verify-server-cert'];
    const all = ['--no-defaults', ...connectOf(login), ...tls, ...OPTIONS, ...args, login.database ?? '', ...tables];
    return runProgram('/usr/bin/mariadb-dump', all, { env: { MYSQL_PWD: login.password } });
  },
});

export const mysqldump = (bin: string, name: string, args: readonly string[]): Dump => ({
  name: `mysqldump ${name}`,
  run: (login, tables) => {
    const tls =
      login.caFile === undefined
        ? ['--ssl-mode=DISABLED', '--get-server-public-key']
        : [`--ssl-ca=${login.caFile}`, '--ssl-mode=VERIFY_IDENTITY'];
    const plugins = `--plugin-dir=${join(bin, '..', 'root/usr/lib/mysql/plugin')}`;
    const own = ['--set-gtid-purged=OFF', '--column-statistics=0', '--skip-masking-policies', plugins];
    const all = [
      '--no-defaults',
      ...connectOf(login),
      ...tls,
      ...OPTIONS,
      ...own,
      ...args,
      login.database ?? '',
      ...tables,
    ];
    return runProgram(join(bin, 'mysqldump'), all, { env: { MYSQL_PWD: login.password } });
  },
});
