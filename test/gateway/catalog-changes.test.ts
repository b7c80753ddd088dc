import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CatalogSnapshot } from '../../src/protocols/sql/catalog.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { canRollBack } from '../../src/protocols/sql/catalog/can-roll-back.js';
import { CatalogWatch, UNREAD } from '../../src/protocols/sql/catalog/catalog-watch.js';
import { TargetCatalog } from '../../src/protocols/mysql/catalog/target-catalog.js';
import { systemClock } from '../../src/kernel/clock.js';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { makeDatabase, rootLogin, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

const SCHEMA = [
  'CREATE TABLE parent (id INT PRIMARY KEY, other INT UNIQUE)',
  'CREATE TABLE child (id INT PRIMARY KEY, p INT, q INT)',
  'CREATE TABLE log (id INT PRIMARY KEY AUTO_INCREMENT)',
  'CREATE TABLE old_style (id INT PRIMARY KEY) ENGINE=MyISAM',
  'CREATE TABLE noting (id INT PRIMARY KEY)',
  'CREATE TRIGGER noting_notes AFTER INSERT ON noting FOR EACH ROW INSERT INTO old_style VALUES (NEW.id)',
  'CREATE VIEW seen AS SELECT id FROM parent',
  'CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1',
];

/** Each changes what statements touch: what is done, one after the other, and what takes it back. */
const CHANGES: readonly (readonly [string, readonly string[]])[] = [
  ['CREATE OR REPLACE VIEW seen AS SELECT id FROM child', ['CREATE OR REPLACE VIEW seen AS SELECT id FROM parent']],
  ['ALTER TABLE log ENGINE=MyISAM', ['ALTER TABLE log ENGINE=InnoDB']],
  [
    'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE',
    [
      'ALTER TABLE child DROP FOREIGN KEY fk',
      'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL',
      'ALTER TABLE child DROP FOREIGN KEY fk',
      'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (other) ON UPDATE CASCADE',
      'ALTER TABLE child DROP FOREIGN KEY fk',
    ],
  ],
  [
    'CREATE TRIGGER late BEFORE INSERT ON child FOR EACH ROW SET NEW.q = 0',
    [
      'DROP TRIGGER late',
      'CREATE TRIGGER late BEFORE INSERT ON child FOR EACH ROW DELETE FROM log',
      'DROP TRIGGER late',
      'CREATE TRIGGER late BEFORE UPDATE ON child FOR EACH ROW DELETE FROM log',
      'DROP TRIGGER late',
    ],
  ],
  [
    'CREATE PROCEDURE late() DELETE FROM log',
    ['DROP PROCEDURE late', 'CREATE PROCEDURE late() DELETE FROM child', 'DROP PROCEDURE late'],
  ],
  ['RENAME TABLE log TO log2', ['RENAME TABLE log2 TO log']],
  ['CREATE TABLE late AS SELECT 1 AS id', ['DROP TABLE late', 'CREATE VIEW late AS SELECT 1 AS id', 'DROP VIEW late']],
];

/** A reading takes its time where others use the server too, and is followed by a rest that depends on it. */
const SOON = { timeout: 45_000 };

describe.each(engines())('the catalog of $flavour $version while the target changes', (engine) => {
  const admins = new AdminPool();
  let shop: OwnDatabase;
  let catalog: TargetCatalog;

  const login = {
    endpoint: { host: engine.host, port: engine.port, tls: { mode: 'off' as const } },
    username: engine.root.user,
    password: engine.root.password,
  };

  beforeAll(async () => {
    shop = await makeDatabase(engine);
    await inShop(...SCHEMA);
    catalog = newCatalog();
  });
  afterAll(async () => {
    admins.close();
    await shop?.drop();
  });

  function newCatalog(databases = [shop.database]): TargetCatalog {
    return new TargetCatalog({ withAdmin: (work) => admins.use(login, work), databases, clock: systemClock });
  }

  async function inShop(...statements: readonly string[]): Promise<void> {
    await withMysql2({ ...rootLogin(engine), database: shop.database }, async (connection) => {
      for (const statement of statements) await connection.query(statement);
    });
  }

  test.each(CHANGES)('has another version after %s', async (change, undo) => {
    let { version } = await catalog.snapshot(0);
    const seen = new Set([version]);
    const first = version;
    for (const statement of [change, ...undo]) {
      await inShop(statement);
      const next = await catalog.snapshot(0);
      expect(next.version).not.toBe(version);
      ({ version } = next);
      seen.add(version);
    }
    expect(version).toBe(first);
    expect(seen.size).toBeGreaterThan(1);
  });

  test('is not what was read before it was outdated, though that reading ends later', async () => {
    const isRead = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const slow = new TargetCatalog({
      databases: [shop.database],
      clock: systemClock,
      withAdmin: async (work) => {
        const result = await admins.use(login, work);
        isRead.resolve();
        await mayEnd.promise;
        return result;
      },
    });
    const { version } = await catalog.snapshot(0);
    await inShop('CREATE VIEW late AS SELECT 1 AS one');
    const asked = slow.snapshot(60_000);
    await isRead.promise;
    await inShop('DROP VIEW late');
    slow.changed();
    slow.outdate();
    mayEnd.resolve();
    expect((await asked).version).toBe(version);
    expect((await slow.snapshot(60_000)).version).toBe(version);
    slow.changed();
    slow.outdate();
    expect(slow.fresh(60_000)).toBeUndefined();
  });

  test('that changes without end is given up', async () => {
    let readings = 0;
    const restless: TargetCatalog = new TargetCatalog({
      databases: [shop.database],
      clock: systemClock,
      withAdmin: async (work) => {
        readings += 1;
        const result = await admins.use(login, work);
        restless.changed();
        restless.outdate();
        return result;
      },
    });
    await expect(restless.snapshot(0)).rejects.toMatchObject({ code: 'target_unreachable' });
    expect(readings).toBeLessThan(20);
  });

  test(
    'is watched: a change is told of without being asked for, and that nothing can be read',
    { timeout: 90_000 },
    async () => {
      const told: string[] = [];
      const watched = newCatalog();
      let isAway = false;
      const watch = new CatalogWatch({
        catalog: {
          snapshot: (ageMsMax): Promise<CatalogSnapshot> =>
            isAway ? Promise.reject(new Error('the target is away')) : watched.snapshot(ageMsMax),
        },
        clock: systemClock,
        isWanted: () => true,
        onVersion: (version) => told.push(version),
        restMsMin: 10,
      });
      watch.start();
      await expect.poll(() => told.length, SOON).toBeGreaterThan(1);
      const [first] = told;
      expect(new Set(told)).toEqual(new Set([first]));
      await inShop('CREATE VIEW late AS SELECT 1 AS one');
      await expect.poll(() => told.at(-1), SOON).not.toBe(first);
      await inShop('DROP VIEW late');
      await expect.poll(() => told.at(-1), SOON).toBe(first);
      isAway = true;
      await expect.poll(() => told.at(-1), SOON).toBe(UNREAD);
      await watch.close();
      const count = told.length;
      watch.start();
      await watch.close();
      expect(told).toHaveLength(count);
    },
  );

  test('is not read by a watch while nobody wants it', async () => {
    let asked = 0;
    let readings = 0;
    const watch = new CatalogWatch({
      catalog: {
        snapshot: (ageMsMax): Promise<CatalogSnapshot> => {
          readings += 1;
          expect(asked).toBeGreaterThan(3);
          return catalog.snapshot(ageMsMax);
        },
      },
      clock: systemClock,
      isWanted: () => {
        asked += 1;
        return asked > 3;
      },
      onVersion: () => {},
      restMsMin: 5,
    });
    watch.start();
    await expect.poll(() => readings, SOON).toBeGreaterThan(0);
    await watch.close();
  });

  test.each([
    ['UPDATE parent SET other = 1 WHERE id = 1', true],
    ['DELETE FROM seen', true],
    ['INSERT INTO old_style VALUES (1)', false],
    ['INSERT INTO noting VALUES (1)', false],
    ['UPDATE parent JOIN old_style ON parent.id = old_style.id SET parent.other = 1', true],
    ['DELETE parent, old_style FROM parent JOIN old_style ON parent.id = old_style.id', false],
    ['UPDATE parent SET other = one()', false],
    ['DELETE FROM not_there', false],
    ['TRUNCATE TABLE parent', false],
  ])('knows whether a ROLLBACK undoes %s', async (text, expected) => {
    const dialect = dialectOf({ flavour: engine.flavour, version: engine.version, sqlMode: '' });
    const { facts } = analyse(Buffer.from(text), dialect, shop.database);
    expect(await canRollBack(catalog, facts)).toBe(expected);
  });

  test('knows that nothing is known to be undone when the target is away', async () => {
    const { facts } = analyse(Buffer.from('DELETE FROM parent'), dialectOf({ ...engine, sqlMode: '' }), shop.database);
    const away = { snapshot: (): Promise<CatalogSnapshot> => Promise.reject(new Error('the target is away')) };
    expect(await canRollBack(away, facts)).toBe(false);
    expect(await canRollBack(catalog, facts)).toBe(true);
  });

  test('has nothing of a database that is not there', async () => {
    const snapshot = await newCatalog([`${shop.database}_not_there`]).snapshot(0);
    expect(snapshot.problem).toBeNull();
    expect(snapshot.tables.size).toBe(0);
  });

  test.each(engine.flavour === 'mariadb' ? ['CREATE SEQUENCE numbering'] : [])('knows %s', async (sequence) => {
    await inShop(sequence);
    const snapshot = await catalog.snapshot(0);
    expect([...snapshot.tables.values()].find(({ table }) => table === 'numbering')?.kind).toBe('sequence');
    await inShop('DROP SEQUENCE numbering');
  });

  test('is read while tables are locked, without waiting for them', async () => {
    await withMysql2({ ...rootLogin(engine), database: shop.database }, async (other) => {
      await other.query('LOCK TABLES parent WRITE');
      const snapshot = await catalog.snapshot(0);
      expect([...snapshot.tables.values()].map(({ table }) => table)).toContain('parent');
      await other.query('UNLOCK TABLES');
    });
  });
});
