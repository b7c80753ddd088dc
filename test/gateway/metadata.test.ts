import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PRIVILEGES } from '../../src/protocols/sql/privilege.js';
import { mariadbDump, mysqldump } from '../clients/dump-programs.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin, connectionOptions } from '../support/clients/program.js';
import { approveNext } from '../support/decide.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { grantsOf } from '../support/task-account.js';
import { findMysql97 } from '../support/mysql97.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

const broker = useSharedBroker('default');
const mysql97 = await findMysql97();

/** Dumping programs, with further arguments. */
const DUMPS = [
  { name: 'mariadb-dump', dumpWith: (args: readonly string[]) => mariadbDump('', args) },
  ...(mysql97.available
    ? [{ name: 'mysqldump 9.7', dumpWith: (args: readonly string[]) => mysqldump(mysql97.bin, '', args) }]
    : []),
];

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT, CHECK (total > 0), KEY by_total (total))',
  'CREATE TABLE notes (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES orders (id))',
  'CREATE VIEW dear AS SELECT id FROM orders WHERE total > 100',
  'CREATE TRIGGER checked BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = 1',
  'CREATE PROCEDURE sums(IN a INT) SELECT a',
  'CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2',
  'CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1',
];
const OF_SCHEMA = 'FROM information_schema';
/** What lists something of the database; each in the words of a tool that asks so. */
const LISTS = [
  'SHOW TRIGGERS',
  "SHOW TRIGGERS LIKE 'orders'",
  'SHOW EVENTS',
  'SHOW PROCEDURE STATUS WHERE db = DATABASE()',
  'SHOW FUNCTION STATUS WHERE db = DATABASE()',
  'SHOW CREATE TRIGGER checked',
  'SHOW CREATE EVENT nightly',
  'SHOW CREATE VIEW dear',
  'SHOW CREATE TABLE dear',
  'SHOW FULL TABLES',
  `SELECT TRIGGER_NAME, ACTION_STATEMENT ${OF_SCHEMA}.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`,
  `SELECT EVENT_NAME, EVENT_DEFINITION ${OF_SCHEMA}.EVENTS WHERE EVENT_SCHEMA = DATABASE()`,
  `SELECT ROUTINE_NAME ${OF_SCHEMA}.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY 1`,
  `SELECT SPECIFIC_NAME, PARAMETER_NAME ${OF_SCHEMA}.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() ORDER BY 1, 2`,
  `SELECT TABLE_NAME, VIEW_DEFINITION ${OF_SCHEMA}.VIEWS WHERE TABLE_SCHEMA = DATABASE()`,
  `SELECT TABLE_NAME ${OF_SCHEMA}.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1`,
  `SELECT TABLE_NAME, COLUMN_NAME ${OF_SCHEMA}.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2`,
  `SELECT TABLE_NAME, INDEX_NAME ${OF_SCHEMA}.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2`,
  `SELECT TABLE_NAME, CONSTRAINT_NAME ${OF_SCHEMA}.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2`,
  `SELECT TABLE_NAME, COLUMN_NAME ${OF_SCHEMA}.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2`,
  `SELECT CONSTRAINT_NAME ${OF_SCHEMA}.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY 1`,
  `SELECT CONSTRAINT_NAME ${OF_SCHEMA}.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY 1`,
  `SELECT TABLE_NAME ${OF_SCHEMA}.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1`,
];
/** Texts of routines that others own; the provisioning account may have what shows them. */
const OF_OTHERS = ['SHOW CREATE PROCEDURE sums', 'SHOW CREATE FUNCTION twice'];
/** What shows it would show the routines of all databases, so it is never lent. */
const ALL_TEXTS = `SELECT ROUTINE_DEFINITION ${OF_SCHEMA}.ROUTINES`;
const NEEDS_MORE_THAN_SELECT = [
  'SHOW TRIGGERS',
  'SHOW CREATE TRIGGER checked',
  'SHOW EVENTS',
  'SHOW PROCEDURE STATUS',
  'SHOW CREATE TABLE dear',
  `SELECT COUNT(*) ${OF_SCHEMA}.TRIGGERS`,
  `SELECT * ${OF_SCHEMA}.EVENTS`,
  `SELECT * ${OF_SCHEMA}.ROUTINES r JOIN information_schema.PARAMETERS p ON p.SPECIFIC_NAME = r.SPECIFIC_NAME`,
  `SELECT VIEW_DEFINITION ${OF_SCHEMA}.VIEWS`,
  `SELECT * ${OF_SCHEMA}.VIEWS`,
];
const OUTSIDE_GRANT = 1142;

