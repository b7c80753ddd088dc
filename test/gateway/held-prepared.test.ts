import { createConnection as createMariadb } from 'mariadb';
import mysql, { type Connection, type ResultSetHeader } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { COM_STMT_CLOSE, COM_STMT_RESET, COM_STMT_SEND_LONG_DATA } from '../../src/protocols/mysql/wire/commands.js';
import { MYSQL_TYPE_BLOB, MYSQL_TYPE_LONG } from '../../src/protocols/mysql/wire/values/field-types.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { PACKET_HEADER_BYTES } from '../../src/protocols/mysql/wire/packet.js';
import { decodeErr, isErrPacket } from '../../src/protocols/mysql/wire/packets.js';
import { DRIVERS, type Step } from '../clients/programs.js';
import { WireClient } from '../clients/wire-client.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { connectionOptions } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { approveNext, untilHeld } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { errnoOf, grantsOf } from '../support/task-account.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

const broker = useSharedBroker('default');

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, note LONGTEXT)',
  'CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20))', // a driver's program reads it by itself
  'INSERT INTO orders VALUES (1, 10), (2, 20)',
];
/** Prepared on the server by those that can, with values of several types, in pieces where the driver sends them so. */
const DRIVEN: readonly Step[] = [
  { sql: 'INSERT INTO notes (id, note) VALUES (?, ?)', values: [500, { hex: '00c3bf275c22' }] },
  { sql: 'INSERT INTO orders (id, total) VALUES (?, ?)', values: [500, null] },
  { sql: 'UPDATE orders SET total = ? WHERE id = ?', values: ['5', 500] },
  { sql: 'SELECT total FROM orders WHERE id = ?', values: [500] },
  { sql: 'DELETE FROM orders WHERE id = ?', values: [500] },
  { sql: 'DELETE FROM notes WHERE id = ?', values: [500] },
];
const HELD_STEPS = 5;
const PRIVILEGES = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE TEMPORARY TABLES, EXECUTE'.split(', ');
const READING = ['SELECT ON *'];
/** Nested further than is looked at. */
const NOT_UNDERSTOOD = `UPDATE orders SET total = ${'('.repeat(250)}?${')'.repeat(250)} WHERE id = 1`;
const ROUNDS = 10;

