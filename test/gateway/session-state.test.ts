import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_QUERY, COM_STMT_PREPARE } from '../../src/protocols/mysql/wire/commands.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

// Everything is allowed: what is refused here no policy decides.
const broker = useSharedBroker();

const STATE = `SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@SESSION.character_set_connection,
  @@SESSION.autocommit`;

/** A session in which the gateway and the target would no longer read a text alike, or know each other's state. */
const REFUSED: readonly (readonly [text: string, code: string])[] = [
  ['SET NAMES gbk', 'character_set_refused'],
  ["SET NAMES 'sjis'", 'character_set_refused'],
  ['SET NAMES swe7', 'character_set_refused'],
  ['SET CHARACTER SET big5', 'character_set_refused'],
  ['SET CHARSET cp932', 'character_set_refused'],
  ['SET character_set_client = gbk', 'character_set_refused'],
  ['SET @@SESSION.character_set_client = gbk', 'character_set_refused'],
  ['SET @x = 1, NAMES gbk', 'character_set_refused'],
  ["SET collation_connection = 'gbk_chinese_ci'", 'character_set_refused'],
  ['/* nothing */ SET /* but */ NAMES /* this */ gbk', 'character_set_refused'],
  ["SET sql_mode = 'ANSI_QUOTES'", 'session_change_refused'],
  ["SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'", 'session_change_refused'],
  ["SET LOCAL sql_mode = 'IGNORE_SPACE'", 'session_change_refused'],
  ["SET sql_mode = 'HIGH_NOT_PRECEDENCE'", 'session_change_refused'],
  ['SET sql_mode = 4', 'session_change_refused'],
  ["SET `sql_mode` = 'ANSI'", 'session_change_refused'],
  ["PREPARE s FROM 'SET NAMES gbk'", 'session_change_refused'],
  ['SET @t = 1; SET NAMES gbk', 'character_set_refused'],
];

const REFUSED_ON = {
  mariadb: [
    ["SET sql_mode = 'ORACLE'", 'session_change_refused'],
    ["EXECUTE IMMEDIATE 'SET NAMES gbk'", 'session_change_refused'],
    ["EXECUTE IMMEDIATE CONCAT('SET NAMES ', 'gbk')", 'session_change_refused'],
    ["SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1", 'session_change_refused'],
    ['SET STATEMENT max_statement_time = 0 FOR SELECT 1', 'session_change_refused'],
    ['SET STATEMENT max_statement_time = 1000000 FOR SELECT 1', 'session_change_refused'],
  ],
  mysql: [
    ['SELECT /*+ MAX_EXECUTION_TIME(100000000) */ 1', 'session_change_refused'],
    ["SELECT /*+ SET_VAR(sql_mode = 'ANSI_QUOTES') */ 1", 'session_change_refused'],
    ["SET resultset_metadata = 'NONE'", 'session_change_refused'],
  ],
} as const;

const NOT_UTF8 = [
  Buffer.from('SELECT 1 AS `\xff`', 'latin1'),
  Buffer.from("SELECT 1 AS \xc0\xa7, 'a'", 'latin1'),
  Buffer.from('SELECT 1 /* \xed\xa0\x80 */', 'latin1'),
  Buffer.from("SELECT '\xff' -- \xe9'", 'latin1'),
  Buffer.from("SELECT '\xe9\\', 1 \xe9", 'latin1'),
];

describe.each(engines())('a session on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE t (id INT)'] });
  });
  afterAll(() => target?.drop());

  const stateOf = async (client: RawClient): Promise<unknown> => {
    const [result] = (await client.query(STATE)).results;
    return result?.kind === 'rows' ? result.rows[0] : undefined;
  };

  test('cannot be set so that the target would read texts in another way', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const before = await stateOf(client);
    const refused = [...REFUSED, ...REFUSED_ON[engine.flavour]];
    for (const [text, code] of refused) {
      for (const command of [COM_QUERY, COM_STMT_PREPARE]) {
        client.command(command, text);
        const { error } = await client.response(command);
        expect(error?.message, text).toContain(`(${code})`);
      }
    }
    expect(await stateOf(client)).toEqual(before);
    client.end();
    const recorded = await task.close();
    for (const [text] of refused) {
      const entries = recorded.statements.filter((statement) => statement.text.toString() === text);
      expect(
        entries.map(({ entry }) => entry.verdict),
        text,
      ).toEqual(['deny', 'deny']);
    }
  });

  test('runs no text that is not UTF-8 beyond its strings, and keeps its bytes in the recording', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    for (const bytes of NOT_UTF8) {
      client.command(COM_QUERY, bytes);
      const { error } = await client.response(COM_QUERY);
      expect(error?.message).toContain('(statement_not_utf8)');
    }
    client.end();
    const recorded = await task.close();
    const kept = recorded.statements.map(({ text }) => text.toString('hex'));
    expect(kept).toEqual(NOT_UTF8.map((bytes) => bytes.toString('hex')));
  });

  test('may be set to what reads texts alike', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    for (const text of [
      'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci',
      'SET NAMES latin1',
      'SET NAMES utf8mb3',
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE'",
      'SET autocommit = 0, @x = 1',
      "SET time_zone = '+02:00'",
    ]) {
      const { error } = await client.query(text);
      expect(error, text).toBeUndefined();
    }
    expect(await stateOf(client)).toEqual([
      expect.stringContaining('STRICT_ALL_TABLES'),
      expect.stringMatching(/^utf8(mb3)?$/),
      expect.stringMatching(/^utf8(mb3)?$/),
      '0',
    ]);
    client.end();
    await task.close();
  });
});
