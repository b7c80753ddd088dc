import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type NeededPrivilege, type Privilege } from '../../src/protocols/sql/privilege.js';
import { allowEverything } from '../support/allow-everything.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { compilePolicies, type PolicySet } from '../../src/policy/policy-set.js';
import { SQL_VOCABULARY } from '../../src/protocols/sql/policy/vocabulary.js';
import type { StatementJudge } from '../../src/protocols/mysql/judge/judgement.js';
import { COM_INIT_DB } from '../../src/protocols/mysql/wire/commands.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type LockedGrant, type LockedGrantOptions, openLockedGrant } from '../support/locked-grant.js';
import { type Provisioned, ALL_ON_DATABASE, errnoOf, provision, tableNeed } from '../support/task-account.js';

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE notes (id INT PRIMARY KEY)',
  'INSERT INTO orders VALUES (1, 10), (2, 20)',
  'CREATE VIEW big AS SELECT * FROM orders WHERE total > 10',
  'CREATE PROCEDURE wipe() SQL SECURITY DEFINER DELETE FROM orders',
  'CREATE FUNCTION bump() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN UPDATE orders SET total = 0; RETURN 1; END',
];
const READING = ['SELECT ON *'];
const DATABASE_DENIED = 1044;
const TABLE_DENIED = 1142;

/** What changes something, made by the one who may only read. `{db}` is the database. */
const ATTACKS: readonly string[] = [
  'INSERT INTO orders VALUES (3, 30)',
  'INSERT IGNORE INTO orders SELECT id + 10, total FROM orders',
  'INSERT INTO orders VALUES (1, 1) ON DUPLICATE KEY UPDATE total = 0',
  'REPLACE INTO orders VALUES (1, 0)',
  'UPDATE orders SET total = 0',
  'UPDATE orders JOIN notes ON orders.id = notes.id SET orders.total = 0',
  'UPDATE big SET total = 0',
  'DELETE FROM orders',
  'DELETE orders FROM orders JOIN notes',
  'WITH c AS (SELECT 1 AS id) DELETE FROM orders WHERE id IN (SELECT id FROM c)',
  'TRUNCATE TABLE orders',
  'DROP TABLE orders',
  'DROP DATABASE {db}',
  'DROP VIEW big',
  'DROP PROCEDURE wipe',
  'CREATE TABLE mine (id INT)',
  'CREATE TABLE mine AS SELECT * FROM orders',
  'CREATE TEMPORARY TABLE mine (id INT)',
  'CREATE VIEW mine AS SELECT * FROM orders',
  'CREATE TRIGGER mine BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = 0',
  'CREATE PROCEDURE mine() DELETE FROM orders',
  'CREATE FUNCTION mine() RETURNS INT DETERMINISTIC RETURN 1',
  'CREATE EVENT mine ON SCHEDULE EVERY 1 SECOND DO DELETE FROM orders',
  'CREATE DATABASE mine_{db}',
  'CREATE INDEX mine ON orders (total)',
  'ALTER TABLE orders ADD COLUMN mine INT',
  'RENAME TABLE orders TO mine',
  'LOCK TABLES orders WRITE',
  'CALL wipe()',
  'SELECT bump()',
  'SET @x = bump()',
  'DO bump()',
  'SELECT 1; DELETE FROM orders',
  'SELECT 1;\nDROP TABLE orders;',
  'CREATE USER mine',
  'GRANT UPDATE ON {db}.orders TO CURRENT_USER',
  'SET GLOBAL max_connections = 5',
  "SELECT * FROM orders INTO OUTFILE '/tmp/{db}'",
  "LOAD DATA INFILE '/etc/passwd' INTO TABLE orders",
  'SELECT * FROM mysql.user',
  'UPDATE mysql.user SET User = User',
  'FLUSH TABLES',
];

