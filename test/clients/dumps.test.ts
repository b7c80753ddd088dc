import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { type Dump, mariadbDump, mysqldump } from './dump-programs.js';
import { PRIVILEGES, schemaOf } from './schema.js';

/** MariaDB does not know the collation that mysqldump logs in with, so there it reads no names beyond ASCII. */
const ASCII_TABLES = ['every', 'item', 'piece', 'history', 'own', 'dear'];

const broker = useSharedBroker();
const mysql97 = await findMysql97();

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
      expect(reads.map(({ result }) => result?.body.results)).toMatchObject([[{ rows: 3 }], [{ rows: 3 }]]);
    },
  );
});
