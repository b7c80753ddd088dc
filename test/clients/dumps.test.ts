import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBroker } from '../support/broker.js';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { PRIVILEGES, schemaOf } from './schema.js';

interface Dump {
  readonly name: string;
  readonly run: (login: ClientLogin, tables: readonly string[]) => Promise<ClientOutcome>;
}

/**
 * What a grant's privileges allow: no FLUSH (so a snapshot by a transaction, or tables locked one database at a time),
 * no PROCESS (so no tablespaces), no procedures and events of others.
 */
const OPTIONS = ['--hex-blob', '--triggers', '--skip-dump-date', '--no-tablespaces', '--default-character-set=utf8mb4'];

/** MariaDB does not know the collation that mysqldump logs in with, so there it reads no names beyond ASCII. */
const ASCII_TABLES = ['every', 'item', 'piece', 'history', 'own', 'dear'];

const broker = useBroker();
const mysql97 = await findMysql97();

function connectOf({ host, port, user }: ClientLogin): readonly string[] {
  return [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`];
}

const mariadbDump = (name: string, args: readonly string[]): Dump => ({
  name: `mariadb-dump ${name}`,
  run: (login, tables) => {
    const tls = login.caFile === undefined ? ['--skip-ssl'] : [`--ssl-ca=${login.caFile}`, '--ssl-verify-server-cert'];
    const all = ['--no-defaults', ...connectOf(login), ...tls, ...OPTIONS, ...args, login.database ?? '', ...tables];
    return runProgram('/usr/bin/mariadb-dump', all, { env: { MYSQL_PWD: login.password } });
  },
});

const mysqldump = (bin: string, name: string, args: readonly string[]): Dump => ({
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

const DUMPS: readonly Dump[] = [
  mariadbDump('in one transaction', ['--single-transaction']),
  mariadbDump('with locked tables', ['--lock-tables']),
  ...(mysql97.available
    ? [
        mysqldump(mysql97.bin, 'in one transaction', ['--single-transaction']),
        mysqldump(mysql97.bin, 'with locked tables', ['--lock-tables', '--skip-extended-insert']),
      ]
    : []),
];

describe.each(engines())('through an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: schemaOf(engine.flavour), privileges: PRIVILEGES });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  test.each(DUMPS)(
    '$name writes the same to the last byte, and the recording holds what it read',
    async ({ name, run }) => {
      const task = await openTask(broker(), target);
      const tables = engine.flavour === 'mariadb' && name.startsWith('mysqldump') ? ASCII_TABLES : [];
      const expected = await run(direct, tables);
      expect(expected).toMatchObject({ exitCode: 0, stderr: '' });
      for (const part of ['CREATE TABLE `every`', 'TRIGGER', 'VIEW', '0x00FF275C0A0D1A'])
        expect(expected.stdout).toContain(part);
      expect(await run(task.login, tables)).toEqual(expected);
      expect(await run(task.tlsLogin, tables)).toEqual(expected);
      const recorded = await task.close();
      const reads = recorded.statements.filter(({ text }) => /^SELECT .*FROM `every`/.test(text.toString('utf8')));
      expect(reads.map(({ result }) => result?.results)).toMatchObject([[{ rows: 3 }], [{ rows: 3 }]]);
    },
  );
});