const OF_MARIADB: readonly string[] = [
  "EXECUTE IMMEDIATE 'DELETE FROM orders'",
  "EXECUTE IMMEDIATE CONCAT('UPDATE orders SET ', 'total = 0')",
  'BEGIN NOT ATOMIC DELETE FROM orders; END',
  'IF 1 THEN UPDATE orders SET total = 0; END IF',
  'DELETE FROM orders RETURNING id',
  'SET STATEMENT max_statement_time = 5 FOR DELETE FROM orders',
  'ANALYZE UPDATE orders SET total = 0',
  'EXPLAIN SELECT bump()',
  'CREATE OR REPLACE TABLE orders (id INT)',
  'CREATE SEQUENCE mine',
];

const OF_MYSQL: readonly string[] = [
  'EXPLAIN ANALYZE SELECT bump()',
  'TABLE orders INTO OUTFILE "/tmp/{db}"',
  'SET PERSIST max_connections = 5',
  'SELECT * FROM orders FOR UPDATE',
  "SET PASSWORD = 'aA1-of-this-test-only'",
];

const policySetOf = (text: string): PolicySet => compilePolicies([{ name: 'of-this-test', text }], [SQL_VOCABULARY]);

describe.each(engines())('with every statement allowed, on $flavour $version', (engine) => {
  let target: Provisioned;
  const clients: Connection[] = [];
  const open: LockedGrant[] = [];

  beforeAll(async () => {
    target = await provision(engine, { schema: SCHEMA });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const grant of open.splice(0)) await grant.end();
  });
  afterAll(() => target?.drop());

  const grantOf = async (
    missingFor?: (text: string) => readonly NeededPrivilege[],
    options: Partial<LockedGrantOptions> = {},
  ): Promise<LockedGrant> => {
    const access = [{ database: target.database, privileges: ALL_ON_DATABASE }];
    const grant = await openLockedGrant(target, { access, judge: allowEverything(missingFor), ...options });
    open.push(grant);
    return grant;
  };
  const connect = async ({ login }: Pick<LockedGrant, 'login'>, database = login.database): Promise<Connection> => {
    const client = await mysql.createConnection({ ...login, database });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const root = (): Promise<Connection> => connect({ login: { ...rootLogin(engine), database: target.database } });
  const state = async (): Promise<unknown> => {
    const lists = ['SELECT * FROM orders', 'SHOW FULL TABLES', 'SHOW TRIGGERS', 'SHOW EVENTS'];
    return Promise.all(lists.map((list) => target.rootRows(list)));
  };
  const onDatabase = (privilege: Privilege): NeededPrivilege => ({
    on: 'database',
    privilege,
    database: target.database,
  });

  test('the database itself refuses everything but reading, as text, prepared, and dynamically', async () => {
    const before = await state();
    const grant = await grantOf();
    expect(await grant.grants()).toEqual(READING);
    const attacks = [...ATTACKS, ...(engine.flavour === 'mariadb' ? OF_MARIADB : OF_MYSQL)];
    const ran: string[] = [];
    for (const attack of attacks.map((text) => text.replaceAll('{db}', target.database))) {
      const client = await connect(grant); // some end their session
      await client.query('SET @text = ?', [attack]);
      const dynamic = client.query('PREPARE s FROM @text').then(() => client.query('EXECUTE s'));
      if ((await errnoOf(dynamic)) === null) ran.push(`dynamic: ${attack}`);
      if ((await errnoOf(client.query(attack))) === null) ran.push(attack);
      if ((await errnoOf(client.execute(attack))) === null) ran.push(`prepared: ${attack}`);
      client.destroy();
    }
    expect(ran).toEqual([]);
    expect(await state()).toEqual(before);
    expect(await grant.grants()).toEqual(READING);
    const [rows] = await (await connect(grant)).query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM orders');
    expect(rows).toEqual([{ n: 2 }]);
  });

  /** A session whose statement has a window on the whole database, and waits at the target for a lock of root's. */
  const blockedLock = async (grant: LockedGrant) => {
    const owner = await root();
    await owner.query('BEGIN');
    await owner.query('SELECT * FROM orders FOR UPDATE');
    const client = await connect(grant);
    const locked = errnoOf(client.query('LOCK TABLES orders WRITE'));
    await expect.poll(grant.grants, { interval: 15 }).toEqual(['SELECT, LOCK TABLES ON *']);
    return { client, locked, free: () => owner.query('ROLLBACK') };
  };
  const locking = (text: string): readonly NeededPrivilege[] =>
    text.startsWith('LOCK') ? [onDatabase('LOCK TABLES')] : [];

  test('what is given on a whole database for one statement is had by its session alone, and for that statement alone', async () => {
    const grant = await grantOf((text) =>
      text.endsWith('/* given */') ? [onDatabase('CREATE TEMPORARY TABLES')] : [],
    );
    const client = await connect(grant);
    const other = await connect(grant);
    for (const name of ['first', 'second']) {
      expect(await errnoOf(client.query(`CREATE TEMPORARY TABLE ${name} (id INT)`))).toBe(DATABASE_DENIED);
      expect(await errnoOf(client.query(`CREATE TEMPORARY TABLE ${name} (id INT) /* given */`))).toBeNull();
      expect(await errnoOf(client.query(`CREATE TEMPORARY TABLE ${name}_more (id INT)`))).toBe(DATABASE_DENIED);
      expect(await errnoOf(other.query(`CREATE TEMPORARY TABLE ${name} (id INT)`))).toBe(DATABASE_DENIED);
      expect(await errnoOf(client.query(`SELECT * FROM ${name}, orders`))).toBeNull();
    }
    expect(await grant.grants()).toEqual(READING);
  });

  test('who enters the database while it is given there waits, by login, USE and COM_INIT_DB, and gets nothing of it', async () => {
    const grant = await grantOf(locking);
    const user = await connect(grant);
    const changer = await RawClient.logIn(grant.login);
    const { client, locked, free } = await blockedLock(grant);
    let entered = 0;
    const count = () => (entered += 1);
    changer.command(COM_INIT_DB, target.database);
    const changed = changer.response(COM_INIT_DB);
    const login = connect(grant);
    const entering = [login.then(count), user.query(`USE ${target.database}`).then(count), changed.then(count)];
    expect(await grant.grants()).toEqual(['SELECT, LOCK TABLES ON *']);
    expect(entered).toBe(0);
    await free();
    expect(await locked).toBeNull();
    await Promise.all(entering);
    for (const session of [client, user, await login]) {
      expect(await errnoOf(session.query('CREATE TEMPORARY TABLE t (id INT)'))).toBe(DATABASE_DENIED);
    }
    expect((await changer.query('CREATE TEMPORARY TABLE t (id INT)')).error?.errno).toBe(DATABASE_DENIED);
    expect(await grant.grants()).toEqual(READING);
  });

  test('what stands no longer is lost by open sessions, whatever they had when they entered their database', async () => {
    const allowing = (action: string) => policySetOf(`permit (principal, action == Action::"${action}", resource);`);
    let policySet = allowing('read');
    const grant = await grantOf(undefined, { policies: { current: () => policySet } });
    const client = await connect(grant);
    expect(await errnoOf(client.query('SELECT * FROM orders'))).toBeNull();
    const prepared = await client.prepare('SELECT * FROM orders WHERE id = ?');
    expect(await errnoOf(prepared.execute([1]))).toBeNull();
    policySet = allowing('session');
    await expect.poll(grant.grants, { interval: 20 }).toEqual([]);
    await expect.poll(() => errnoOf(client.query('SELECT * FROM orders'))).toBe(TABLE_DENIED);
    expect(await errnoOf(prepared.execute([1]))).toBe(TABLE_DENIED);
    policySet = allowing('read');
    await expect.poll(() => errnoOf(client.query('SELECT * FROM orders'))).toBeNull();
  });

  test('what stands no longer is lost by a statement too that was being judged meanwhile', async () => {
    const allowing = (action: string) => policySetOf(`permit (principal, action == Action::"${action}", resource);`);
    let policySet = allowing('read');
    const judged = Promise.withResolvers<undefined>();
    const plain = allowEverything();
    const judge: StatementJudge = {
      ...plain,
      judge: (statement) =>
        statement.text?.endsWith('/* slowly */') === true
          ? judged.promise.then(() => plain.judge(statement))
          : plain.judge(statement),
    };
    const grant = await grantOf(undefined, { policies: { current: () => policySet }, judge });
    const client = await connect(grant);
    expect(await errnoOf(client.query('SELECT * FROM orders'))).toBeNull();
    const slowly = errnoOf(client.query('SELECT * FROM orders /* slowly */'));
    policySet = allowing('session');
    await expect.poll(grant.grants, { interval: 20 }).toEqual([]);
    await expect
      .poll(() => connect(grant).then((other) => errnoOf(other.query('SELECT * FROM orders'))))
      .toBe(TABLE_DENIED);
    judged.resolve(undefined);
    expect(await slowly).toBe(TABLE_DENIED);
    expect(await errnoOf(client.query('SELECT 1'))).toBeNull(); // its session goes on
  });

  test('sessions go in and out of a database where nothing stands, and have nothing there', async () => {
    const policySet = policySetOf(DEFAULT_POLICY_TEXT);
    const access = [{ database: target.database, privileges: ['UPDATE' as const] }];
    const update = (text: string) =>
      text.startsWith('UPDATE') ? [tableNeed(target.database, 'orders', 'UPDATE')] : [];
    const grant = await grantOf(update, { access, policies: { current: () => policySet } });
    expect(await grant.grants()).toEqual([]);
    const client = await connect(grant);
    for (const step of ['USE information_schema', `USE ${target.database}`]) await client.query(step);
    expect(await errnoOf(client.query('SELECT * FROM orders'))).toBe(TABLE_DENIED);
    expect(await errnoOf(client.query('UPDATE orders SET total = 5'))).toBeNull();
    expect(await errnoOf(client.query('SELECT total FROM orders'))).toBe(TABLE_DENIED);
    expect(await grant.grants()).toEqual([]);
    await target.root('UPDATE orders SET total = id * 10');
  });

  test('many sessions with windows at once get their turns, and leave nothing', async () => {
    const grant = await grantOf((text) =>
      text.startsWith('UPDATE') ? [tableNeed(target.database, 'orders', 'UPDATE')] : temporary(text),
    );
    const ids = Array.from({ length: 12 }, (_, index) => index + 100);
    await target.root(...ids.map((id) => `INSERT INTO orders VALUES (${id}, 0)`));
    const outcomes = await Promise.all(
      ids.map(async (id) => {
        const session = await connect(grant);
        const failed: unknown[] = [];
        for (let run = 0; run < 5; run += 1) {
          await session.query('BEGIN');
          failed.push(await errnoOf(session.query(`UPDATE orders SET total = total + 1 WHERE id = ${id}`)));
          failed.push(await errnoOf(session.query('SELECT COUNT(*) FROM orders')));
          await session.query('COMMIT');
          failed.push(await errnoOf(session.query(`CREATE TEMPORARY TABLE t${run} (id INT)`)));
        }
        return failed.filter((error) => error !== null);
      }),
    );
    expect(outcomes.flat()).toEqual([]);
    const rows = await target.rootRows('SELECT DISTINCT total FROM orders WHERE id >= 100');
    expect(rows).toEqual([{ total: 5 }]);
    await expect.poll(grant.grants).toEqual(READING);
    await target.root('DELETE FROM orders WHERE id >= 100');
  });

  const temporary = (text: string): readonly NeededPrivilege[] =>
    text.startsWith('CREATE TEMPORARY') ? [onDatabase('CREATE TEMPORARY TABLES')] : [];
});
