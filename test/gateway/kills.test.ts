import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_PROCESS_KILL, COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { decodeErr } from '../../src/protocols/mysql/wire/packets.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { runMariadbCli } from '../support/clients/mariadb-cli.js';
import { runMysqlCli } from '../support/clients/mysql-cli.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { firstPacket, makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

const broker = useSharedBroker();
const mysql97 = await findMysql97();

/** Runs for a minute, and ends with an error when it is killed. */
const COLUMNS = 'information_schema.columns';
const SLOW = `SELECT COUNT(*) FROM ${COLUMNS} a, ${COLUMNS} b, ${COLUMNS} c WHERE SHA2(CONCAT(a.column_name, b.column_name, c.column_name), 256) = 'x'`;

const CLIENTS = [
  { name: 'mariadb', run: runMariadbCli },
  ...(mysql97.available ? [{ name: 'mysql 9.7', run: runMysqlCli }] : []),
];

describe.each(engines())('on $flavour $version', (engine) => {
  let target: TestTarget;
  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE a (id INT PRIMARY KEY)'] });
  });
  afterAll(() => target?.drop());

  const untilRunning = (): Promise<unknown> =>
    expect
      .poll(
        () => target.rootRows(`SELECT 1 AS is_there FROM information_schema.processlist WHERE info = ${quoted(SLOW)}`),
        { timeout: 45_000 },
      )
      .not.toEqual([]);

  test.each(CLIENTS)('Ctrl-C in the $name client stops the statement', async ({ run }) => {
    const task = await openTask(broker(), target);
    const outcome = await run(task.login, [], [`--execute=${SLOW}`], untilRunning());
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('1317');
    const recorded = await task.close();
    const kill = recorded.statements.find(({ text }) => /^KILL/i.test(text.toString()));
    expect(kill).toMatchObject({ entry: { verdict: 'allow' }, result: { outcome: 'ok' } });
    const slow = recorded.statements.find(({ text }) => text.toString() === SLOW);
    expect(slow?.result?.body.error?.errno).toBe(1317);
  });

  test.each([
    ['what CONNECTION_ID() says', async (client: RawClient) => firstValue(client, 'SELECT CONNECTION_ID()')],
    ['the id of its greeting', async (client: RawClient) => String(client.greetedId)],
  ])('a statement is killed by %s, and its session goes on', async (_what, idOf) => {
    const task = await openTask(broker(), target);
    const [client, killer] = await bothOf(task);
    const id = await idOf(client);
    client.command(COM_QUERY, SLOW);
    await untilRunning();
    for (const text of [`KILL QUERY ${id}`, ...(engine.flavour === 'mariadb' ? [`KILL SOFT QUERY ${id}`] : [])]) {
      expect((await killer.query(text)).error, text).toBeUndefined();
    }
    expect((await client.response(COM_QUERY)).error?.errno).toBe(1317);
    expect(await firstValue(client, 'SELECT 1')).toBe('1');
    await task.close();
  });

  test.runIf(engine.flavour === 'mariadb')('a statement is killed by its own number', async () => {
    const task = await openTask(broker(), target);
    const [client, killer] = await bothOf(task);
    client.command(COM_QUERY, SLOW);
    await untilRunning();
    const [row] = await target.rootRows(
      `SELECT query_id AS id FROM information_schema.processlist WHERE info = ${quoted(SLOW)}`,
    );
    expect((await killer.query(`KILL QUERY ID ${String(row?.['id'])}`)).error).toBeUndefined();
    expect((await client.response(COM_QUERY)).error?.errno).toBe(1317);
    await task.close();
  });

  test('a connection is killed, by the statement and by the command', async () => {
    const task = await openTask(broker(), target);
    const killer = await RawClient.logIn(task.login);
    const [idle, other] = await bothOf(task);
    expect((await killer.query(`KILL ${idle.greetedId}`)).error).toBeUndefined();
    await idle.closed();
    const id = Buffer.alloc(4);
    id.writeUInt32LE(other.greetedId);
    killer.command(COM_PROCESS_KILL, id);
    expect((await killer.response(COM_PROCESS_KILL)).error).toBeUndefined();
    await other.closed();
    await killer.query('SET @own = CONNECTION_ID()');
    expect((await killer.query('KILL QUERY CONNECTION_ID()')).error?.errno).toBe(1317);
    killer.command(COM_QUERY, 'KILL @own');
    await killer.closed();
    const recorded = await task.close();
    expect(recorded.of('session.closed').map(({ reason }) => reason)).toEqual(['killed', 'killed', 'killed']);
  });

  test('neither another grant nor any other connection of the target is reached', async () => {
    const [task, foreign] = [await openTask(broker(), target), await openTask(broker(), target)];
    const [killer, other] = [await RawClient.logIn(task.login), await RawClient.logIn(foreign.login)];
    const thread = await firstValue(other, 'SELECT CONNECTION_ID()');
    // Greeted ids begin again in each grant, so that of another one may mean a session of one's own.
    for (const text of [`KILL ${thread}`, `KILL QUERY ${thread}`, 'KILL 1', 'KILL CONNECTION 1099511627776']) {
      expect((await killer.query(text)).error, text).toMatchObject({
        errno: 1094,
        message: expect.stringMatching(/\(kill_unknown\)$/),
      });
    }
    expect(await firstValue(other, 'SELECT 2')).toBe('2');
    await Promise.all([task.close(), foreign.close()]);
  });

  test('a connection that the target closed while it was idle looks like one: closed, without an error', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    await client.query('SET SESSION wait_timeout = 1');
    await client.closed();
    expect(client.unread).toHaveLength(0);
    const lost = await withMysql2(task.login, async (connection) => {
      await connection.query('SET SESSION wait_timeout = 1');
      const closed = new Promise<Error>((resolve) => connection.on('error', resolve));
      return closed;
    });
    expect(lost).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    const recorded = await task.close();
    expect(recorded.of('session.closed')).toMatchObject([
      { reason: 'target-gone', code: 'target_leg_lost' },
      { reason: 'target-gone', code: 'target_leg_lost' },
    ]);
  });

  test('several statements in one text are refused at once, and nobody is asked', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    for (const text of ['SELECT 1; SELECT 2', '/* x */ SET @a = 1;\nINSERT INTO a VALUES (1); -- end']) {
      expect((await client.query(text)).error).toMatchObject({
        errno: 1064,
        message: expect.stringMatching(/^Doorwarden: .*one by one\. \(statements_over_one\)$/),
      });
    }
    expect((await client.query('SELECT 1; -- and nothing more')).error).toBeUndefined();
    await task.close();
  });

  test('a client that comes when the grant is over reads why', async () => {
    const task = await openTask(broker(), target);
    await task.close();
    const told = await firstPacket(task.connection);
    expect(told && decodeErr(told)).toMatchObject({
      errno: 1927,
      message:
        'Doorwarden: The principal that asked for the grant has closed it. Ask for a new grant. (grant_completed)',
    });
    const { stderr } = await runMariadbCli(task.login, ['SELECT 1']);
    expect(stderr).toContain('The principal that asked for the grant has closed it.');
  });
});

async function bothOf(task: Task): Promise<readonly [RawClient, RawClient]> {
  return [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
}

async function firstValue(client: RawClient, text: string): Promise<string | null | undefined> {
  const [result] = (await client.query(text)).results;
  return result?.kind === 'rows' ? result.rows[0]?.[0] : undefined;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