describe.each(engines())('a read of metadata on $flavour $version', (engine) => {
  let target: TestTarget;
  const clients: Connection[] = [];

  beforeAll(async () => {
    const privileges = [...PRIVILEGES];
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  afterAll(() => target?.drop());

  const connect = async ({ login }: Pick<Task, 'login'>): Promise<Connection> => {
    const client = await mysql.createConnection(await connectionOptions(login));
    clients.push(client);
    return client;
  };
  const answerOf = (client: Connection, text: string): Promise<unknown> =>
    client.query<RowDataPacket[]>(text).then(
      ([rows]) => rows,
      ({ errno, message }: { errno: number; message: string }) => ({ errno, message }),
    );

  test('lists and shows all that is there, with what its grant has, and leaves nothing standing', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const root = await connect({ login: { ...rootLogin(engine), database: target.database } });
    const standing = await grantsOf(target, task.login.user);
    for (const text of LISTS) {
      const [through, directly] = [await answerOf(client, text), await answerOf(root, text)];
      expect({ text, rows: through }).toEqual({ text, rows: directly });
      expect(through).not.toHaveLength(0);
    }
    const [prepared] = await client.execute<RowDataPacket[]>('SHOW TRIGGERS');
    expect(prepared).toHaveLength(1);
    await expect.poll(() => grantsOf(target, task.login.user)).toEqual(standing);
    for (const text of OF_OTHERS) {
      expect([text, await answerOf(client, text)]).toEqual([
        text,
        {
          errno: OUTSIDE_GRANT,
          message: expect.stringMatching(/could not give .*needs\. It needs (SELECT|SHOW_ROUTINE) ON/),
        },
      ]);
    }
    expect(await answerOf(client, ALL_TEXTS)).toEqual({
      errno: OUTSIDE_GRANT,
      message: expect.stringContaining('leave out things that exist'),
    });
    await task.end('close');
  });

  describe.each(DUMPS)('by $name, under the default policies', ({ dumpWith }) => {
    const all = (login: ClientLogin) => dumpWith(['--triggers', '--events', '--single-transaction']).run(login, []);

    test('is a whole dump, with every trigger, event and view', async () => {
      const task = await openTask(broker(), target);
      const direct = await all({ ...rootLogin(engine), database: target.database });
      expect(direct).toMatchObject({ exitCode: 0, stderr: '' });
      for (const part of ['TRIGGER', 'EVENT', 'VIEW `dear`']) expect(direct.stdout).toContain(part);
      expect(await all(task.login)).toEqual(direct);
      await task.end('close');
    });

    test('ends with the reason, not with success, where something would be left out', async () => {
      const task = await openTask(broker(), target);
      const routines = await dumpWith(['--routines', '--single-transaction']).run(task.login, []);
      expect(routines.exitCode).not.toBe(0);
      expect(routines.stderr).toMatch(/It needs (SELECT ON mysql.proc|SHOW_ROUTINE ON \*\.\*)/);
      await task.end('close');
      const access = [{ database: target.database, privileges: ['SELECT' as const] }];
      const reading = await openTask(broker(), target, { access });
      const triggers = await dumpWith(['--single-transaction']).run(reading.login, ['orders']);
      expect(triggers.exitCode).not.toBe(0);
      expect(triggers.stderr).toMatch(/TRIGGER ON .*would leave out things that exist/s);
      const rest = await dumpWith(['--skip-triggers', '--single-transaction']).run(reading.login, ['orders']);
      expect(rest).toMatchObject({ exitCode: 0, stderr: '' });
      await reading.end('close');
    });
  });

  describe('where the provisioning account may show routines', () => {
    const shows = engine.flavour === 'mysql' ? 'SHOW_ROUTINE ON *.*' : 'SELECT ON mysql.proc';

    beforeAll(() => target.root(`GRANT ${shows} TO ${target.provisioner.quoted} WITH GRANT OPTION`));
    afterAll(() => target.root(`REVOKE ${shows} FROM ${target.provisioner.quoted}`));

    test('shows their texts one by one, as directly, and lends what shows them to no other statement', async () => {
      const task = await openTask(broker(), target);
      const client = await connect(task);
      const root = await connect({ login: { ...rootLogin(engine), database: target.database } });
      const standing = await grantsOf(target, task.login.user);
      for (const text of OF_OTHERS) {
        const [through, directly] = [await answerOf(client, text), await answerOf(root, text)];
        expect({ text, rows: through }).toMatchObject({
          text,
          rows: [{ [`Create ${kindIn(text)}`]: expect.any(String) }],
        });
        expect(textIn(through)).toEqual(textIn(directly));
      }
      await expect.poll(() => grantsOf(target, task.login.user)).toEqual(standing);
      expect(await answerOf(client, ALL_TEXTS)).toMatchObject({ errno: OUTSIDE_GRANT });
      expect(await answerOf(client, 'SHOW CREATE PROCEDURE mysql.AddGeometryColumn')).toMatchObject({
        errno: expect.any(Number),
      });
      const recorded = await task.close();
      expect(recorded.of('forwarded').flatMap(({ given = [] }) => given)).toEqual([shows, shows]);
    });

    test.each(DUMPS)('$name is whole with its routines', async ({ dumpWith }) => {
      const task = await openTask(broker(), target);
      const all = (login: ClientLogin) => dumpWith(['--routines', '--events', '--single-transaction']).run(login, []);
      const direct = await all({ ...rootLogin(engine), database: target.database });
      expect(direct).toMatchObject({ exitCode: 0, stderr: '' });
      for (const part of ['PROCEDURE `sums`', 'FUNCTION `twice`']) expect(direct.stdout).toContain(part);
      expect(await all(task.login)).toEqual(direct);
      await task.end('close');
    });
  });

  test('shows the text of a routine to the grant that has made it', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const making = client.query('CREATE FUNCTION own_half(a INT) RETURNS INT DETERMINISTIC RETURN a / 2');
    await approveNext(broker(), task.id);
    await making;
    const [shown] = await client.query<RowDataPacket[]>('SHOW CREATE FUNCTION own_half');
    expect(shown[0]?.['Create Function']).toContain('RETURN a / 2');
    expect(await answerOf(client, 'SHOW CREATE FUNCTION twice')).toMatchObject({
      errno: OUTSIDE_GRANT,
      message: expect.stringContaining('could not give the task account'),
    });
    await target.root('DROP FUNCTION own_half');
    await task.end('close');
  });

  test('is refused, not answered with nothing, when its grant has not what shows it', async () => {
    const access = [{ database: target.database, privileges: ['SELECT' as const] }];
    const task = await openTask(broker(), target, { access });
    const client = await connect(task);
    for (const text of NEEDS_MORE_THAN_SELECT) {
      expect([text, await answerOf(client, text)]).toEqual([
        text,
        { errno: OUTSIDE_GRANT, message: expect.stringContaining('leave out things that exist') },
      ]);
    }
    expect(await answerOf(client, `SELECT TABLE_NAME ${OF_SCHEMA}.VIEWS WHERE TABLE_SCHEMA = DATABASE()`)).toHaveLength(
      1,
    );
    expect(await answerOf(client, 'SHOW FULL COLUMNS FROM orders')).toHaveLength(2);
    expect(await answerOf(client, 'SHOW CREATE TABLE orders')).toHaveLength(1); // which is no view
    await target.root('DROP TRIGGER checked');
    await expect.poll(() => answerOf(client, 'SHOW TRIGGERS'), { interval: 250, timeout: 45_000 }).toEqual([]);
    await task.end('close');
  });
});

/** `SHOW CREATE FUNCTION twice` → `Function`. */
function kindIn(text: string): string {
  return text.includes('FUNCTION') ? 'Function' : 'Procedure';
}

/** The column that has the text; others tell how the session that asks is set. */
function textIn(rows: unknown): unknown {
  return Array.isArray(rows)
    ? rows.map((row: RowDataPacket) => row['Create Function'] ?? row['Create Procedure'])
    : rows;
}
