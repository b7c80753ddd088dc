import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type NeededPrivilege } from '../../src/protocols/sql/privilege.js';
import { engines } from '../support/engines.js';
import {
  type AccountOptions,
  type DoorOfAccount,
  type Provisioned,
  errnoOf,
  makeDoor,
  provision,
  tableNeed,
} from '../support/task-account.js';

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE notes (id INT PRIMARY KEY)',
  'INSERT INTO orders VALUES (1, 10), (2, 20)',
  'CREATE PROCEDURE close_day() SQL SECURITY DEFINER SELECT 1',
];
const TABLE_DENIED = 1142;
const DATABASE_DENIED = 1044;
const ROUTINE_DENIED = 1370;
const READING = ['SELECT ON *'];

describe.each(engines())('privileges for one statement on $flavour $version', (engine) => {
  let target: Provisioned;
  let made: DoorOfAccount[] = [];
  let connections: Connection[] = [];

  beforeAll(async () => {
    target = await provision(engine, { schema: SCHEMA });
  });
  afterEach(async () => {
    for (const connection of connections) connection.destroy();
    for (const account of made) await account.drop();
    connections = [];
    made = [];
  });
  afterAll(() => target?.drop());

  const account = async (options: AccountOptions = {}): Promise<DoorOfAccount> => {
    const one = await makeDoor(target, options);
    made.push(one);
    return one;
  };
  const logIn = async (as: DoorOfAccount): Promise<Connection> => {
    const connection = await as.connect();
    connections.push(connection);
    return connection;
  };
  const onTable = (privilege: Parameters<typeof tableNeed>[2], table: string): NeededPrivilege =>
    tableNeed(target.database, table, privilege);
  const onDatabase = (privilege: Parameters<typeof tableNeed>[2]): NeededPrivilege => ({
    on: 'database',
    privilege,
    database: target.database,
  });
  const onRoutine = (privilege: 'EXECUTE' | 'ALTER ROUTINE', name: string): NeededPrivilege => ({
    on: 'routine',
    privilege,
    routine: 'PROCEDURE',
    database: target.database,
    name,
  });

  test('are there while the window is open, on the one table, for statements prepared before and inside of a transaction', async () => {
    const { door, grants, ...one } = await account();
    const session = await logIn({ door, grants, ...one });
    const update = 'UPDATE orders SET total = total + 1 WHERE id = 1';
    expect(await grants()).toEqual(READING);
    expect(await errnoOf(session.query(update))).toBe(TABLE_DENIED);

    const first = await door.open([onTable('UPDATE', 'orders'), onTable('SELECT', 'orders')]);
    expect(first).toMatchObject({ given: [`UPDATE ON ${target.database}.orders`], databases: [] });
    expect(await grants()).toEqual([...READING, 'UPDATE ON orders']);
    const prepared = await session.prepare('UPDATE orders SET total = ? WHERE id = 1');
    await session.beginTransaction();
    expect(await errnoOf(session.query(update))).toBeNull();
    expect(await errnoOf(session.query('UPDATE notes SET id = 2'))).toBe(TABLE_DENIED);
    await first.close();
    await first.close();

    expect(await grants()).toEqual(READING);
    expect(await errnoOf(session.query(update))).toBe(TABLE_DENIED);
    expect(await errnoOf(prepared.execute([5]))).toBe(TABLE_DENIED);
    const second = await door.open([onTable('UPDATE', 'orders')]);
    expect(await errnoOf(prepared.execute([7]))).toBeNull();
    await second.close();
    expect(await errnoOf(prepared.execute([9]))).toBe(TABLE_DENIED);
    await session.commit();
    expect(await target.rootRows('SELECT total FROM orders WHERE id = 1')).toEqual([{ total: 7 }]);
  });

  test('come one statement for each table, and what stands on a table stays there', async () => {
    const { database } = target;
    const standing = [{ database, tables: ['orders'], privileges: ['SELECT' as const] }];
    const { door, grants } = await account({ standing });
    expect(await grants()).toEqual(['SELECT ON orders']);
    const needs = [
      onTable('SELECT', 'orders'),
      onTable('UPDATE', 'orders'),
      onTable('SELECT', 'notes'),
      onTable('DELETE', 'notes'),
    ];
    const window = await door.open(needs);
    expect(await grants()).toEqual(['SELECT, DELETE ON notes', 'SELECT, UPDATE ON orders']);
    await window.close();
    expect(await grants()).toEqual(['SELECT ON orders']);
  });

  test('let a table be made, a table be dropped and a routine be called, and leave nothing on any of them', async () => {
    const one = await account();
    const { door, grants } = one;
    const session = await logIn(one);
    const steps: readonly (readonly [readonly NeededPrivilege[], string, number])[] = [
      [
        [onTable('CREATE', 'fresh'), onTable('INSERT', 'fresh')],
        'CREATE TABLE fresh AS SELECT * FROM orders',
        TABLE_DENIED,
      ],
      [[onTable('DROP', 'fresh')], 'DROP TABLE fresh', TABLE_DENIED],
      [[onRoutine('EXECUTE', 'close_day')], 'CALL close_day()', ROUTINE_DENIED],
    ];
    for (const [needs, statement, denied] of steps) {
      expect(await errnoOf(session.query(statement))).toBe(denied);
      const window = await door.open(needs);
      expect(await errnoOf(session.query(statement))).toBeNull();
      await window.close();
      expect(await grants()).toEqual(READING);
      expect(await errnoOf(session.query(statement))).toBe(denied);
    }
  });

  test('on a whole database are had and lost by a session only when it enters its database', async () => {
    const one = await account();
    const { door, grants } = one;
    const session = await logIn(one);
    const use = `USE ${target.database}`;
    const make = 'CREATE TEMPORARY TABLE scratch (id INT)';
    const window = await door.open([onDatabase('CREATE TEMPORARY TABLES')]);
    expect(window.databases).toEqual([target.database]);
    expect(await grants()).toEqual(['SELECT, CREATE TEMPORARY TABLES ON *']);
    expect(await errnoOf(session.query(make))).toBe(DATABASE_DENIED);
    await session.query(use);
    expect(await errnoOf(session.query(make))).toBeNull();
    await window.close();
    expect(await grants()).toEqual(READING);
    expect(await errnoOf(session.query('CREATE TEMPORARY TABLE kept (id INT)'))).toBeNull(); // the server's own rule
    await session.query(use);
    expect(await errnoOf(session.query('CREATE TEMPORARY TABLE lost (id INT)'))).toBe(DATABASE_DENIED);
  });

  test('to make a routine give its maker nothing on it afterwards', async () => {
    const { database } = target;
    const one = await account({
      standing: [
        { database, privileges: ['SELECT'] },
        { database, tables: ['notes'], privileges: ['INSERT'] },
      ],
    });
    const { door, grants } = one;
    const session = await logIn(one);
    const stands = ['INSERT ON notes', 'SELECT ON *'];
    const window = await door.open([onDatabase('CREATE ROUTINE')]);
    await session.query(`USE ${database}`);
    await session.query('CREATE PROCEDURE mine() SELECT 2');
    expect(await grants()).toContain('EXECUTE, ALTER ROUTINE ON PROCEDURE mine');
    await window.close();
    expect(await grants()).toEqual(stands);
    expect(await errnoOf(session.query('CALL mine()'))).toBe(ROUTINE_DENIED);

    const drop = await door.open([onRoutine('ALTER ROUTINE', 'mine')]);
    await session.query('DROP PROCEDURE mine');
    await drop.close();
    expect(await grants()).toEqual(stands);
  });

  test('are not given on what is not there; a temporary table of the session needs none', async () => {
    const one = await account();
    const session = await logIn(one);
    const make = await one.door.open([onDatabase('CREATE TEMPORARY TABLES')]);
    await session.query(`USE ${target.database}`);
    await session.query('CREATE TEMPORARY TABLE scratch (id INT)');
    const window = await make
      .close()
      .then(() => one.door.open([onTable('INSERT', 'scratch'), onTable('INSERT', 'notes')]));
    expect(window.given).toEqual([`INSERT ON ${target.database}.notes`]);
    expect(await errnoOf(session.query('INSERT INTO scratch VALUES (1)'))).toBeNull();
    expect(await errnoOf(session.query('INSERT INTO nowhere VALUES (1)'))).not.toBeNull();
    await window.close();
    expect(await one.grants()).toEqual(READING);
  });

  test('are refused outside of the grant, and nothing is given', async () => {
    const { database } = target;
    const { door, grants } = await account({ ceiling: [{ database, privileges: ['SELECT', 'UPDATE'] }] });
    await expect(door.open([onTable('UPDATE', 'orders'), onTable('DELETE', 'orders')])).rejects.toMatchObject({
      code: 'statement_outside_grant',
      detail: `It needs DELETE ON ${database}.orders.`,
    });
    expect(door.isOpen).toBe(false);
    expect(await grants()).toEqual(READING);
  });

  test('stand from now on, or no longer, when what stands changes', async () => {
    const { database } = target;
    const one = await account();
    const { door, grants } = one;
    const session = await logIn(one);
    const write = 'INSERT INTO notes VALUES (100)';
    const narrow = [{ database, tables: ['notes'], privileges: ['INSERT' as const] }];
    expect(await door.stand(narrow)).toEqual([database]);
    expect(await grants()).toEqual(['INSERT ON notes']);
    expect(await errnoOf(session.query(write))).toBeNull();
    const window = await door.open([onTable('INSERT', 'notes'), onTable('DELETE', 'notes')]);
    expect(window.given).toEqual([`DELETE ON ${database}.notes`]);
    await session.query('DELETE FROM notes WHERE id = 100').catch(() => undefined);
    await window.close();
    expect(await grants()).toEqual(['INSERT ON notes']);
    expect(await door.stand([{ database, privileges: ['SELECT'] }])).toEqual([database]);
    expect(await grants()).toEqual(READING);
    expect(await errnoOf(session.query(write))).toBe(TABLE_DENIED);
  });

  test('let a login into a database where nothing stands, and lend one privilege for that moment only', async () => {
    const one = await account({ standing: [] });
    expect(await entering(one, () => one.grants())).toEqual([expect.stringMatching(/^SELECT ON (orders|notes)$/)]);
    expect(await one.grants()).toEqual([]);
    expect(await errnoOf(one.connect())).toBe(DATABASE_DENIED);
    const session = await entering(one, () => logIn(one));
    const [rows] = await session.query<RowDataPacket[]>('SELECT DATABASE() AS name');
    expect(rows).toEqual([{ name: target.database }]);
    for (const table of ['orders', 'notes']) {
      expect(await errnoOf(session.query(`SELECT * FROM ${table}`))).toBe(TABLE_DENIED);
    }
  });

  async function entering<T>({ door }: DoorOfAccount, work: () => Promise<T>): Promise<T> {
    const window = await door.openToEnter(target.database);
    try {
      return await work();
    } finally {
      await window.close();
    }
  }
});
