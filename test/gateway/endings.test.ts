import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { quoteText } from '../../src/protocols/mysql/account/sql-quote.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type Recorded } from '../support/recorded.js';
import { startMariadb } from '../support/servers/mariadb.js';
import { startMysql } from '../support/servers/mysql.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';
import {
  NOTHING_LEFT,
  type Task,
  type TestTarget,
  isGreeting,
  lookAt,
  makeTarget,
  openTask,
  tracesOf,
} from '../support/task.js';
import { type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

/** It takes about a second where nothing else runs. What runs would end by itself much later. */
const ENDED_LIMIT_MS = 15_000;
/** Enough for a client to log in on a busy machine. */
const TTL_SECONDS = 5;
const SLEEPING = 'SELECT id FROM a WHERE SLEEP(30)';

let redis: RedisServer;
let stateOfGateway: TripwireProxy;

/** The gateway reaches the state database through a proxy, and all have a Redis of their own: both can be taken away. */
const broker = useBroker({
  envOf: async (env) => {
    redis = await startRedis();
    const url = new URL(env['DATABASE_URL'] ?? '');
    stateOfGateway = await startTripwireProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(stateOfGateway.port);
    const own = { REDIS_URL: redis.url };
    return { api: own, worker: own, gateway: { ...own, DATABASE_URL: url.href } };
  },
});

afterAll(async () => {
  await redis?.stop();
  await stateOfGateway?.close();
});

const SCHEMA = ['CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)', 'INSERT INTO a (id) VALUES (1)'];

async function expectNothingLeft(task: Task, recorded: Recorded): Promise<void> {
  expect(recorded.closed).toMatchObject({ interrupted: false, account: { state: 'gone' } });
  expect(await tracesOf(task.target, task.login.user)).toEqual(NOTHING_LEFT);
  expect(await isGreeting(task.connection)).toBe(false);
}

/** By the gateway's clock: the calls of the test, and its own waiting for a processor, do not count. */
function lastSessionClosedMs(recorded: Recorded): number {
  return Math.max(...recorded.of('session.closed').map(({ at }) => Date.parse(at)));
}

async function untilRunning(target: TestTarget, statement: string, count = 1): Promise<void> {
  const running = 'SELECT COUNT(*) AS n FROM information_schema.processlist WHERE COMMAND IN';
  await expect
    .poll(async () =>
      Number((await target.rootRows(`${running} ('Query', 'Execute') AND INFO = '${statement}'`))[0]?.['n']),
    )
    .toBe(count);
}

async function untilBrokerIsReady(): Promise<void> {
  const look = (): Promise<number> => fetch(`${broker().api}/health/ready`).then(({ status }) => status);
  await expect.poll(look, { timeout: 45_000 }).toBe(200);
}

describe.each(engines())('a grant on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA });
  });
  afterAll(() => target?.drop());

  const rowsOf = async (): Promise<readonly unknown[]> =>
    (await target.rootRows('SELECT id, n FROM a ORDER BY id')).map((row) => [row['id'], row['n']]);

  test('closed by its requester tells idle sessions on their next statement', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    await client.query('SELECT 1');
    const recorded = await task.close();
    const answer = await client.refused(COM_QUERY, 'SELECT 2');
    expect(answer).toMatchObject({ errno: 1927, message: expect.stringContaining('(grant_completed)') });
    await client.closed();
    expect(recorded.texts).toEqual(['SELECT 1']);
    expect(recorded.of('grant.closing')).toMatchObject([{ reason: 'completed', by: 'test-agent' }]);
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'grant-closed', code: 'grant_completed' }]);
    await expectNothingLeft(task, recorded);
  });

  test('revoked while many sessions run ends them all at once, and rolls back what they had not committed', async () => {
    const task = await openTask(broker(), target);
    const clients = await Promise.all(Array.from({ length: 9 }, () => RawClient.logIn(task.login)));
    const [sleepers, writers] = [clients.slice(0, 3), clients.slice(3, 6)];
    for (const [index, writer] of writers.entries()) {
      await writer.query('START TRANSACTION');
      await writer.query(`INSERT INTO a (id) VALUES (${100 + index})`);
    }
    for (const sleeper of sleepers) sleeper.command(COM_QUERY, SLEEPING);
    await untilRunning(target, SLEEPING, 3);
    await task.end('revoke');
    const answers = await Promise.all(sleepers.map((sleeper) => sleeper.err()));
    await Promise.all(clients.map((client) => client.closed()));
    for (const { errno, message } of answers)
      expect([errno, message]).toEqual([1927, expect.stringContaining('(grant_revoked)')]);
    const recorded = await task.sealed();
    const [closing] = recorded.of('grant.closing');
    expect(lastSessionClosedMs(recorded) - Date.parse(closing?.at ?? '')).toBeLessThan(ENDED_LIMIT_MS);
    expect(await rowsOf()).toEqual([[1, 0]]);
    const slept = recorded.statements.filter(({ text }) => text.toString() === SLEEPING);
    expect(slept).toHaveLength(3);
    // MariaDB's KILL may wait two seconds for the mutex that all who SLEEP share, when another of them ends in the same
    // moment: their answers are given up then.
    const ends = [['error', 1317] as const, ['unknown', undefined] as const];
    for (const { result } of slept) expect(ends).toContainEqual([result?.outcome, result?.body.error?.errno]);
    expect(recorded.of('session.closed')).toHaveLength(9);
    expect(recorded.of('grant.closing')).toMatchObject([{ reason: 'revoked', by: 'test-approver' }]);
    await expectNothingLeft(task, recorded);
  });

  test('at its deadline ends the idle session and the running statement, long before that would end', async () => {
    const task = await openTask(broker(), target, { ttlSeconds: TTL_SECONDS });
    const deadlineMs = Date.parse((await task.look()).deadline);
    const [idle, busy] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    busy.command(COM_QUERY, SLEEPING);
    const answer = await busy.err();
    expect(Date.now()).toBeGreaterThanOrEqual(deadlineMs);
    expect(answer).toMatchObject({ errno: 1927, message: expect.stringContaining('(grant_expired)') });
    expect(await idle.refused(COM_QUERY, 'SELECT 2')).toMatchObject({ errno: 1927 });
    await idle.closed();
    const recorded = await task.sealed();
    expect(lastSessionClosedMs(recorded)).toBeLessThan(deadlineMs + ENDED_LIMIT_MS);
    expect(recorded.closed.reason).toBe('expired');
    await expectNothingLeft(task, recorded);
  });

  // The gateway's clock and its outages are the same for both.
  if (engine.flavour === 'mariadb')
    test('ends at its deadline by the clock of its gateway, without Redis and without the state database', async () => {
      const task = await openTask(broker(), target, { ttlSeconds: TTL_SECONDS });
      const deadlineMs = Date.parse((await task.look()).deadline);
      const busy = await RawClient.logIn(task.login);
      busy.command(COM_QUERY, SLEEPING);
      await untilRunning(target, SLEEPING);
      await redis.kill();
      stateOfGateway.cut();
      try {
        expect(await busy.err()).toMatchObject({ errno: 1927, message: expect.stringContaining('(grant_expired)') });
        await expect.poll(() => tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
        expect(await isGreeting(task.connection)).toBe(false);
        expect((await lookAt(broker(), task.id)).state).not.toBe('sealed');
      } finally {
        await redis.restart();
        stateOfGateway.mend();
      }
      await untilBrokerIsReady();
      const recorded = await task.sealed();
      expect(recorded.closed.reason).toBe('expired');
      expect(lastSessionClosedMs(recorded)).toBeLessThan(deadlineMs + ENDED_LIMIT_MS);
      await expectNothingLeft(task, recorded);
    });

  test('records the result of a write whose client was gone before the answer', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const write = 'INSERT INTO a (id, n) SELECT 2, 5 FROM a WHERE NOT SLEEP(0.5)';
    await withMysql2({ ...rootLogin(engine), database: target.database }, async (root) => {
      await root.query('LOCK TABLES a WRITE'); // so that it runs until the client has left
      client.command(COM_QUERY, write);
      await untilRunning(target, write);
      client.destroy();
      await root.query('UNLOCK TABLES');
    });
    await expect.poll(rowsOf).toEqual([
      [1, 0],
      [2, 5],
    ]);
    const recorded = await task.close();
    expect(recorded.statements).toMatchObject([
      { result: { outcome: 'ok', body: { results: [{ affectedRows: 1 }] } } },
    ]);
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'client-gone' }]);
    await target.root('DELETE FROM a WHERE id = 2');
    await expectNothingLeft(task, recorded);
  });

  test('rolls back the XA transactions that its sessions prepared, and only those', async () => {
    const foreign = quoteText(`f-${target.database}`);
    const prepare = (id: string, row: number): readonly string[] => [
      `XA START ${id}`,
      `INSERT INTO a (id) VALUES (${row})`,
      `XA END ${id}`,
      `XA PREPARE ${id}`,
    ];
    await target.root(...prepare(foreign, 50));
    try {
      const task = await openTask(broker(), target);
      const ours = [quoteText(`${target.database}-1`), `${quoteText(`${target.database}-2`)},'branch',7`];
      for (const [index, id] of ours.entries()) {
        await withMysql2(task.login, async (connection) => {
          for (const statement of prepare(id, 60 + index)) await connection.query(statement);
        });
      }
      const recorded = await task.close();
      expect(recorded.closed.body?.xaRolledBack).toHaveLength(2);
      expect(recorded.closed.body?.xaRolledBack.toSorted()[0]).toContain(
        Buffer.from(`${target.database}-1`).toString('hex'),
      );
      await expectNothingLeft(task, recorded);
    } finally {
      await target.root(`XA COMMIT ${foreign}`);
    }
    expect(await rowsOf()).toEqual([
      [1, 0],
      [50, 0],
    ]);
    await target.root('DELETE FROM a WHERE id = 50');
  });

  test('records the statements of several sessions in the order in which each sent them', async () => {
    const task = await openTask(broker(), target);
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const texts = (client: number): readonly string[] => numbers.map((n) => `SELECT ${client} AS client, ${n} AS n`);
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map((client) =>
        withMysql2(task.login, async (connection) => {
          for (const text of texts(client)) await connection.query(text);
        }),
      ),
    );
    const recorded = await task.close();
    expect(recorded.texts).toHaveLength(240);
    for (const client of [1, 2, 3, 4, 5, 6]) {
      expect(recorded.texts.filter((text) => text.includes(`SELECT ${client} AS`))).toEqual(texts(client));
    }
    for (const { text, response } of recorded.statements) {
      const [rows] = response?.results ?? [];
      const row = rows?.kind === 'rows' ? rows.rows[0] : [];
      expect(`SELECT ${row?.[0]} AS client, ${row?.[1]} AS n`).toBe(text.toString('utf8'));
    }
    await expectNothingLeft(task, recorded);
  });

  test('is ended once by several who try at the same time, and none of them is refused', async () => {
    const task = await openTask(broker(), target);
    await Promise.all([task.end('close'), task.end('revoke'), task.end('close')]);
    const recorded = await task.sealed();
    expect(recorded.of('grant.closing')).toHaveLength(1);
    await expectNothingLeft(task, recorded);
  });
});

