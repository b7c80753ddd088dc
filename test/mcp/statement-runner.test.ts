import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionView } from '../../src/contracts/grants/grant.js';
import type { SentStatement } from '../../src/protocol/statement-runner.js';
import { MYSQL_RUNNER } from '../../src/protocols/mysql/client/mysql-runner.js';
import { approvalsOf, decide, seeHeld } from '../support/approvals.js';
import { makeServerCertificate } from '../support/certificates.js';
import { engines } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const POLICIES = `
@id("all") permit (principal, action, resource) unless { action == Action::"update" };
@id("updates") @hold("10m") permit (principal, action == Action::"update", resource) when { context.approved };
`;
const MEGABYTE = 1_048_576;
const BOUNDS = { rowsMax: 200, cellCharactersMax: 500, charactersMax: 100_000, bytesMax: 16 * MEGABYTE };
const NEVER = new AbortController().signal;

const broker = useSharedBroker(POLICIES);

describe.each(engines())('a statement that a server runs for an agent on $flavour $version', (engine) => {
  let shop: ShopTarget;
  let grant: string;
  let connection: ConnectionView;
  beforeAll(async () => {
    shop = await registerShop(broker(), engine);
    const opened = await openGrant(broker(), shop.name, {
      access: [{ database: shop.database, privileges: ['SELECT', 'UPDATE', 'INSERT'] }],
    });
    ({ id: grant, connection } = opened);
  });
  afterAll(async () => {
    await call(broker(), 'POST', `/v1/grants/${grant}/close?wait=30`, { key: broker().keys.agent });
    await shop?.drop();
  });

  const run = (statement: SentStatement, signal = NEVER) =>
    MYSQL_RUNNER.run(connection, statement, { ...BOUNDS, signal });

  it('tells numbers exactly, texts in UTF-8, bytes as base64, and what it cannot say as a number as a text', async () => {
    const sql =
      "SELECT 9007199254740993 AS big, 42 AS small, 1.50 AS exact, 0.1e0 AS rough, 'ä€😀' AS text, X'DEADBEEF' AS bytes, " +
      "CAST('2026-11-30 01:02:03' AS DATETIME) AS at, NULL AS none, JSON_OBJECT('a', 1) AS document";
    for (const statement of [{ sql }, { sql, values: [] }]) {
      const outcome = await run(statement);
      expect(outcome).toMatchObject({
        kind: 'rows',
        hasMore: false,
        rows: [
          [
            '9007199254740993',
            42,
            '1.50',
            0.1,
            'ä€😀',
            { base64: '3q2+7w==' },
            '2026-11-30 01:02:03',
            null,
            '{"a": 1}',
          ],
        ],
      });
    }
  });

  it('binds values as they are, and changes nothing but what it says', async () => {
    const text = `'; DROP TABLE orders; --`;
    expect(await run({ sql: 'SELECT ? AS text, ? AS number, ? AS none', values: [text, 7, null] })).toMatchObject({
      rows: [[text, 7, null]],
    });
    expect(await run({ sql: 'SELECT id FROM orders WHERE id > ? ORDER BY id LIMIT ?', values: [1, 1] })).toMatchObject({
      rows: [[2]],
    });
    expect(await run({ sql: 'INSERT INTO orders VALUES (?, ?)', values: [100, 5] })).toMatchObject({
      kind: 'done',
      affectedRows: '1',
    });
  });

  it('reads no more of 300 MB than it may, and the statement has its whole effect all the same', async () => {
    const wide = await run({
      sql: `SELECT REPEAT('x', ${MEGABYTE}) AS x FROM orders a, orders b, orders c, orders d, orders e`,
    });
    if (wide.kind !== 'rows') throw new Error(JSON.stringify(wide));
    expect(wide.hasMore).toBe(true);
    expect(wide.rows.length).toBeLessThanOrEqual(18);
    expect(wide.cutCells[0]).toEqual({ row: 0, column: 0, characters: MEGABYTE });
    const many =
      'INSERT INTO orders (id, total) SELECT 1000 + a.id * 100 + b.id * 10 + c.id, 1 FROM orders a, orders b, orders c WHERE a.id < 4 AND b.id < 4 AND c.id < 4';
    expect(await run({ sql: many })).toMatchObject({ kind: 'done', affectedRows: '27' });
  });

  it('that waits for people is stopped when its time is over: it has not run, and the question stays', async () => {
    const statement = { sql: 'UPDATE orders SET total = ? WHERE id = ?', values: [99, 1] };
    const late = new AbortController();
    const waiting = run(statement, late.signal);
    const { id } = await seeHeld(broker(), grant);
    late.abort();
    expect(await waiting).toEqual({ kind: 'stopped', wasHeld: true });
    expect((await approvalsOf(broker(), grant, 'pending')).map((approval) => approval.id)).toEqual([id]);
    expect(await run({ sql: 'SELECT total FROM orders WHERE id = 1' })).toMatchObject({ rows: [[10]] });
    await decide(broker(), id, { decision: 'approve', scope: { kind: 'once', rowsMax: null } });
    expect(await run(statement)).toMatchObject({ kind: 'done', affectedRows: '1' });
  });

  it('that runs too long is stopped at the database', async () => {
    const late = AbortSignal.timeout(1_000);
    const slow = 'SELECT COUNT(*) FROM (SELECT 1 AS x UNION ALL SELECT SLEEP(60)) AS slow';
    expect(await run({ sql: slow }, late)).toEqual({ kind: 'stopped', wasHeld: false });
  });

  it('says which tables the account sees, and the columns of one', async () => {
    const tables = await MYSQL_RUNNER.describe(connection, { tablesMax: 10, signal: NEVER });
    expect(tables).toMatchObject({
      kind: 'tables',
      hasMore: false,
      tables: [{ database: shop.database, name: 'orders' }],
    });
    const named = { table: `${shop.database}.orders`, tablesMax: 10, signal: NEVER };
    expect(await MYSQL_RUNNER.describe(connection, named)).toMatchObject({
      tables: [{ kind: 'table', columns: [{ name: 'id', nullable: false, key: 'PRI' }, { name: 'total' }] }],
    });
    expect(await MYSQL_RUNNER.describe(connection, { ...named, table: 'nothing' })).toMatchObject({ tables: [] });
  });

  it('sends nobody a password over a wire that is not the endpoint of its grant', async () => {
    const { ca } = await makeServerCertificate(makeTemporaryFolder());
    const other = { ...connection, tls: { ca } };
    const wrong = MYSQL_RUNNER.run(other, { sql: 'SELECT 1' }, { ...BOUNDS, signal: NEVER });
    await expect(wrong).rejects.toMatchObject({ code: 'target_leg_lost' });
  });
});
