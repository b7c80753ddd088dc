import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasTransactionalEngine, type CatalogSnapshot } from '../../src/protocols/sql/catalog.js';
import type { StatementFacts } from '../../src/protocols/sql/statement.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import type { AdminLogin } from '../../src/protocols/mysql/account/own-connection.js';
import { TargetCatalog } from '../../src/protocols/mysql/catalog/target-catalog.js';
import { systemClock } from '../../src/kernel/clock.js';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { expandFacts, expandStatement } from '../../src/protocols/sql/expand.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { makeDatabase, rootLogin, runAsRoot, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { makeAccount, provisioningGrants, type ServerAccount } from '../support/task.js';

const SCHEMA = [
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40), boss INT)',
  'CREATE TABLE orders (id INT PRIMARY KEY, customer INT, total INT, FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE ON UPDATE CASCADE)',
  'CREATE TABLE order_lines (id INT PRIMARY KEY, order_id INT, FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL)',
  'CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE CASCADE)',
  'CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(200))',
  'CREATE TABLE counters (name VARCHAR(40) PRIMARY KEY, n INT)',
  'CREATE TABLE `odd/näme` (id INT PRIMARY KEY)',
  'CREATE TABLE `odd-child` (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES `odd/näme` (id) ON DELETE CASCADE)',
  'CREATE TABLE old_style (id INT PRIMARY KEY) ENGINE=MyISAM',
  'CREATE FUNCTION price(o INT) RETURNS INT READS SQL DATA RETURN (SELECT total FROM orders WHERE id = o)',
  `CREATE PROCEDURE tidy(IN most INT)
   BEGIN
     DECLARE done INT DEFAULT 0;
     DECLARE c CURSOR FOR SELECT id FROM order_lines;
     DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
     IF most > 0 THEN
       DELETE FROM orders WHERE total > most;
     ELSEIF price(1) > 3 THEN
       UPDATE customers SET name = CASE WHEN id > 1 THEN 'x' ELSE 'y' END;
     END IF;
     l: LOOP
       SET done = done + 1;
       IF done > 3 THEN LEAVE l; END IF;
     END LOOP;
     SELECT COUNT(*) INTO most FROM audit;
   END`,
  `CREATE PROCEDURE dynamic(IN what TEXT) BEGIN SET @text = what; PREPARE s FROM @text; EXECUTE s; END`,
  'CREATE VIEW bosses AS SELECT id, name FROM customers WHERE boss IS NULL',
  'CREATE VIEW bosses_orders AS SELECT bosses.name, orders.total FROM bosses JOIN orders ON orders.customer = bosses.id',
  'CREATE VIEW prices AS SELECT id, price(id) AS price FROM orders',
  'CREATE VIEW slow AS SELECT id, SLEEP(0) AS s FROM orders',
  "CREATE TRIGGER note_customer AFTER UPDATE ON customers FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('c', NEW.id))",
  `CREATE TRIGGER count_orders BEFORE DELETE ON orders FOR EACH ROW
   BEGIN
     IF OLD.total > 100 THEN
       INSERT INTO counters VALUES ('big', 1) ON DUPLICATE KEY UPDATE n = n + 1;
     ELSE
       SET @small = 1;
     END IF;
   END`,
  "CREATE TRIGGER note_audit AFTER INSERT ON audit FOR EACH ROW UPDATE counters SET n = n + 1 WHERE name = 'audit'",
  'CREATE TRIGGER priced BEFORE INSERT ON order_lines FOR EACH ROW SET NEW.order_id = price(NEW.order_id)',
];

interface Reader {
  readonly catalog: TargetCatalog;
  readonly account: ServerAccount;
}

