import { beforeAll, describe, expect, test } from 'vitest';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import type { PreviewedStatement } from '../../src/protocols/mysql/preview/previewed-statement.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { usePreviewShop } from './preview-shop.js';

const WIDE = Array.from({ length: 80 }, (_, index) => `c${index} TEXT`).join(', ');

const SCHEMA = [
  'CREATE VIEW self_joined AS SELECT a.id, b.n FROM items a JOIN items b ON a.n = b.n',
  'CREATE VIEW over_joined AS SELECT id, name FROM joined',
  'CREATE VIEW over_self AS SELECT id, n FROM self_joined WHERE id > 1',
  'CREATE VIEW over_fives AS SELECT id, n FROM fives WHERE id > 1',
  'CREATE VIEW over_calling AS SELECT id FROM calling',
  'CREATE SQL SECURITY INVOKER VIEW invoked AS SELECT id FROM hidden',
  `CREATE TABLE made (id INT PRIMARY KEY, a INT, v INT GENERATED ALWAYS AS (a * 2) VIRTUAL,
     s VARCHAR(9) GENERATED ALWAYS AS (CONCAT('x', a)) STORED)`,
  'INSERT INTO made (id, a) VALUES (1, 1), (2, 2), (3, NULL)',
  `CREATE TABLE parted (id INT PRIMARY KEY, a INT) PARTITION BY RANGE (id)
     (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)`,
  'INSERT INTO parted VALUES (1, 1), (2, 2), (11, 1), (12, 2), (13, 3)',
  'CREATE TABLE l1 (id INT PRIMARY KEY)',
  'CREATE TABLE l2 (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES l1 (id) ON DELETE CASCADE)',
  'CREATE TABLE l3 (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES l2 (id) ON DELETE CASCADE)',
  'CREATE TABLE l4 (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES l3 (id) ON DELETE SET NULL)',
  `CREATE TABLE wide (id INT PRIMARY KEY, ${WIDE})`,
  'CREATE TABLE `odd ``name` (`a b` INT PRIMARY KEY, `select` INT)',
  'INSERT INTO `odd ``name` VALUES (1, 1), (2, 1)',
  "CREATE TABLE kinds (id INT PRIMARY KEY, e ENUM('a','b'), s SET('x','y'), j JSON, g POINT, y YEAR, b BIT(3), ts TIMESTAMP NULL)",
  `INSERT INTO kinds VALUES (1, 'b', 'x,y', '{"k": [1]}', ST_GeomFromText('POINT(1 2)'), 2026, b'101', '2026-01-31 10:00:00')`,
  'CREATE TABLE hiding (id INT PRIMARY KEY, t VARCHAR(40)) CHARACTER SET utf8mb4',
  "INSERT INTO hiding VALUES (1, CONCAT('a', X'E280AE', 'b', CHAR(7), CHAR(10)))",
];

const WITH_CTES = [
  'WITH c AS (SELECT id FROM items WHERE n = 5) UPDATE items SET note = 1 WHERE id IN (SELECT id FROM c)',
  'WITH RECURSIVE r (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM r WHERE k < 3) DELETE FROM items WHERE id IN (SELECT k FROM r)',
  'WITH c AS (SELECT item FROM parts WHERE qty > 10) DELETE items FROM items JOIN c ON c.item = items.id',
  'WITH items2 AS (SELECT item, qty FROM parts) UPDATE items JOIN items2 ON items2.item = items.id SET items.n = items2.qty',
];

