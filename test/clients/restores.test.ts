import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

// Everything is allowed, as it must be for one who makes a schema again.
const broker = useSharedBroker();
const mysql97 = await findMysql97();

const PRIVILEGES = 'SELECT INSERT UPDATE DELETE CREATE DROP ALTER INDEX REFERENCES TRIGGER EVENT EXECUTE'
  .split(' ')
  .concat('CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'LOCK TABLES');

/** Made in the task itself: nobody else's views and routines could be made again by it. */
const SCHEMA = [
  `CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) CHARACTER SET latin1, raw VARBINARY(20),
     price DECIMAL(8,2), KEY by_name (name))`,
  'CREATE TABLE history (id INT PRIMARY KEY AUTO_INCREMENT, item INT, FOREIGN KEY (item) REFERENCES item (id))',
  "INSERT INTO item VALUES (1, 'é */ x', X'00FF275C0A0D1A', 1.5), (2, NULL, '', NULL), (3, '/*! \\\\ \\' */', NULL, -1)",
  'INSERT INTO history (item) VALUES (1), (3)',
  'CREATE VIEW dear AS SELECT id, name FROM item WHERE price > 1',
  'CREATE VIEW dearest AS SELECT id FROM dear',
  "CREATE TRIGGER keep BEFORE UPDATE ON item FOR EACH ROW BEGIN SET NEW.name = CONCAT(NEW.name, '!'); END",
  'CREATE PROCEDURE twice(IN n INT, OUT m INT) BEGIN SET m = n * 2; END',
  'CREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 2',
  "CREATE EVENT sweep ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM history",
];

interface Pair {
  readonly name: string;
  readonly dump: (login: ClientLogin) => Promise<ClientOutcome>;
  readonly load: (login: ClientLogin, input: string) => Promise<ClientOutcome>;
}

const OPTIONS = ['--triggers', '--routines', '--events', '--hex-blob', '--skip-dump-date', '--no-tablespaces'];

function connectOf({ host, port, user }: ClientLogin): readonly string[] {
  return ['--no-defaults', `--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`];
}

const MARIADB: Pair = {
  name: 'mariadb-dump and mariadb',
  dump: (login) =>
    runProgram(
      '/usr/bin/mariadb-dump',
      [...connectOf(login), '--skip-ssl', ...OPTIONS, '--single-transaction', login.database ?? ''],
      { env: { MYSQL_PWD: login.password } },
    ),
  load: (login, input) =>
    runProgram('/usr/bin/mariadb', [...connectOf(login), '--skip-ssl', login.database ?? ''], {
      input,
      env: { MYSQL_PWD: login.password },
    }),
};

function mysqlPair(bin: string): Pair {
  const plain = ['--ssl-mode=DISABLED', '--get-server-public-key'];
  const own = ['--single-transaction', '--set-gtid-purged=OFF', '--column-statistics=0', '--skip-masking-policies'];
  return {
    name: 'mysqldump 9.7 and mysql 9.7',
    dump: (login) =>
      runProgram(
        join(bin, 'mysqldump'),
        [...connectOf(login).slice(1), ...plain, ...OPTIONS, ...own, login.database ?? ''],
        {
          env: { MYSQL_PWD: login.password },
        },
      ),
    load: (login, input) =>
      runProgram(join(bin, 'mysql'), [...connectOf(login).slice(1), ...plain, login.database ?? ''], {
        input,
        env: { MYSQL_PWD: login.password },
      }),
  };
}

describe.each(engines())('a dump that is restored in place on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { privileges: PRIVILEGES });
  });
  afterAll(() => target?.drop());

  const pairs = engine.flavour === 'mysql' && mysql97.available ? [MARIADB, mysqlPair(mysql97.bin)] : [MARIADB];

  test.each(pairs)('gives back every row, view, trigger, routine and event: $name', async ({ dump, load }) => {
    const task = await openTask(broker(), target);
    await withMysql2({ ...task.login }, async (connection) => {
      for (const name of ['dearest', 'dear']) await connection.query(`DROP VIEW IF EXISTS ${name}`);
      for (const name of ['history', 'item']) await connection.query(`DROP TABLE IF EXISTS ${name}`);
      for (const what of ['PROCEDURE twice', 'FUNCTION half', 'EVENT sweep']) {
        await connection.query(`DROP ${what.replace(' ', ' IF EXISTS ')}`);
      }
      for (const statement of SCHEMA) await connection.query(statement);
    });
    const before = await dump(task.login);
    expect(before).toMatchObject({ exitCode: 0, stderr: '' });
    for (const part of ['`item`', 'VIEW `dearest`', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT', '0x00FF275C0A0D1A'])
      expect(before.stdout).toContain(part);
    await withMysql2(task.login, async (connection) => {
      await connection.query('DELETE FROM history');
      await connection.query('DROP VIEW dear');
      await connection.query('UPDATE item SET price = 0');
    });
    expect(await load(task.login, before.stdout)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await dump(task.login)).stdout).toBe(before.stdout);
    await task.close();
  });
});
