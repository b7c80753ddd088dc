import mysql from 'mysql2/promise';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { wireCodeOf } from '../../src/protocols/mysql/wire-codes.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type DatabaseServer } from '../support/servers/database-server.js';
import { startMariadb } from '../support/servers/mariadb.js';
import { startMysql } from '../support/servers/mysql.js';
import { type Provisioned, makeDoor, provision, tableNeed } from '../support/task-account.js';
import { type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE notes (id INT PRIMARY KEY)',
  'INSERT INTO orders VALUES (1, 10)',
];
const READING = ['SELECT ON *'];
const GONE = new Error('The client is gone.');

describe.each(engines())('windows of one grant on $flavour $version', (engine) => {
  let wire: TripwireProxy;
  let target: Provisioned;

  beforeAll(async () => {
    wire = await startTripwireProxy(engine);
    target = await provision(engine, { schema: SCHEMA, via: wire });
  });
  afterAll(async () => {
    await target?.drop();
    await wire?.close();
  });

  const update = () => tableNeed(target.database, 'orders', 'UPDATE');
  const remove = () => tableNeed(target.database, 'notes', 'DELETE');

  test('are open one at a time, in the order in which they were asked for, and others wait for their turn', async () => {
    const { door, grants, drop } = await makeDoor(target);
    expect(door.isOpen).toBe(false);
    const order: string[] = [];
    const first = await door.open([update()]);
    expect(door.isOpen).toBe(true);
    const second = door.open([remove()]).then(async (window) => {
      order.push('second');
      expect(await grants()).toEqual(['DELETE ON notes', ...READING]);
      await window.close();
    });
    const reader = door.open([]).then(async (turn) => {
      order.push('reader');
      expect(await grants()).toEqual(READING);
      await turn.close();
    });
    const third = door.open([update()]).then(async (window) => {
      order.push('third');
      expect(await grants()).toEqual([...READING, 'UPDATE ON orders']);
      await window.close();
    });
    const watcher = door.open([]).then((window) => {
      order.push('watcher');
      return window.close();
    });
    expect(await grants()).toEqual([...READING, 'UPDATE ON orders']);
    expect(order).toEqual([]);
    await first.close();
    await Promise.all([second, reader, third, watcher]);
    expect(order).toEqual(['second', 'reader', 'third', 'watcher']);
    expect(door.isOpen).toBe(false);
    expect(await grants()).toEqual(READING);
    await drop();
  });

  test('are not opened for the one who gave up waiting, and those behind come earlier', async () => {
    const { door, grants, drop } = await makeDoor(target);
    const patience = new AbortController();
    const first = await door.open([update()]);
    const second = door.open([remove()], patience.signal);
    const third = door.open([update()]);
    const watcher = door.open([], patience.signal);
    patience.abort(GONE);
    await expect(second).rejects.toBe(GONE);
    await expect(watcher).rejects.toBe(GONE);
    await first.close();
    await (await third).close();
    await expect(door.open([update()], patience.signal)).rejects.toBe(GONE);
    expect(await grants()).toEqual(READING);
    await drop();
  });

  test('given to someone who is gone meanwhile are taken away again', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target);
    const patience = new AbortController();
    const given = wire.arm({ text: /GRANT UPDATE/, moment: 'through', onTrip: () => patience.abort(GONE) });
    await expect(door.open([update(), remove()], patience.signal)).rejects.toBe(GONE);
    await given;
    expect(await grants()).toEqual(READING);
    expect(door.isOpen).toBe(false);
    expect(stuck).toEqual([]);
    await drop();
  });

  test('a hundred at once are opened one after the other and leave nothing', async () => {
    const { door, grants, stuck, drop, connect } = await makeDoor(target);
    const session = await connect();
    let open = 0;
    let openMax = 0;
    const runs = Array.from({ length: 100 }, async () => {
      const window = await door.open([update()]);
      open += 1;
      openMax = Math.max(openMax, open);
      await session.query('UPDATE orders SET total = total + 1 WHERE id = 1');
      open -= 1;
      await window.close();
    });
    await Promise.all(runs);
    session.destroy();
    expect(openMax).toBe(1);
    expect(await target.rootRows('SELECT total FROM orders WHERE id = 1')).toEqual([{ total: 110 }]);
    expect(await grants()).toEqual(READING);
    expect(stuck).toEqual([]);
    await drop();
  });

  test('that too many wait for are refused', async () => {
    const { door, drop } = await makeDoor(target);
    const first = await door.open([update()]);
    const patience = new AbortController();
    const waiting = Array.from({ length: 256 }, () => door.open([remove()], patience.signal));
    const over = await door.open([remove()]).catch((error: unknown) => error);
    patience.abort(GONE);
    const outcomes = await Promise.allSettled(waiting);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(over).toMatchObject({ code: 'privileges_not_given' });
    await first.close();
    await drop();
  });

  test('are waited for as long as a turn may take, and not for good', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target, { turnMs: 100 });
    const user = { session: 2, statement: 7, thread: 1, inTransaction: false, what: 'update shop.orders' };
    const first = await door.open([update()], undefined, user);
    const late = await Promise.all([[remove()], []].map((needs) => door.open(needs).catch((error: unknown) => error)));
    const detail = 'It waited for statement 7 of session 2 (update shop.orders) for 0.1 s.';
    for (const error of late) expect(error).toMatchObject({ code: 'turn_timed_out', detail });
    expect(wireCodeOf('turn_timed_out')).toEqual({ errno: 1205, sqlState: 'HY000' });
    await first.close();
    await (await door.open([remove()])).close();
    expect(await grants()).toEqual(READING);
    expect(stuck).toEqual([]);
    await drop();
  });

  test('that cannot be given whole leave nothing, and say what was needed', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target);
    const { database, provisioner } = target;
    const pattern = quoteDatabasePattern(database);
    await runAsRoot(engine, [`REVOKE DELETE ON ${pattern}.* FROM ${provisioner.quoted}`]);
    const refusal = await door.open([update(), remove()]).catch((error: unknown) => error);
    await runAsRoot(engine, [`GRANT DELETE ON ${pattern}.* TO ${provisioner.quoted} WITH GRANT OPTION`]);
    expect(refusal).toMatchObject({
      code: 'privileges_not_given',
      detail: expect.stringContaining(`It needs UPDATE ON ${database}.orders, DELETE ON ${database}.notes. The target`),
    });
    expect(String(refusal)).not.toContain(provisioner.password);
    expect(await grants()).toEqual(READING);
    await (await door.open([update()])).close();
    expect(stuck).toEqual([]);
    await drop();
  });

  test.each(['before', 'after'] as const)(
    'whose GRANT is cut off %s the target has read it leave nothing',
    async (moment) => {
      const { door, grants, stuck, drop } = await makeDoor(target);
      const cut = wire.arm({ text: /GRANT DELETE/, moment, onTrip: () => wire.cut() });
      const opening = door.open([update(), remove()]).catch((error: unknown) => error);
      await cut;
      wire.mend();
      expect(await opening).toMatchObject({ code: 'privileges_not_given' });
      expect(await grants()).toEqual(READING);
      expect(stuck).toEqual([]);
      await drop();
    },
  );

  test('whose GRANT waits for a lock when it is given up do not come into force later', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target);
    const root = await mysql.createConnection(rootLogin(engine));
    const running = async () => {
      const [rows] = await root.query("SELECT ID FROM information_schema.processlist WHERE INFO LIKE 'GRANT UPDATE%'");
      return Array.isArray(rows) ? rows.length : -1;
    };
    // It waits for others who wait for a table, and keeps all that comes after it: those may wait for what comes after.
    await root.query('SET SESSION lock_wait_timeout = 1');
    await vi.waitFor(() => root.query('FLUSH TABLES WITH READ LOCK'), { timeout: 45_000, interval: 500 });
    const opening = door.open([update()]).catch((error: unknown) => error);
    await expect.poll(running).toBe(1);
    wire.cut();
    wire.mend();
    await expect.poll(running).toBe(0);
    await root.query('UNLOCK TABLES');
    root.destroy();
    expect(await opening).toMatchObject({ code: 'privileges_not_given' });
    expect(await grants()).toEqual(READING);
    expect(stuck).toEqual([]);
    await drop();
  });

  test('close as soon as the target can be reached again', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target);
    const window = await door.open([update()]);
    wire.cut();
    const closing = window.close();
    expect(await grants()).toEqual([...READING, 'UPDATE ON orders']);
    expect(door.isOpen).toBe(true);
    wire.mend();
    await closing;
    expect(await grants()).toEqual(READING);
    expect(stuck).toEqual([]);
    await drop();
  });

  test('that cannot be closed end the grant, and nothing is given any more', async () => {
    const { door, grants, stuck, drop } = await makeDoor(target, { retryMs: 200 });
    const { provisioner } = target;
    const window = await door.open([update()]);
    const behind = door.open([remove()]).catch((error: unknown) => error);
    await runAsRoot(engine, [`ALTER USER ${provisioner.quoted} ACCOUNT LOCK`]);
    wire.cut();
    wire.mend();
    await window.close();
    await runAsRoot(engine, [`ALTER USER ${provisioner.quoted} ACCOUNT UNLOCK`]);
    expect(stuck).toMatchObject([{ code: 'target_login_refused' }]);
    expect(await grants()).toEqual([...READING, 'UPDATE ON orders']);
    expect(door.isOpen).toBe(true);
    expect(await behind).toMatchObject({ code: 'grant_failed' });
    await expect(door.open([])).rejects.toMatchObject({ code: 'grant_failed' });
    await expect(door.open([])).rejects.toMatchObject({ code: 'grant_failed' });
    await drop();
  });

  test('of an account that is gone close all the same', async () => {
    const { door, stuck, drop } = await makeDoor(target, { retryMs: 200 });
    const window = await door.open([update()]);
    await drop();
    await window.close();
    expect(stuck).toEqual([]);
  });
});

const mysql97 = await findMysql97();
const STARTERS = [
  { name: 'MariaDB', start: () => startMariadb() },
  ...(mysql97.available ? [{ name: 'MySQL', start: () => startMysql(mysql97) }] : []),
];

describe.each(STARTERS)('a window on a $name that is restarted', ({ start }) => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());

  test('is closed when the server is back', async () => {
    const target = await provision(server, { schema: SCHEMA });
    const { door, grants, stuck } = await makeDoor(target);
    const window = await door.open([tableNeed(target.database, 'orders', 'UPDATE')]);
    await server.kill();
    const closing = window.close();
    await server.restart();
    await closing;
    expect(await grants()).toEqual(READING);
    expect(stuck).toEqual([]);
    await (await door.open([tableNeed(target.database, 'orders', 'UPDATE')])).close();
    await target.drop();
  });
});