describe.each(engines())('a preview of an agent that does its worst, on $flavour $version', (engine) => {
  const shop = usePreviewShop(engine);
  const { flavour } = engine;

  beforeAll(async () => {
    for (const statement of SCHEMA) await shop().rootRows(statement);
  });

  /** Of a grant on the whole database. */
  function preview(text: string, more: Partial<PreviewedStatement> = {}): Promise<StatementPreview> {
    const order = shop().order({ access: [{ database: shop().database, privileges: ['SELECT', 'UPDATE', 'DELETE'] }] });
    return shop().previewer(order).preview(shop().statementOf(text, more));
  }

  async function why(text: string, more: Partial<PreviewedStatement> = {}): Promise<string> {
    const { affected, sample } = await preview(text, more);
    if (affected.kind === 'exact') return `exactly ${affected.rows} rows`;
    expect(sample).toBeNull();
    return affected.why;
  }

  test.each([
    'DELETE FROM hidden',
    'DELETE FROM made WHERE v = 4 OR s IS NULL',
    'DELETE FROM parted PARTITION (p1) WHERE a < 3',
    'UPDATE parted SET a = 9 WHERE id IN (1, 11, 12)',
    'DELETE FROM `odd ``name` WHERE `select` = 1 ORDER BY `a b` LIMIT 1',
    'UPDATE over_fives SET n = 1',
    "UPDATE fives SET name = 'x' WHERE id IN (SELECT item FROM parts)",
    'UPDATE items a JOIN items b ON a.n = b.n SET a.note = 1 WHERE b.id = 1',
    'DELETE a FROM items a JOIN items b ON a.n = b.n AND a.id < b.id LEFT JOIN parts p ON p.item = a.id',
    'DELETE FROM l1 WHERE id > 0',
  ])('counts exactly what the server would change: %s', async (text) => {
    expect((await preview(text)).affected).toEqual(await shop().matchedBy(text));
  });

  test.each(flavour === 'mysql' ? WITH_CTES : [])('follows common table expressions: %s', async (text) => {
    expect((await preview(text)).affected).toEqual(await shop().matchedBy(text));
  });

  test.each([
    ['DELETE FROM items ORDER BY write_it(id) LIMIT 1', /write_it/],
    ['DELETE a FROM items a JOIN parts p ON write_it(p.item) = a.id', /write_it/],
    ['DELETE FROM items WHERE id IN (SELECT id FROM (SELECT write_it(1) AS id) AS d)', /write_it/],
    ['DELETE FROM items WHERE EXISTS (SELECT 1 FROM over_calling)', /write_it/],
    ['DELETE FROM items WHERE BENCHMARK(1000000000, MD5(1)) = 1', /benchmark/i],
    ['DELETE FROM items WHERE (SELECT 1 FROM items LIMIT 1 FOR UPDATE)', /locking-read|understood/],
    ['DELETE FROM items WHERE id = (SELECT 1 INTO @x)', /variable|understood/],
    ["DELETE FROM items WHERE id = (SELECT 1 INTO OUTFILE '/tmp/x')", /file|understood/],
    ['UPDATE self_joined SET n = 1', /view that reads more than one table/],
    ["UPDATE over_joined SET name = 'x'", /view that reads more than one table/],
    ['UPDATE over_self SET n = 1', /view that reads more than one table/],
    ['DELETE FROM items WHERE name = (SELECT user FROM mysql.user LIMIT 1)', /outside of the grant/],
    ['DELETE FROM items WHERE id = (SELECT COUNT(*) FROM information_schema.tables)', /outside of the grant|known/],
    ['INSERT INTO audit (id, what) SELECT id, id FROM items', /two columns the same name/],
    ['INSERT INTO items (id) VALUES (1), (2) ON DUPLICATE KEY UPDATE n = 1', /2 rows/],
    ['REPLACE INTO items (id) SELECT item FROM parts', /replaces/],
  ])('says why it cannot know: %s', async (text, expected) => {
    expect(await why(text)).toMatch(expected);
  });

  test('reads no table for a view of the invoker, that its account was not let into', async () => {
    const order = shop().order({
      access: [{ database: shop().database, tables: ['invoked'], privileges: ['DELETE'] }],
    });
    const { affected } = await shop().previewer(order).preview(shop().statementOf('DELETE FROM invoked'));
    expect(affected).toEqual({ kind: 'unknown', why: expect.stringMatching(/does not have the privilege/) });
  });

  test('names cascades over all their levels', async () => {
    const { cascades, tables } = await preview('DELETE FROM l1 WHERE id = 1');
    const { database } = shop();
    expect(cascades).toEqual([
      `${database}.l1 → ${database}.l2 ON DELETE CASCADE`,
      `${database}.l2 → ${database}.l3 ON DELETE CASCADE`,
      `${database}.l3 → ${database}.l4 ON DELETE SET NULL`,
    ]);
    expect(tables.map(({ table }) => table).sort()).toEqual(['l1', 'l2', 'l3', 'l4']);
  });

  test('is not fooled by what its session has set for itself alone', async () => {
    const { affected } = await preview('DELETE FROM items WHERE id = 1', { settings: undefined });
    expect(affected).toEqual({
      kind: 'unknown',
      why: '1 row matches, but the broker does not know the settings of the session by which the target compares rows.',
    });
    await withMysql2({ ...rootLogin(engine), database: shop().database }, async (agent) => {
      await agent.query('SET timestamp = 86400');
      await expect(shop().settingsOf(agent)).rejects.toThrow();
      await agent.query('SET timestamp = DEFAULT');
      await expect(shop().settingsOf(agent)).resolves.toBeDefined();
      await agent.query('SET sql_auto_is_null = 1');
      await expect(shop().settingsOf(agent)).rejects.toThrow();
    });
  });

  test('compares by the time zone and the collation of the session that waits', async () => {
    const texts = [
      "DELETE FROM kinds WHERE ts = '2026-01-31 10:00:00'",
      "DELETE FROM items WHERE 'a' = 'A'",
      "UPDATE items SET n = 1 WHERE 'é' = 'e'",
    ];
    await withMysql2({ ...rootLogin(engine), database: shop().database }, async (agent) => {
      await agent.query("SET time_zone = '+05:00', collation_connection = utf8mb4_bin");
      const settings = await shop().settingsOf(agent);
      for (const text of texts) {
        await agent.query('START TRANSACTION');
        const [changed] = await agent.query(text);
        await agent.query('ROLLBACK');
        const { affected } = await preview(text, { settings });
        expect(affected).toEqual({ kind: 'exact', rows: 'affectedRows' in changed ? changed.affectedRows : null });
      }
      const [first = ''] = texts;
      expect((await preview(first)).affected).toEqual({ kind: 'exact', rows: 1 });
    });
  });

  test('counts in a database that its session is not in', async () => {
    const elsewhere = { database: 'information_schema' };
    const { database } = shop();
    expect((await preview(`DELETE FROM ${database}.items WHERE id = 1`, elsewhere)).affected).toEqual({
      kind: 'exact',
      rows: 1,
    });
    expect(await why(`DELETE FROM ${database}.items WHERE name = DATABASE()`, elsewhere)).toMatch(
      /asks for the database/,
    );
  });

  test('does not look where temporary tables may hide the real ones', async () => {
    for (const privilege of ['CREATE TEMPORARY TABLES', 'EXECUTE'] as const) {
      const order = shop().order({ access: [{ database: shop().database, privileges: ['SELECT', privilege] }] });
      const found = await shop().previewer(order).preview(shop().statementOf('DELETE FROM items'));
      expect(found.affected).toEqual({ kind: 'unknown', why: expect.stringMatching(/temporary tables/) });
    }
  });

  test('waits for no lock for long, takes none, and says so', async () => {
    const limits = { statementMsMax: 1_000 };
    await withMysql2({ ...rootLogin(engine), database: shop().database }, async (other) => {
      await other.query('START TRANSACTION');
      await other.query('UPDATE parts SET qty = qty + 1');
      const text = 'DELETE FROM parts WHERE qty > 0';
      const rows = await shop().preview(text);
      expect(rows.affected).toEqual({ kind: 'exact', rows: 3 }); // what is committed, without waiting for the rest
      await other.query('ROLLBACK');
      await other.query('LOCK TABLES parts WRITE');
      const { affected } = await shop().previewer(shop().order(), limits).preview(shop().statementOf(text));
      expect(affected).toEqual({ kind: 'unknown', why: expect.stringMatching(/locked|longer than|too long/) });
      await other.query('UNLOCK TABLES');
    });
  });

  test('shows 64 columns at most, and every kind of value in some way', async () => {
    await shop().rootRows(`INSERT INTO wide (id, c0) VALUES (1, REPEAT('x', 250))`);
    const wide = await preview('DELETE FROM wide');
    expect(wide.sample?.columns).toHaveLength(64);
    expect(wide.sample?.rows[0]?.[1]).toBe(`${'x'.repeat(200)}…`);
    const { sample } = await preview('DELETE FROM kinds');
    const [row] = sample?.rows ?? [];
    expect(row?.slice(0, 3)).toEqual(['1', 'b', 'x,y']);
    expect(row?.[3]).toMatch(/"k"/);
    expect(row?.slice(4, 7)).toEqual(['(not shown)', '2026', '5']);
    const hiding = await preview('DELETE FROM hiding');
    expect(hiding.sample?.rows).toEqual([['1', 'a\u202eb\u0007\n']]);
  });

  test('of many at once is ended by the end of the grant, whether it runs or waits for its turn', async () => {
    const slow =
      'DELETE FROM items WHERE (SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n) > 0';
    const given = shop().previewer(shop().order(), { statementMsMax: 20_000, previewMsMax: 20_000 });
    const running = [slow, 'DELETE FROM items', 'DELETE FROM parts'].map((text) =>
      given.preview(shop().statementOf(text)),
    );
    await expect.poll(() => shop().previewThreads()).toBe(1);
    await Promise.all([given.close(), given.close()]);
    for (const { affected } of await Promise.all(running)) {
      expect(affected).toEqual({ kind: 'unknown', why: 'The grant ends.' });
    }
    await given.close();
  });

  test('has an account that can read the tables of its question for the time of it, and nothing else', async () => {
    const slow =
      'DELETE FROM items WHERE (SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n) > 0';
    const given = shop().previewer(shop().order(), {
      statementMsMax: 20_000,
      previewMsMax: 20_000,
      countedRowsMax: -1,
    });
    const running = given.preview(shop().statementOf(slow));
    await expect.poll(() => shop().previewThreads()).toBe(1);
    const held = await shop().rootRows(
      `SELECT TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.TABLE_PRIVILEGES
       WHERE GRANTEE LIKE '%dwp\\_${shop().database}%' ORDER BY TABLE_NAME`,
    );
    expect(held.map((row) => Object.values(row))).toEqual([
      ['items', 'SELECT', 'NO'],
      ['numbers', 'SELECT', 'NO'],
    ]);
    await given.close();
    await running;
  });
});
