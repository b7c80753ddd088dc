import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { rehearsalAccountName } from '../../src/protocols/mysql/rehearsal/rehearsal-account.js';
import { quoteAccount } from '../../src/protocols/mysql/account/sql-quote.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { connectionOptions } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { grantsOf } from '../support/task-account.js';
import { makeTarget, NOTHING_LEFT, openTask, type Task, type TestTarget, tracesOf } from '../support/task.js';

const broker = useSharedBroker('default');

/** What runs leaves a trace that no transaction takes back. */
const LEAVE_TRACE = 'BEGIN INSERT INTO ran VALUES (1); RETURN 1; END';
const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT, made DATE)',
  'CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4',
  'CREATE TABLE ran (n INT) ENGINE = MyISAM',
  "INSERT INTO orders VALUES (1, 10, '2026-01-01'), (2, 20, '2026-01-02')",
  'INSERT INTO parts VALUES (1), (2), (3)',
  `CREATE FUNCTION sure() RETURNS INT DETERMINISTIC MODIFIES SQL DATA ${LEAVE_TRACE}`,
  `CREATE FUNCTION loose() RETURNS INT NOT DETERMINISTIC MODIFIES SQL DATA ${LEAVE_TRACE}`,
  'CREATE PROCEDURE changes(a INT) INSERT INTO ran VALUES (a)',
  'CREATE ALGORITHM = TEMPTABLE VIEW traced AS SELECT id, sure() AS s FROM orders',
  'CREATE TRIGGER traces BEFORE UPDATE ON parts FOR EACH ROW INSERT INTO ran VALUES (2)',
];
const PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'ALTER',
  'EXECUTE',
  'CREATE ROUTINE',
  'TRIGGER',
];
const LOCK_NAME = 'of-a-rehearsal';

/** Each would leave something behind if preparing it ran any part of it: constants, partitions, derived tables. */
const WITH_EFFECTS = ['sure()', 'loose()'].flatMap((call) => [
  `UPDATE orders SET total = ${call} WHERE id = 1`,
  `UPDATE orders SET total = 1 WHERE id = ${call}`,
  `UPDATE orders SET total = 1 WHERE id IN (7, ${call})`,
  `UPDATE orders SET total = 1 WHERE made > ${call}`,
  `UPDATE orders SET total = 1 WHERE id BETWEEN ${call} AND 3`,
  `UPDATE orders SET total = (SELECT ${call}) ORDER BY ${call} LIMIT 1`,
  `UPDATE orders JOIN (SELECT ${call} AS s) d SET total = 1 WHERE id = s`,
  `UPDATE orders JOIN traced USING (id) SET total = s`,
  `DELETE FROM orders WHERE id = (SELECT MAX(s) FROM traced)`,
  `DELETE FROM parts WHERE id = ${call}`,
  `UPDATE parts SET id = id + 10 WHERE id < ${call}`,
  `INSERT INTO orders VALUES (${call}, ${call}, NULL)`,
  `INSERT INTO parts VALUES (${call} + 100)`,
  `INSERT INTO orders (id, total) SELECT id + 100, s FROM (SELECT id, ${call} AS s FROM orders) d GROUP BY id, s`,
  `INSERT INTO orders (id) VALUES (1) ON DUPLICATE KEY UPDATE total = ${call}`,
  `CREATE TABLE made AS SELECT ${call} AS s`,
  `SELECT ${call}`,
  `SELECT id FROM orders WHERE id = ${call} FOR UPDATE`,
  `CALL changes(${call})`,
]);
const OTHER_EFFECTS = [
  `UPDATE orders SET total = 1 WHERE id = GET_LOCK('${LOCK_NAME}', 0)`,
  `DELETE FROM parts WHERE id = GET_LOCK('${LOCK_NAME}', 0)`,
  'INSERT INTO orders (id) VALUES (SLEEP(30))',
  'CALL changes(3)',
  'UPDATE parts SET id = id + 10',
  'DROP TABLE orders',
  'TRUNCATE parts',
  'ALTER TABLE orders ADD COLUMN more INT',
  'CREATE TABLE made (id INT)',
];

/** Nested further than is looked at. */
const deep = (text: string) => `${'('.repeat(250)}${text}${')'.repeat(250)}`;
const NOT_UNDERSTOOD = `UPDATE orders SET total = ${deep('?')} WHERE id = 1`;
const ROUNDS = 3;

