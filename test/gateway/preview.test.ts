import { describe, expect, test } from 'vitest';
import { type ResultSetHeader } from 'mysql2';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { dropPreviewAccount, previewAccountName } from '../../src/protocols/mysql/preview/preview-account.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { makeAccount } from '../support/task.js';
import { usePreviewShop } from './preview-shop.js';

describe.each(engines())('a preview on $flavour $version', (engine) => {
  const shop = usePreviewShop(engine);

  test('shows a sample of the rows, long values cut and bytes in hex', async () => {
    const { sample } = await shop().preview('UPDATE items SET n = 1 WHERE id IN (1, 3, 5) ORDER BY id DESC');
    expect(sample?.columns.slice(0, 3)).toEqual(['id', 'name', 'n']);
    expect(sample?.rows.map(([id]) => id)).toEqual(['5', '3', '1']);
    const [five, three, one] = sample?.rows ?? [];
    const column = (name: string): number => sample?.columns.indexOf(name) ?? -1;
    expect(five?.[column('note')]).toBe(`${'long '.repeat(40)}…`);
    expect(one?.[column('raw')]).toBe('0x00FF');
    expect(one?.[column('flags')]).toBe('5');
    expect(three?.[column('day')]).toBeNull();
  });

  test('orders the sample as the statement does, by what is stored', async () => {
    const { sample } = await shop().preview('DELETE FROM items ORDER BY raw IS NULL, raw DESC, id LIMIT 2');
    const rows = await shop().rootRows('SELECT id FROM items ORDER BY raw IS NULL, raw DESC, id LIMIT 2');
    expect(sample?.rows.map(([id]) => id)).toEqual(rows.map((row) => String(row['id'])));
  });

  test('shows 20 rows at most', async () => {
    const { affected, sample } = await shop().preview('DELETE FROM numbers WHERE n >= 500');
    expect(affected).toEqual({ kind: 'exact', rows: 500 });
    expect(sample?.rows).toHaveLength(20);
  });

  test('names tables with their rows, triggers and cascades', async () => {
    const update = await shop().preview("UPDATE items SET name = 'x' WHERE id = 1");
    const named = (found: StatementPreview): readonly unknown[] =>
      found.tables.map(({ table, rows, estimated, isWritten }) => [table, rows, estimated, isWritten]);
    expect(named(update)).toEqual(
      expect.arrayContaining([
        ['items', 6, false, true],
        ['audit', 0, false, true],
      ]),
    );
    expect(update.triggers).toEqual([`${shop().database}.items_noted`]);
    const { cascades, tables } = await shop().preview('DELETE FROM items WHERE id = 1');
    expect(cascades).toEqual([`${shop().database}.items → ${shop().database}.parts ON DELETE CASCADE`]);
    expect(tables.find(({ table }) => table === 'parts')).toMatchObject({ rows: 4, estimated: false, isWritten: true });
  });

  test('marks estimates where a table is too large to count beside', async () => {
    const given = shop().previewer(shop().order(), { countedRowsMax: 100 });
    const { tables, affected } = await given.preview(shop().statementOf('DELETE FROM numbers WHERE n = 1'));
    expect(affected).toEqual({ kind: 'exact', rows: 1 });
    expect(tables).toMatchObject([{ table: 'numbers', estimated: true }]);
  });

  test.each([
    ['DELETE FROM items /*!50000 WHERE id = 1 */', 1],
    ['DELETE FROM items WHERE id = 1 /*!99999 OR 1 = 1 */', 1],
    ['DELETE /*+ MAX_EXECUTION_TIME(1000) */ FROM items', 6],
  ])('counts what the server at hand makes of comments: %s', async (text, rows) => {
    expect((await shop().preview(text)).affected).toEqual({ kind: 'exact', rows });
  });

  test.each([
    ['DELETE FROM items WHERE at < NOW()', 'now'],
    ['DELETE FROM items WHERE at < NOW() - INTERVAL 1 DAY LIMIT 2', 'now'],
    ['DELETE FROM items WHERE at < CURRENT_TIMESTAMP', 'current_timestamp'],
    ['DELETE FROM items WHERE day = CURDATE() OR id = 1', 'curdate'],
    ['UPDATE items SET n = 1 WHERE at < SYSDATE()', 'sysdate'],
    ['UPDATE items SET n = 1 WHERE big < UNIX_TIMESTAMP()', 'unix_timestamp'],
    ['UPDATE items SET n = 1 WHERE day <= UTC_DATE', 'utc_date'],
    ["UPDATE items SET n = 1 WHERE at > TIME '10:00:00'", 'time'],
    ["UPDATE items SET n = 1 WHERE at > CAST('10:00:00' AS TIME)", 'time'],
    ['UPDATE items SET n = 1 WHERE clock < at', 'a time of day beside a date'],
    ['DELETE FROM items WHERE id IN (SELECT item FROM parts WHERE qty < UNIX_TIMESTAMP())', 'unix_timestamp'],
    ['DELETE FROM recent', '(now|current_timestamp)'],
    ['INSERT INTO audit (what) SELECT name FROM recent', '(now|current_timestamp)'],
    ["INSERT INTO audit (what) SELECT name FROM items WHERE at < LOCALTIME() AND name <> 'x'", 'localtime'],
    ['UPDATE items JOIN parts ON item = id SET qty = 5 WHERE at < NOW(6)', 'now'],
  ])('is never exact where the clock decides which rows match: %s', async (text, name) => {
    const { affected } = await shop().preview(text);
    expect(affected).toEqual({ kind: 'unknown', why: expect.stringMatching(/^\d+ rows? match(es)? now, but/) });
    expect(affected).toMatchObject({ why: expect.stringMatching(`depends on ${name}: when it runs, others may`) });
  });

  test.each([
    ['UPDATE items SET at = NOW() WHERE id < 3', 2],
    ['INSERT INTO audit (what) VALUES (NOW()), (UUID())', 2],
    ["DELETE FROM items WHERE clock = '10:00:00'", 2],
    ["DELETE FROM items WHERE at < '2026-01-31 12:00:00' AND day > '2000-01-01'", 5],
  ])('is exact where the clock decides what is written, not where: %s', async (text, rows) => {
    const found = await shop().preview(text);
    expect(found.affected).toEqual({ kind: 'exact', rows });
    expect(found.canLimitRows).toBe(true);
  });

  test('says that no row limit can be kept where the table cannot undo, and for what changes a schema', async () => {
    for (const text of ['DELETE FROM bag', 'TRUNCATE TABLE numbers', 'DROP TABLE keyless']) {
      expect([text, await shop().preview(text)]).toMatchObject([
        text,
        { affected: { kind: 'exact' }, canLimitRows: false },
      ]);
    }
  });

  if (engine.flavour === 'mariadb') {
    test('is not exact where a column is computed from the clock, or by lot, when it is read', async () => {
      const made = 'CREATE TABLE aged (id INT PRIMARY KEY, day DATE, age INT AS (DATEDIFF(CURDATE(), day)) VIRTUAL)';
      for (const text of [made, "INSERT INTO aged (id, day) VALUES (1, '2000-01-01')"]) await shop().rootRows(text);
      try {
        expect(await shop().why('DELETE FROM aged WHERE age > 3')).toContain('depends on curdate');
        expect((await shop().preview('DELETE FROM aged WHERE id = 1')).affected).toEqual({ kind: 'exact', rows: 1 });
      } finally {
        await shop().rootRows('DROP TABLE aged');
      }
    });
  }

  test('counts all rows of a table that is emptied or dropped', async () => {
    expect((await shop().preview('TRUNCATE TABLE numbers')).affected).toEqual({ kind: 'exact', rows: 1000 });
    expect((await shop().preview('DROP TABLE keyless, audit')).affected).toEqual({ kind: 'exact', rows: 3 });
  });

  test.each([
    ['SELECT * FROM items', /reads/],
    ['DELETE FROM items WHERE write_it(id) = 1', /write_it.*does not know whether that is harmless/],
    ['DELETE FROM items WHERE SLEEP(1)', /sleep.*does not know whether that is harmless/i],
    ["DELETE FROM items WHERE GET_LOCK('x', 9)", /get_lock/i],
    ['DELETE FROM calling', /write_it/],
    ['DELETE FROM items WHERE id IN (SELECT id FROM calling)', /write_it/],
    ['DELETE FROM items WHERE id IN (SELECT id FROM hidden)', /hidden is outside of the grant/],
    ['UPDATE items SET n = 1 WHERE id = (SELECT COUNT(*) FROM mysql.user)', /outside of the grant/],
    ['DELETE FROM items WHERE id = @x', /user-variable|variable/],
    ['DELETE FROM items WHERE (@x := id) > 0', /assign|variable|understood/],
    ['DELETE FROM items WHERE id = @@pseudo_thread_id', /variable/],
    ['DELETE FROM items WHERE RAND() > 0.5', /rand gives a different answer/i],
    ['DELETE FROM items WHERE name < UUID()', /uuid gives a different answer/i],
    ['DELETE FROM items WHERE id = LAST_INSERT_ID()', /last_insert_id gives a different answer/i],
    ['DELETE FROM items WHERE n = DEFAULT(n)', /default gives a different answer/i],
    ['DELETE FROM items WHERE id = CONNECTION_ID()', /connection_id|known/i],
    ['DELETE FROM items WHERE name = CURRENT_USER', /current_user|known/i],
    ['DELETE /*+ NO_INDEX_MERGE(items) */ FROM items /*!999999 ', /comment|understood/],
    ['DELETE keyless FROM keyless JOIN items ON items.id = keyless.item', /keyless has no primary key/],
    ['UPDATE items a JOIN items b ON a.id = b.n SET a.n = 1, b.n = 2', /one table under two names/],
    ['DELETE FROM joined', /understood|view that reads more than one table/],
    ["UPDATE joined SET name = 'x'", /view that reads more than one table/],
    ["REPLACE INTO items (id, name) VALUES (1, 'a'), (9, 'b')", /2 rows/],
    ['INSERT IGNORE INTO audit (id) SELECT id FROM items', /replaces or leaves out/],
    ['INSERT INTO items (id) VALUES (1) ON DUPLICATE KEY UPDATE n = 1', /1 row;/],
    ['CALL write_all()', /cannot be counted|understood/],
    ['ALTER TABLE items ADD COLUMN x INT', /cannot be counted/],
    ['DELETE FROM items WHERE missing = 1', /error 1054/],
    ['DELETE FROM nothing_there', /error 1146/],
    ['DELETE FROM items WHERE id = ?', /bound values/],
  ])('says why it cannot know: %s', async (text, expected) => {
    expect(await shop().why(text)).toMatch(expected);
  });

  test('ends a query that takes too long, and says so', async () => {
    const slow =
      'DELETE FROM items WHERE (SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n + items.id) > 0';
    const { affected, tables } = await shop()
      .previewer(shop().order(), { statementMsMax: 300 })
      .preview(shop().statementOf(slow));
    expect(affected).toEqual({ kind: 'unknown', why: 'Counting took longer than 0.3 s.' });
    expect(tables.find(({ table }) => table === 'numbers')?.rows).toBe(1000);
  });

  test('is over when its time is, with what was learnt until then', async () => {
    const slow =
      'DELETE FROM items WHERE (SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n + items.id) > 0';
    const given = shop().previewer(shop().order(), { statementMsMax: 20_000, previewMsMax: 700 });
    const { affected, tables } = await given.preview(shop().statementOf(slow));
    expect(affected).toEqual({ kind: 'unknown', why: 'The preview took too long.' });
    expect(tables.map(({ table }) => table).sort()).toEqual(expect.arrayContaining(['items', 'numbers']));
    await given.close();
  });

  test('is cut short when its grant ends, and none is made afterwards', async () => {
    const slow =
      'DELETE FROM items WHERE (SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n + items.id) > 0';
    const given = shop().previewer(shop().order(), { statementMsMax: 20_000, previewMsMax: 20_000 });
    const running = given.preview(shop().statementOf(slow));
    await expect.poll(() => shop().previewThreads()).toBe(1);
    await given.close();
    expect((await running).affected).toEqual({ kind: 'unknown', why: 'The grant ends.' });
    expect((await given.preview(shop().statementOf('DELETE FROM items'))).affected).toEqual({
      kind: 'unknown',
      why: 'The grant ends.',
    });
  });

  test('reads conditions by the settings of the session that waits', async () => {
    const text = "DELETE FROM items WHERE id > WEEK('2026-01-03')";
    const deep = "DELETE FROM items WHERE NOT (name <=> '')";
    const login = { ...rootLogin(engine), database: shop().database };
    await withMysql2(login, async (agent) => {
      const mode = engine.flavour === 'mariadb' ? 'EMPTY_STRING_IS_NULL' : 'PAD_CHAR_TO_FULL_LENGTH';
      await agent.query(`SET default_week_format = 1, sql_mode = '${mode}'`);
      const settings = await shop().settingsOf(agent);
      for (const statement of [text, deep]) {
        await agent.query('START TRANSACTION');
        const [{ affectedRows }] = await agent.query<ResultSetHeader>(statement);
        await agent.query('ROLLBACK');
        const { affected } = await shop().preview(statement, { settings });
        expect(affected).toEqual({ kind: 'exact', rows: affectedRows });
      }
      expect((await shop().preview(text)).affected).not.toEqual((await shop().preview(text, { settings })).affected);
    });
  });

  test('runs one after the other, and each has its answer', async () => {
    const given = shop().previewer();
    const texts = [1, 2, 3, 4].map((id) => `DELETE FROM items WHERE id <= ${id}`);
    const previews = await Promise.all(texts.map((text) => given.preview(shop().statementOf(text))));
    expect(previews.map(({ affected }) => affected)).toEqual([1, 2, 3, 4].map((rows) => ({ kind: 'exact', rows })));
  });

  test('does not see what the open transaction has changed, and says so', async () => {
    await withMysql2({ ...rootLogin(engine), database: shop().database }, async (agent) => {
      const thread = agent.threadId;
      const inTransaction = { inTransaction: true, thread };
      await agent.query('START TRANSACTION');
      const read = await shop().preview('DELETE FROM items WHERE n = 5', { ...inTransaction, hasUncommitted: false });
      expect(read.affected).toEqual({ kind: 'exact', rows: 3 });
      await agent.query('UPDATE items SET n = 6');
      expect(await shop().why('DELETE FROM items WHERE n = 5', inTransaction)).toBe(
        '3 rows match, but the preview does not see what the open transaction has changed itself.',
      );
      await agent.query('ROLLBACK');
    });
  });

  test('shows what locks the open transaction holds', async () => {
    await withMysql2({ ...rootLogin(engine), database: shop().database }, async (agent) => {
      await agent.query('START TRANSACTION');
      await agent.query('UPDATE items SET n = 7 WHERE id = 1');
      const { locks } = await shop().preview('DELETE FROM parts', { inTransaction: true, thread: agent.threadId });
      expect(locks?.held).toEqual([
        expect.stringMatching(/[1-9]\d* row locks, [1-9]\d* table locks, [1-9]\d* rows changed/),
      ]);
      // Without performance_schema, MySQL does not say.
      expect(locks?.waiting).toBe(engine.flavour === 'mysql' ? null : 0);
      await agent.query('ROLLBACK');
    });
  });

  test('shows who waits for the open transaction, where the account may see them', async () => {
    const isMysql = engine.flavour === 'mysql';
    const { quoted } = shop().provisioner;
    await runAsRoot(engine, isMysql ? [`GRANT SELECT ON performance_schema.* TO ${quoted}`] : []);
    const inShop = { ...rootLogin(engine), database: shop().database };
    await withMysql2(inShop, async (agent) => {
      await agent.query('START TRANSACTION');
      await agent.query('SELECT * FROM items WHERE id = 1 FOR UPDATE');
      await withMysql2(inShop, async (waiter) => {
        const waiting = waiter.query('SELECT n FROM items WHERE id = 1 FOR UPDATE');
        const inTransaction = { inTransaction: true, thread: agent.threadId };
        await expect
          .poll(async () => (await shop().preview('DELETE FROM items WHERE n = 5', inTransaction)).locks, {
            // MariaDB's lists stand still while somebody reads them more often than ten times a second.
            interval: 400,
          })
          .toMatchObject({ waiting: 1, waiters: [expect.stringContaining(`(thread ${waiter.threadId}) for`)] });
        await agent.query('ROLLBACK');
        await waiting;
      });
      if (!isMysql) return;
      await agent.query('START TRANSACTION');
      await agent.query('SELECT * FROM audit');
      await withMysql2(inShop, async (waiter) => {
        const waiting = waiter.query("ALTER TABLE audit COMMENT = '1'");
        const inTransaction = { inTransaction: true, thread: agent.threadId };
        await expect.poll(async () => (await shop().preview('SELECT 1', inTransaction)).locks?.waiting).toBe(1);
        await agent.query('ROLLBACK');
        await waiting;
      });
    });
    await runAsRoot(engine, isMysql ? [`REVOKE SELECT ON performance_schema.* FROM ${quoted}`] : []);
    expect((await shop().preview('DELETE FROM items')).locks).toBeNull();
  });

  test('is not made where it would need what it cannot have', async () => {
    expect(await shop().why('DELETE FROM items', { hasTemporaryTables: true })).toMatch(/temporary tables/);
    const fixed = shop().order();
    const shared = shop().previewer({ ...fixed, target: { ...fixed.target, credentials: 'static' } });
    expect((await shared.preview(shop().statementOf('DELETE FROM items'))).affected).toMatchObject({ kind: 'unknown' });
  });

  test('that cannot make its account shows so, and never zero', async () => {
    const weak = await makeAccount(engine);
    await runAsRoot(engine, [`GRANT SELECT, UPDATE, TRIGGER ON ${shop().database}.* TO ${weak.quoted}`]);
    const { affected, tables } = await shop()
      .previewer(shop().order({}, weak))
      .preview(shop().statementOf('DELETE FROM numbers'));
    expect(affected.kind).toBe('unknown');
    expect(tables).toMatchObject([{ table: 'numbers', estimated: true }]);
    await runAsRoot(engine, [`DROP USER ${weak.quoted}`]);
  });

  test('that cannot reach the target shows so', async () => {
    const given = shop().order();
    const gone = { ...given, target: { ...given.target, login: { ...given.target.login, password: 'wrong' } } };
    const { affected, tables } = await shop().previewer(gone).preview(shop().statementOf('DELETE FROM items'));
    expect(affected.kind).toBe('unknown');
    expect(tables).toMatchObject([{ table: 'items', rows: null, isWritten: true }]);
  });

  test('leaves no account even when a gateway was killed in the middle of it', async () => {
    const account = `'${previewAccountName(shop().taskAccount)}'@'%'`;
    await runAsRoot(engine, [`CREATE USER ${account} IDENTIFIED BY 'x'`]);
    const { host, port } = engine;
    const login = { endpoint: { host, port, tls: { mode: 'off' as const } }, ...shop().provisioner };
    await shop().admins.use(login, (admin) => dropPreviewAccount(admin, shop().taskAccount));
    await shop().admins.use(login, (admin) => dropPreviewAccount(admin, shop().taskAccount));
  });
});
