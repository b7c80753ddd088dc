import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_PING } from '../../src/protocols/mysql/wire/commands.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { runAsRoot } from '../support/databases.js';
import { findMysql97 } from '../support/mysql97.js';
import { type DatabaseServer } from '../support/servers/database-server.js';
import { startMariadb } from '../support/servers/mariadb.js';
import { startMysql } from '../support/servers/mysql.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

/** With `unknown`: no second opinion can be had in sessions with ANSI_QUOTES, so nothing there is surely understood. */
const POLICIES = `
permit (
  principal,
  action in [Action::"requestGrant", Action::"read", Action::"insert", Action::"session", Action::"unknown"],
  resource
);

@why("Nobody reads this.")
forbid (principal, action == Action::"read", resource is Table) when { resource.name == "secret" };
`;

const LATIN1_SWEDISH_CI = 8;

/** Reads the secret where double quotes are around names; elsewhere they are around a text, with a quote in it. */
const OF_TWO_MEANINGS = String.raw`SELECT id AS "x\", note FROM secret -- " FROM a`;

/** A server looks at all values before it sets the first one. */
const NOTHING_IS_DONE = "time_zone = 'No/Where'";
const ER_UNKNOWN_TIME_ZONE = 1298;
/** What stands before it was set when it turns out that nothing can be committed. */
const A_PART_IS_DONE = 'autocommit = 1';
const ER_OPTION_PREVENTS_STATEMENT = 1290;
const ER_PARSE_ERROR = 1064;

const mysql97 = await findMysql97();
const SERVERS = [
  { name: 'MariaDB', start: startMariadb },
  ...(mysql97.available ? [{ name: 'MySQL', start: startMysql.bind(undefined, mysql97) }] : []),
];

const broker = useSharedBroker(POLICIES);

describe.each(SERVERS)('behind a SET that failed, on a $name whose sessions begin with ANSI_QUOTES,', ({ start }) => {
  let server: DatabaseServer;
  let target: TestTarget;

  beforeAll(async () => {
    server = await start({ args: ['--sql-mode=ANSI_QUOTES'] });
    target = await makeTarget(broker(), server, {
      schema: [
        'CREATE TABLE a (id INT PRIMARY KEY)',
        'INSERT INTO a VALUES (1), (2)',
        'CREATE TABLE secret (id INT PRIMARY KEY, note VARCHAR(20))',
        "INSERT INTO secret VALUES (7, 'untold')",
      ],
    });
  });
  afterAll(async () => {
    await target?.drop();
    await server?.stop();
  });

  const rowsOf = async (client: RawClient, text: string): Promise<unknown> => {
    const { results, error } = await client.query(text);
    expect(error, text).toBeUndefined();
    const [result] = results;
    return result?.kind === 'rows' ? result.rows : undefined;
  };

  /** A SET fails after its first value was set: the server became read-only while rows waited for their commit. */
  const failInPart = async (client: RawClient, setting: string): Promise<void> => {
    expect((await client.query('SET autocommit = 0')).error).toBeUndefined();
    expect((await client.query('INSERT INTO a VALUES (3)')).error).toBeUndefined();
    client.command(COM_PING); // answered when what was given for the INSERT has been taken back, which must work
    await client.packet();
    await runAsRoot(server, ['SET GLOBAL read_only = 1']);
    try {
      const { error } = await client.query(`SET ${setting}, ${A_PART_IS_DONE}`);
      expect(error).toMatchObject({ errno: ER_OPTION_PREVENTS_STATEMENT });
    } finally {
      await runAsRoot(server, ['SET GLOBAL read_only = 0']);
    }
  };

  const failWhole = async (client: RawClient, setting: string): Promise<void> => {
    const { error } = await client.query(`SET ${setting}, ${NOTHING_IS_DONE}`);
    expect(error).toMatchObject({ errno: ER_UNKNOWN_TIME_ZONE });
  };

  test('double quotes are around names as before when nothing was set', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    expect((await client.query(OF_TWO_MEANINGS)).error?.message).toContain('Nobody reads this.');
    await failWhole(client, "sql_mode = ''");
    expect((await client.query(OF_TWO_MEANINGS)).error?.message).toContain('Nobody reads this.');
    expect(await rowsOf(client, "SELECT @@sql_mode LIKE '%ANSI_QUOTES%'")).toEqual([['1']]);
    expect(await rowsOf(client, 'SELECT "id" FROM "a" WHERE "id" = 1')).toEqual([['1']]);
    client.end();
    await task.close();
  });

  test('double quotes are around texts when sql_mode was set before another value failed', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    await failInPart(client, "sql_mode = ''");
    expect(await rowsOf(client, OF_TWO_MEANINGS)).toEqual([['1'], ['2']]);
    expect(await rowsOf(client, "SELECT @@sql_mode LIKE '%ANSI_QUOTES%'")).toEqual([['0']]);
    expect((await client.query('SELECT note FROM "secret"')).error?.errno).toBe(ER_PARSE_ERROR);
    client.end();
    await task.close();
  });

  test('a text is no UTF-8 as before when nothing was set', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    await failWhole(client, 'character_set_client = utf8mb4');
    expect(await rowsOf(client, "SELECT HEX('é')")).toEqual([['C3A9']]);
    expect(await rowsOf(client, 'SELECT @@character_set_client')).toEqual([['latin1']]);
    client.end();
    await task.close();
  });

  test('a text is UTF-8 when the character set was set before another value failed', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    expect(await rowsOf(client, "SELECT HEX('é')")).toEqual([['C3A9']]);
    await failInPart(client, 'character_set_client = utf8mb4');
    expect(await rowsOf(client, "SELECT HEX('é')")).toEqual([['E9']]);
    expect(await rowsOf(client, 'SELECT @@character_set_client')).toEqual([['utf8mb4']]);
    client.end();
    await task.close();
  });
});