describe.each(engines())('the catalog of $flavour $version', (engine) => {
  const admins = new AdminPool();
  let shop: OwnDatabase;
  let other: OwnDatabase;
  let root: TargetCatalog;
  const accounts: ServerAccount[] = [];

  beforeAll(async () => {
    shop = await makeDatabase(engine);
    other = await makeDatabase(engine);
    await inShop(
      ...SCHEMA,
      `CREATE TABLE ${other.database}.far_child (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES ${shop.database}.customers (id) ON DELETE CASCADE)`,
      `CREATE TABLE ${other.database}.far (id INT PRIMARY KEY)`,
      `CREATE VIEW far_view AS SELECT id FROM ${other.database}.far`,
      `CREATE TRIGGER ${other.database}.far_trigger AFTER INSERT ON ${other.database}.far FOR EACH ROW DELETE FROM far_child`,
    );
    root = catalogOf(rootAccount());
  });
  afterAll(async () => {
    admins.close();
    await other?.drop(); // its table references the shop's
    await shop?.drop();
    for (const { quoted } of accounts) await runAsRoot(engine, [`DROP USER ${quoted}`]);
  });

  const rootAccount = (): AdminLogin => loginOf(engine, engine.root.user, engine.root.password);

  function catalogOf(login: AdminLogin, databases = [shop.database]): TargetCatalog {
    return new TargetCatalog({ withAdmin: (work) => admins.use(login, work), databases, clock: systemClock });
  }

  /** The catalog as a provisioning account with these privileges on the shop sees it. */
  async function readerWith(privileges: string): Promise<Reader> {
    const account = await makeAccount(engine);
    accounts.push(account);
    const grants = { account: account.quoted, database: shop.database, privileges };
    await runAsRoot(engine, provisioningGrants(engine.flavour, grants));
    return { account, catalog: catalogOf(loginOf(engine, account.username, account.password)) };
  }

  async function inShop(...statements: readonly string[]): Promise<void> {
    await withMysql2({ ...rootLogin(engine), database: shop.database }, async (connection) => {
      for (const statement of statements) await connection.query(statement);
    });
  }

  function expanded(snapshot: CatalogSnapshot, text: string): StatementFacts {
    return expandFacts(factsOf(text), snapshot, shop.database);
  }

  function factsOf(text: string): StatementFacts {
    const dialect = dialectOf({ flavour: engine.flavour, version: engine.version, sqlMode: '' });
    return analyse(Buffer.from(text), dialect, shop.database).facts;
  }

  /** `read orders (view)`, names of other databases with `other.` before them. */
  function touched({ tables }: StatementFacts): readonly string[] {
    return tables
      .map(
        ({ database, table, action, by }) => `${action} ${database === other.database ? 'other.' : ''}${table} (${by})`,
      )
      .sort();
  }

  const unqualified = (names: readonly string[]): readonly string[] =>
    names.map((name) => name.split('.').at(-1) ?? '');

  test('knows tables and their engines', async () => {
    const snapshot = await root.snapshot(0);
    const tables = [...snapshot.tables.values()].filter(({ database }) => database === shop.database);
    expect(tables.map(({ table, kind, engine: stored }) => [table, kind, stored?.toLowerCase() ?? null])).toEqual(
      expect.arrayContaining([
        ['customers', 'table', 'innodb'],
        ['old_style', 'table', 'myisam'],
        ['bosses', 'view', null],
      ]),
    );
    const name = { database: shop.database, table: 'customers' };
    expect(hasTransactionalEngine(snapshot, name)).toBe(true);
    expect(hasTransactionalEngine(snapshot, { ...name, table: 'old_style' })).toBe(false);
    expect(hasTransactionalEngine(snapshot, { ...name, table: 'bosses_orders' })).toBe(true);
  });

  test('finds the tables below views of views', async () => {
    expect(touched(expanded(await root.snapshot(1e6), 'SELECT * FROM bosses_orders'))).toEqual([
      'read bosses (view)',
      'read bosses_orders (text)',
      'read customers (view)',
      'read orders (view)',
    ]);
  });

  test('follows a view into a database that the grant does not name', async () => {
    const facts = expanded(await root.snapshot(1e6), 'INSERT INTO far_view VALUES (1)');
    expect(touched(facts)).toEqual(
      expect.arrayContaining(['insert other.far (view)', 'delete other.far_child (trigger)']),
    );
    expect(unqualified(facts.triggers)).toEqual(['far_trigger']);
  });

  test('finds the functions that views call', async () => {
    const snapshot = await root.snapshot(1e6);
    const prices = expanded(snapshot, 'SELECT * FROM prices');
    expect(prices.unknownFunctions).toEqual([{ database: shop.database, name: 'price' }]);
    expect(expanded(snapshot, 'SELECT * FROM slow').unknownFunctions.map(({ name }) => name)).toEqual(['sleep']);
    expect(expanded(snapshot, 'SELECT * FROM bosses').unknownFunctions).toEqual([]);
  });

  test('finds the triggers that fire, and what they touch', async () => {
    const facts = expanded(await root.snapshot(1e6), "UPDATE customers SET name = 'x' WHERE id = 1");
    expect(facts.notUnderstood).toBeNull();
    expect(unqualified(facts.triggers)).toEqual(['note_audit', 'note_customer']);
    expect(touched(facts)).toEqual(
      expect.arrayContaining(['insert audit (trigger)', 'update counters (trigger)', 'update customers (text)']),
    );
  });

  test('takes the body of a trigger apart', async () => {
    const facts = expanded(await root.snapshot(1e6), 'DELETE FROM orders WHERE id = 1');
    expect(facts.notUnderstood).toBeNull();
    expect(touched(facts)).toEqual(
      expect.arrayContaining([
        'insert counters (trigger)',
        'update counters (trigger)',
        'update order_lines (cascade)',
      ]),
    );
  });

  test('names the functions that a trigger calls', async () => {
    const facts = expanded(await root.snapshot(1e6), 'INSERT INTO order_lines VALUES (1, 1)');
    expect(facts.unknownFunctions).toEqual([{ database: shop.database, name: 'price' }]);
    expect(touched(facts)).toContain('read orders (trigger)');
  });

  test('follows foreign keys over several levels, to themselves, and into databases that nobody named', async () => {
    const snapshot = await root.snapshot(1e6);
    const { facts, cascades } = expandStatement(factsOf('DELETE FROM customers WHERE id = 1'), snapshot, shop.database);
    expect(touched(facts)).toEqual([
      'delete customers (text)',
      'delete orders (cascade)',
      'delete other.far_child (cascade)',
      'update order_lines (cascade)',
    ]);
    expect(cascades).toHaveLength(3);
    expect(facts.triggers).toEqual([]);
    expect(touched(expanded(snapshot, 'DELETE FROM tree WHERE id = 1'))).toEqual([
      'delete tree (cascade)',
      'delete tree (text)',
    ]);
    expect(touched(expanded(snapshot, 'DELETE FROM `odd/näme` WHERE id = 1'))).toContain('delete odd-child (cascade)');
  });

  test('says no more about cascades than the server does: they fire no trigger', async () => {
    await inShop(
      'INSERT INTO customers VALUES (70, NULL, NULL)',
      'INSERT INTO orders VALUES (70, 70, 500)',
      'DELETE FROM customers WHERE id = 70',
    );
    const rows = await withMysql2({ ...rootLogin(engine), database: shop.database }, (connection) =>
      connection.query('SELECT * FROM counters'),
    );
    expect(rows[0]).toEqual([]);
  });

  test('follows an update only when it names the referenced column', async () => {
    const snapshot = await root.snapshot(1e6);
    // The trigger on customers might change its key, so a table without one is asked about.
    await inShop('DROP TRIGGER note_customer');
    const fresh = await root.snapshot(0);
    expect(fresh.version).not.toBe(snapshot.version);
    expect(touched(expanded(fresh, "UPDATE customers SET name = 'x'"))).toEqual(['update customers (text)']);
    expect(touched(expanded(fresh, 'UPDATE customers SET id = id + 1'))).toContain('update orders (cascade)');
    await inShop(SCHEMA.find((statement) => statement.startsWith('CREATE TRIGGER note_customer')) ?? '');
  });

  test('knows what procedures touch, and says where it does not', async () => {
    const snapshot = await root.snapshot(0);
    const tidy = expanded(snapshot, 'CALL tidy(3)');
    expect(touched(tidy)).toEqual(
      expect.arrayContaining([
        'delete orders (routine)',
        'read audit (routine)',
        'read order_lines (routine)',
        'update customers (routine)',
      ]),
    );
    expect(tidy.unknownFunctions).toEqual(
      expect.arrayContaining([
        { database: shop.database, name: 'tidy' },
        { database: shop.database, name: 'price' },
      ]),
    );
    const routines = [...snapshot.routines.values()];
    expect(routines.find(({ name }) => name === 'tidy')?.touches.unknown).toBeNull();
    expect(routines.find(({ name }) => name === 'dynamic')?.touches.unknown).not.toBeNull();
  });

  test('has a new version when something relevant changed, and the old one when only rows did', async () => {
    const { version } = await root.snapshot(0);
    await inShop("INSERT INTO counters VALUES ('rows', 1)");
    expect((await root.snapshot(0)).version).toBe(version);
    for (const [change, undo] of [
      ['CREATE TABLE late (id INT)', 'DROP TABLE late'],
      ['CREATE VIEW late AS SELECT 1 AS one', 'DROP VIEW late'],
      ['CREATE TRIGGER late BEFORE INSERT ON counters FOR EACH ROW SET NEW.n = 0', 'DROP TRIGGER late'],
      ['CREATE FUNCTION late() RETURNS INT DETERMINISTIC RETURN 1', 'DROP FUNCTION late'],
    ] as const) {
      await inShop(change);
      expect((await root.snapshot(0)).version).not.toBe(version);
      await inShop(undo);
      expect((await root.snapshot(0)).version).toBe(version);
    }
  });

  test('is read once for all who wait for it', async () => {
    let readings = 0;
    const catalog = new TargetCatalog({
      databases: [shop.database],
      clock: systemClock,
      withAdmin: (work) => {
        readings += 1;
        return admins.use(rootAccount(), work);
      },
    });
    const snapshots = await Promise.all(Array.from({ length: 20 }, () => catalog.snapshot(60_000)));
    expect(readings).toBe(1);
    expect(new Set(snapshots).size).toBe(1);
    expect(await catalog.snapshot(60_000)).toBe(snapshots[0]);
    await catalog.snapshot(-1);
    expect(readings).toBe(2);
  });

  test('that is not read in time is no catalog', async () => {
    const catalog = new TargetCatalog({
      databases: [shop.database],
      clock: systemClock,
      refreshMsMax: 0,
      withAdmin: (work) => admins.use(rootAccount(), work),
    });
    await expect(catalog.snapshot(0)).rejects.toMatchObject({ code: 'target_unreachable' });
    expect(catalog.fresh(60_000)).toBeUndefined();
  });

  test('says of what its account may not see that it is not known', async () => {
    const { catalog } = await readerWith('SELECT, INSERT, UPDATE, DELETE');
    const snapshot = await catalog.snapshot(0);
    expect(expanded(snapshot, "UPDATE customers SET name = 'x' WHERE id = 1").notUnderstood).toMatch(/trigger/);
    expect(expanded(snapshot, 'SELECT * FROM bosses').notUnderstood).toMatch(/view .*bosses/);
    expect(expanded(snapshot, 'SELECT * FROM customers').notUnderstood).toBeNull();
    // InnoDB's own list names foreign keys of tables that the account has no privilege on.
    expect(touched(expanded(snapshot, 'DELETE FROM customers'))).toContain('delete other.far_child (cascade)');
  });

  test('knows all once its account has TRIGGER and SHOW VIEW', async () => {
    const { catalog } = await readerWith('SELECT, INSERT, UPDATE, DELETE, TRIGGER, SHOW VIEW');
    const snapshot = await catalog.snapshot(0);
    const facts = expanded(snapshot, "UPDATE customers SET name = 'x' WHERE id = 1");
    expect(facts.notUnderstood).toBeNull();
    expect(unqualified(facts.triggers)).toEqual(['note_audit', 'note_customer']);
    expect(expanded(snapshot, 'SELECT * FROM bosses').notUnderstood).toBeNull();
  });
});

function loginOf({ host, port }: DatabaseAddress, username: string, password: string): AdminLogin {
  return { endpoint: { host, port, tls: { mode: 'off' } }, username, password };
}