describe.each(engines())('prepared statements that are held on $flavour $version', (engine) => {
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
  const direct = () => connect({ login: { ...rootLogin(engine), database: target.database } });

  test('preparing a statement lends the account nothing that nobody approved', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const seen = new Set<string>();
    const done = new AbortController();
    const looking = (async () => {
      while (!done.signal.aborted) for (const held of await grantsOf(target, task.login.user)) seen.add(held);
    })();
    const refused = new Set<unknown>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const insert = await client.prepare(`INSERT INTO notes (note) VALUES (CONCAT(?, ${round}))`);
      await client.prepare(`UPDATE orders SET total = total + ${round} WHERE id = ?`);
      await insert.close();
      refused.add(await client.prepare(NOT_UNDERSTOOD).then(String, ({ message }: Error) => message));
    }
    done.abort();
    await looking;
    expect([...seen]).toEqual(READING);
    expect([...refused]).toEqual([expect.stringContaining('the broker gives none before an approval')]);
    const recorded = await task.close();
    expect(recorded.of('approval.asked')).toEqual([]);
    expect(recorded.of('forwarded').filter(({ given }) => given !== undefined)).toEqual([]);
  });

  test('run once they are approved, each time with the values that are bound, and are recorded as the client had them', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const insert = await client.prepare('INSERT INTO notes (note) VALUES (?)');
    const ids: number[] = [];
    for (const note of ['one', 'two']) {
      const running = insert.execute([note]);
      await approveNext(broker(), task.id);
      const [{ affectedRows, insertId }] = (await running) as unknown as [ResultSetHeader];
      expect(affectedRows).toBe(1);
      ids.push(insertId);
    }
    expect(await target.rootRows(`SELECT note FROM notes WHERE id IN (${ids.join()}) ORDER BY id`)).toEqual([
      { note: 'one' },
      { note: 'two' },
    ]);
    await insert.close();
    const [rows] = await client.execute('SELECT total FROM orders WHERE id = ?', [1]);
    expect(rows).toEqual([{ total: 10 }]);
    const recorded = await task.close();
    const [prepared, first, second] = recorded.statements;
    expect(prepared?.entry).toMatchObject({ name: 'COM_STMT_PREPARE', verdict: 'hold' });
    expect(prepared?.result).toMatchObject({ outcome: 'ok' });
    expect(prepared?.response?.prepared).toMatchObject({ parameterCount: 1, columnCount: 0 });
    for (const executed of [first, second]) {
      expect(executed?.entry).toMatchObject({
        name: 'COM_STMT_EXECUTE',
        body: { prepared: prepared?.entry.operation },
      });
      expect(executed?.result).toMatchObject({ outcome: 'ok', body: { results: [{ affectedRows: 1 }] } });
    }
    expect(recorded.of('forwarded').map(({ given }) => given)).toEqual([
      [`INSERT ON ${target.database}.notes`],
      [`INSERT ON ${target.database}.notes`],
    ]);
  });

  test('keep values in pieces, ids, reset and close right, before and after the target knows them', async () => {
    const task = await openTask(broker(), target);
    const { client } = await WireClient.logIn(task.login);
    const idOf = (id: number) => new PayloadWriter().uint32(id);
    const piece = (id: number, text: string) =>
      client.send(COM_STMT_SEND_LONG_DATA, idOf(id).uint16(0).bytes(Buffer.from(text)).finish());
    const insert = await client.prepare('INSERT INTO notes (note, id) VALUES (?, ?)');
    const other = await client.prepare('SELECT total FROM orders WHERE id = ?');
    expect(insert.id).not.toBe(other.id);

    piece(insert.id, 'forgotten');
    const reset = await client.exchange(COM_STMT_RESET, idOf(insert.id).finish());
    expect(reset[PACKET_HEADER_BYTES]).toBe(0);
    const run = async (id: number, note: string) => {
      for (const part of note) piece(insert.id, part);
      const number = Buffer.alloc(4);
      number.writeInt32LE(id);
      const running = client.execute(
        insert.id,
        [
          { type: MYSQL_TYPE_BLOB, bytes: Buffer.alloc(0) },
          { type: MYSQL_TYPE_LONG, bytes: number },
        ],
        { sentAhead: [0] },
      );
      await approveNext(broker(), task.id);
      const answer = await running;
      return isErrPacket(answer.subarray(PACKET_HEADER_BYTES)) ? decodeErr(answer.subarray(PACKET_HEADER_BYTES)) : null;
    };
    expect(await run(901, 'abc')).toBeNull();
    expect((await client.exchange(COM_STMT_RESET, idOf(insert.id).finish()))[PACKET_HEADER_BYTES]).toBe(0);
    expect(await run(902, 'de')).toBeNull();
    expect(await run(902, 'f')).toMatchObject({ errno: 1062 });
    client.send(COM_STMT_CLOSE, idOf(insert.id).finish());
    const closed = await client.execute(insert.id, []);
    expect(decodeErr(closed.subarray(PACKET_HEADER_BYTES))).toMatchObject({ errno: 1243 });
    client.close();
    expect(await target.rootRows('SELECT id, note FROM notes WHERE id > 900 ORDER BY id')).toEqual([
      { id: 901, note: 'abc' },
      { id: 902, note: 'de' },
    ]);
    await target.root('DELETE FROM notes WHERE id > 900');
    const recorded = await task.close();
    const values = recorded.of('operation').flatMap(({ body }) => (body.values ?? []).map(({ value }) => value));
    expect(values).toEqual(['abc', 901, 'de', 902, 'f', 902]);
  });

  test("are answered as the target answers, and with the MariaDB connector's prepare", async () => {
    const task = await openTask(broker(), target);
    const texts = [
      'INSERT INTO orders VALUES (?, ?)',
      'DELETE FROM orders WHERE id = ?',
      'UPDATE orders SET total = 1',
    ];
    const own = await WireClient.logIn(task.login);
    const root = await WireClient.logIn({ ...rootLogin(engine), database: target.database });
    const withoutId = ({ answer }: { answer: Buffer }) =>
      Buffer.concat([answer.subarray(0, PACKET_HEADER_BYTES + 1), answer.subarray(PACKET_HEADER_BYTES + 5)]);
    for (const text of texts) {
      expect(withoutId(await own.client.prepare(text))).toEqual(withoutId(await root.client.prepare(text)));
    }
    own.client.close();
    root.client.close();
    const { host, port, user, password, database } = task.login;
    const mariadb = await createMariadb({ host, port, user, password, database });
    const running = mariadb.prepare('INSERT INTO orders VALUES (?, ?)').then((insert) => insert.execute([77, 7]));
    await approveNext(broker(), task.id);
    expect(await running).toMatchObject({ affectedRows: 1 });
    await mariadb.end();
    await target.root('DELETE FROM orders WHERE id = 77');
    await task.end('close');
  });

  test.each(DRIVERS)('give $name what it gets directly, once each was approved', async ({ run }) => {
    const expected = await run({ ...rootLogin(engine), database: target.database }, DRIVEN);
    expect(expected).toMatchObject({ exitCode: 0, stderr: '' });
    const task = await openTask(broker(), target);
    const over = new AbortController();
    const running = run(task.login, DRIVEN).finally(() => over.abort());
    // A driver's program may execute each of them twice.
    while ((await untilHeld(broker(), task.id, over)).length > 0) await approveNext(broker(), task.id);
    expect((await running).stdout).toBe(expected.stdout);
    const recorded = await task.close();
    const asked = recorded.of('approval.asked').length;
    expect(asked).toBeGreaterThanOrEqual(HELD_STEPS);
    expect(recorded.of('forwarded')).toHaveLength(asked);
  });

  test('of a temporary table, which no other account sees, are prepared all the same', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const making = client.query('CREATE TEMPORARY TABLE mine (id INT)');
    await approveNext(broker(), task.id);
    await making;
    const insert = await client.prepare('INSERT INTO orders (id, total) SELECT id, ? FROM mine');
    const running = insert.execute([1]);
    await approveNext(broker(), task.id);
    expect(await running).toMatchObject([{ affectedRows: 0 }, undefined]);
    await task.end('close');
  });

  test('a write that cannot run is answered with the server’s own error before anybody is asked', async () => {
    const task = await openTask(broker(), target);
    const [client, root] = [await connect(task), await direct()];
    const writes = [
      'INSERT INTO orders VALUES (1,, 2)',
      'UPDATE orders SET total = WHERE id = 1',
      'UPDATE nowhere SET total = 1 WHERE id = 1',
      'INSERT INTO nowhere VALUES (1)',
      'UPDATE orders SET totals = 1 WHERE id = 1',
      'DELETE FROM orders WHERE ids = 1',
      'INSERT INTO orders (id, nothing) VALUES (1, 2)',
      'INSERT INTO orders VALUES (1)',
      'REPLACE INTO orders SELECT id FROM nowhere',
      'CREATE TABLE broken (id INT,)',
    ];
    await expectErrorsOf(root, client, writes);
    const running = errnoOf(client.query('UPDATE orders SET total = total WHERE id = 1'));
    expect(await untilHeld(broker(), task.id)).toHaveLength(1);
    await approveNext(broker(), task.id);
    expect(await running).toBeNull();
    const recorded = await task.close();
    expect(recorded.of('approval.asked')).toHaveLength(1);
  });

  test('a routine, table or column that is not there is said to be missing, as directly, and nobody is asked', async () => {
    const task = await openTask(broker(), target);
    await expectErrorsOf(await direct(), await connect(task), [
      'SELECT no_such_function(1)',
      'SELECT id FROM orders WHERE no_such_function(total) = 1',
      'UPDATE orders SET total = no_such_function(total) WHERE id = 1',
      'INSERT INTO orders VALUES (3, no_such_function(1))',
      ...(engine.flavour === 'mysql' ? ['CALL no_such_procedure(1)'] : []), // MariaDB finds out when it runs
      'SELECT id FROM no_such_table',
      'SELECT no_such_column FROM orders',
      'SELECT id FROM orders JOIN no_such_view USING (id)',
    ]);
    expect((await task.close()).of('approval.asked')).toEqual([]);
  });
});

/** Each fails through the endpoint as it does directly, as a text and when it is prepared. */
async function expectErrorsOf(direct: Connection, client: Connection, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    for (const way of ['query', 'prepare'] as const) {
      const [through, directly] = await Promise.all([client, direct].map((one) => errorOf(one[way](text))));
      expect([text, way, through]).toEqual([text, way, directly]);
      expect(through).not.toBeNull();
    }
  }
}

function errorOf(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => null,
    ({ errno, sqlState, sqlMessage }: Record<string, unknown>) => ({ errno, sqlState, sqlMessage }),
  );
}