const mysql97 = await findMysql97();
const STARTERS = [
  { name: 'MariaDB', start: () => startMariadb() },
  ...(mysql97.available ? [{ name: 'MySQL', start: () => startMysql(mysql97) }] : []),
];

test.each(STARTERS)(
  'a $name that is killed in the middle of a statement leaves its outcome unknown',
  async ({ start }) => {
    const server = await start();
    try {
      const target = await makeTarget(broker(), server, { schema: SCHEMA });
      const task = await openTask(broker(), target);
      const client = await RawClient.logIn(task.login);
      const idle = await RawClient.logIn(task.login);
      client.command(COM_QUERY, SLEEPING);
      await untilRunning(target, SLEEPING);
      await server.kill();
      expect(await client.err()).toMatchObject({ errno: 1152, message: expect.stringContaining('(target_leg_lost)') });
      await Promise.all([client.closed(), idle.closed()]);
      await task.end('close');
      expect((await task.look()).state).toBe('closing');
      await server.restart();
      const recorded = await task.sealed();
      expect(recorded.statements).toMatchObject([{ result: { outcome: 'unknown', body: { results: [] } } }]);
      expect(recorded.of('session.closed').map(({ reason }) => reason)).toEqual(['target-gone', 'target-gone']);
      await expectNothingLeft(task, recorded);
    } finally {
      await server.stop();
    }
  },
);