describe.each(engines())('what preparing a held statement could do on $flavour $version', (engine) => {
  let target: TestTarget;
  const clients: Connection[] = [];

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges: PRIVILEGES });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  afterAll(() => target?.drop());

  const connect = async ({ login }: Pick<Task, 'login'>): Promise<Connection> => {
    const client = await mysql.createConnection(await connectionOptions(login));
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const messageOf = (running: Promise<unknown>): Promise<string> =>
    running.then(
      () => 'done',
      ({ message }: Error) => message,
    );

  test('however a client prepares, in a loop, its account never holds more than what stands', async () => {
    const task = await openTask(broker(), target, { onHold: 'error' });
    const standing = (await grantsOf(target, task.login.user)).toSorted();
    const seen = new Set<string>();
    const done = new AbortController();
    const looking = (async () => {
      while (!done.signal.aborted) seen.add((await grantsOf(target, task.login.user)).toSorted().join('; '));
    })();
    const prepared = [
      'INSERT INTO orders (id) VALUES (?)',
      'UPDATE orders SET total = total + 1 WHERE id = ?',
      'DELETE FROM orders WHERE id = ?',
      'SELECT total FROM orders WHERE id = ? FOR UPDATE',
      'DROP TABLE orders',
      'ALTER TABLE orders ADD COLUMN more INT',
      'CALL changes(?)',
      'SELECT sure()',
      NOT_UNDERSTOOD,
      '/*! UPDATE orders SET total = ? */',
      '/*!50000 DELETE */ FROM /*!99999 nowhere */ orders WHERE id = ?',
      "PREPARE s FROM 'DELETE FROM orders'",
    ];
    const texts = [
      'UPDATE orders SET total = 3 WHERE id = 1',
      `UPDATE orders SET total = ${deep('1')} WHERE id = 1`,
      "PREPARE s FROM 'UPDATE orders SET total = 3'",
      'PREPARE s FROM @text',
      'EXECUTE s',
      "EXECUTE IMMEDIATE 'DELETE FROM orders'",
      "/*!50000 PREPARE s FROM 'DELETE FROM orders' */",
    ];
    const answers = new Map<string, string>();
    const loop = async (client: Connection): Promise<void> => {
      await client.query("SET @text = 'DELETE FROM orders'");
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const text of prepared) answers.set(`prepare ${text}`, await messageOf(client.prepare(text)));
        for (const text of texts) answers.set(text, await messageOf(client.query(text)));
      }
    };
    await Promise.all([loop(await connect(task)), loop(await connect(task))]);
    done.abort();
    await looking;
    expect([...seen]).toEqual([standing.join('; ')]);
    for (const text of texts) expect([text, answers.get(text)]).not.toEqual([text, 'done']);
    expect(await target.rootRows('SELECT id, total FROM orders ORDER BY id')).toEqual([
      { id: 1, total: 10 },
      { id: 2, total: 20 },
    ]);
    const recorded = await task.close();
    expect(recorded.of('forwarded').filter(({ given }) => given !== undefined)).toEqual([]);
  });

  test('no part of it runs: no function, trigger, lock, wait or change of a schema', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const answers = new Map<string, string>();
    const all = [...WITH_EFFECTS, ...OTHER_EFFECTS];
    const schema = await target.rootRows('SHOW TABLES');
    for (const text of all) answers.set(text, await messageOf(client.prepare(text)));
    expect([...answers.values()].filter((answer) => answer === 'done').length).toBeGreaterThan(all.length / 2);
    expect(await target.rootRows('SELECT n FROM ran')).toEqual([]);
    expect(await target.rootRows(`SELECT IS_USED_LOCK('${LOCK_NAME}') AS user`)).toEqual([{ user: null }]);
    expect(await target.rootRows('SHOW TABLES')).toEqual(schema);
    expect(await target.rootRows('SHOW COLUMNS FROM orders')).toHaveLength(3);
    expect(await target.rootRows('SELECT COUNT(*) AS n FROM parts')).toEqual([{ n: 3 }]);
    // It would have been seen.
    await target.root('UPDATE orders SET total = 10 WHERE id = sure()');
    expect(await target.rootRows('SELECT DISTINCT n FROM ran')).toEqual([{ n: 1 }]);
    await target.root('DELETE FROM ran');
    expect((await task.close()).of('forwarded')).toEqual([]);
  });

  test('the account that it is prepared with is seen and used by nobody, and ends with the grant', async () => {
    const task = await openTask(broker(), target, { onHold: 'error' });
    const client = await connect(task);
    await client.prepare('UPDATE orders SET total = ? WHERE id = 1');
    const name = rehearsalAccountName(task.login.user);
    expect(await tracesOf(target, name)).toMatchObject({ accounts: 1, threads: 1 });
    for (const look of ['SHOW PROCESSLIST', 'SELECT * FROM information_schema.PROCESSLIST']) {
      const answer = await client.query(look).then(([rows]) => JSON.stringify(rows), String);
      expect([look, answer]).not.toEqual([look, expect.stringContaining(name)]);
    }
    const account = quoteAccount(name, '%');
    for (const refused of [
      `SHOW GRANTS FOR ${account}`,
      `SHOW CREATE USER ${account}`,
      'SELECT User FROM mysql.user',
      `DROP USER ${account}`,
      `CREATE DEFINER = ${account} VIEW v AS SELECT 1`,
    ]) {
      expect([refused, await messageOf(client.query(refused))]).not.toEqual([refused, 'done']);
    }
    const [thread] = await threadsOf(name);
    expect(await messageOf(client.query(`KILL ${String(thread)}`))).not.toBe('done');
    expect(await threadsOf(name)).toEqual([thread]);
    await task.close();
    expect(await tracesOf(target, name)).toEqual(NOTHING_LEFT);
  });

  const threadsOf = async (name: string): Promise<readonly unknown[]> => {
    const root = await connect({ login: { ...rootLogin(engine), database: target.database } });
    const [rows] = await root.query<RowDataPacket[]>('SHOW PROCESSLIST');
    return rows.filter((row) => row['User'] === name).map((row) => row['Id']);
  };
});
