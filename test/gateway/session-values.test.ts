import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_QUERY, COM_STMT_EXECUTE } from '../../src/protocols/mysql/wire/commands.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

// Everything is allowed: what is refused here no policy decides.
const broker = useSharedBroker();

const STATE = `SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@SESSION.character_set_connection,
  @@SESSION.collation_connection, @@SESSION.character_set_results, @@SESSION.autocommit LIMIT 1`;

/** What drivers, tools and dumps set that is no literal; each list in a session of its own. */
const SETTINGS: readonly (readonly string[])[] = [
  [
    '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */',
    '/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */',
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
    '/*!40101 SET @saved_cs_client     = @@character_set_client */;',
    '/*!40101 SET character_set_client = utf8mb3 */',
    'SET character_set_client = @saved_cs_client',
    '/*!50003 SET collation_connection = utf8mb4_unicode_ci */',
    '/*!50003 SET @a=1, @@SESSION.collation_connection := @OLD_COLLATION_CONNECTION */',
    '/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;',
    '/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */',
  ],
  ['SET sql_mode = DEFAULT', 'SET character_set_connection = DEFAULT, autocommit = DEFAULT'],
  ['SET NAMES DEFAULT'],
  ['SET CHARACTER SET utf8mb4'],
  ['SET SESSION sql_mode = @@global.sql_mode', 'SET collation_connection = @@collation_database'],
  ["SET @@session.sql_mode = REPLACE(@@sql_mode, 'NO_ENGINE_SUBSTITUTION', '')"],
  ["SET LOCAL sql_mode = (SELECT CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO'))", 'SET sql_mode = 0'],
  [
    "SET NAMES utf8mb4,  @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'),  @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483",
  ],
  ["SET autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')"],
  ["SET @m = 'NO_ZERO_DATE', @n = 'STRICT_ALL_TABLES'", "SET @m = 'x', sql_mode = CONCAT_WS(',', @m, @n)"],
  ["SET sql_mode = IF(@@version LIKE '%MariaDB%', 'STRICT_TRANS_TABLES', TRIM(' NO_ZERO_DATE '))"],
  ['SET sql_select_limit = 0', 'SET sql_mode = @@sql_mode', 'SET sql_select_limit = DEFAULT'],
];

/** Values that would make the target read texts in another way, however they are come by. */
const REFUSED: readonly (readonly [text: string, code: string])[] = [
  ["SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')", 'session_change_refused'],
  ["SET sql_mode = (SELECT 'NO_BACKSLASH_ESCAPES')", 'session_change_refused'],
  ["SET @x = 1, @@session.sql_mode = REVERSE('SETOUQ_ISNA')", 'session_change_refused'],
  ['SET sql_mode = @ansi', 'session_change_refused'],
  // Servers compare names of variables without regard to accents.
  ['SET SESSION `sql_modé` = @ansi', 'session_change_refused'],
  ['SET `ſql_mode` = @ansi', 'session_change_refused'],
  ['SET @@session.`charactér_set_client` = @gbk', 'character_set_refused'],
  ['/*!50003 SET sql_mode = @ansi */', 'session_change_refused'],
  ['SET sql_mode = @four', 'session_change_refused'],
  ['SET sql_mode = 2 + 2', 'session_change_refused'],
  ['SET sql_mode = NULLIF(1, 1)', 'session_change_refused'],
  ["SET @ansi = '', sql_mode = @ansi", 'session_change_refused'],
  ['SET sql_mode = @unset', 'session_change_refused'],
  ['SET sql_mode = CONCAT(no_column)', 'session_change_refused'],
  ["SET character_set_client = LOWER('GBK')", 'character_set_refused'],
  ['SET NAMES utf8mb4, character_set_connection = @gbk', 'character_set_refused'],
  ["SET collation_connection = CONCAT(@gbk, '_chinese_ci')", 'character_set_refused'],
  ['SET character_set_client = @four', 'character_set_refused'],
];

/** Read as the server at hand reads them: run, or skipped, in every combination and quoting. */
const COMMENTED: readonly string[] = [
  "SELECT 'a */ b' /*!50003 , 'c */ d' */",
  '/*!40101 SELECT */ 1 /*!50000 + /* not this */ 1 */',
  'SELECT 1 /*!50000 + /*!50000 1 */ */',
  'SELECT 1 /*!999999 + /* c */ 1 */ + 2',
  'SELECT 1 /*!999999 + /* c /* d */ 1 */ + 5 */',
  "SELECT 1 /*!999999 ' /* */ */ + 7 /* ' */",
  'SELECT 1 /*!50000 + 1',
  'SELECT 1 /*!4000 + 1 */',
  'SELECT 7 /*!40000+1*/',
  'SELECT 1 /*!50699 + 10 */ /*!50700 + 100 */ /*!80000 + 1000 */ /*!99999 + 10000 */ /*!100100 + 100000 */',
  'SELECT 1 /*!080000 + 1 */ /*!050000 + 10 */',
  'SELECT 1 /*M!100100 + 1 */ /*M!50701 + 10 */ /*M! + 100 */ /*m!100100 + 1000 */ /*M!999999 + 10000 */',
  'SELECT /*!50000 1 -- */ +\n 1 */',
  'SELECT 1 /*! + 2 */ * /* x */ 3',
  'SELECT 2 /*!40000 */ /*!40000 */*/ 2',
  'SELECT /*!40001 SQL_NO_CACHE */ n FROM t /*!50000 WHERE n = 2 */',
  'SELECT `n` /*!50000 AS `a*/b` */ FROM /*!999999 nowhere */ t',
  '/*!999999\\- enable the sandbox mode */',
  '/*M!999999\\- enable the sandbox mode */',
  '/*!50003 SET @a = 1 */ /*!50003 , @b = 2 */',
];

describe.each(engines())('session settings on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE t (n INT)', 'INSERT INTO t VALUES (1), (2)'],
    });
  });
  afterAll(() => target?.drop());

  const rowOf = async (client: RawClient, text: string): Promise<unknown> => {
    const { results, error } = await client.query(text);
    const [result] = results;
    return error?.errno ?? (result?.kind === 'rows' ? result.rows : result?.kind);
  };

  /** The same texts in one session of root's, and in one of a task's. */
  const both = async (texts: readonly string[]): Promise<readonly (readonly unknown[])[]> => {
    const task = await openTask(broker(), target);
    const answers: unknown[][] = [];
    for (const login of [{ ...rootLogin(engine), database: target.database }, task.login]) {
      const client = await RawClient.logIn(login);
      const heard: unknown[] = [];
      for (const text of texts) heard.push(await rowOf(client, text));
      answers.push(heard);
      client.end();
    }
    await task.close();
    return answers;
  };

  test('are put back from a saved value, a default or any expression, as they are directly', async () => {
    const task = await openTask(broker(), target);
    for (const texts of SETTINGS) {
      const direct = await RawClient.logIn({ ...rootLogin(engine), database: target.database });
      const client = await RawClient.logIn(task.login);
      for (const text of texts) {
        expect(await rowOf(direct, text), text).toBe('ok');
        expect((await client.query(text)).error?.message, text).toBeUndefined();
      }
      expect(await rowOf(client, STATE), texts.at(-1)).toEqual(await rowOf(direct, STATE));
      direct.end();
      client.end();
    }
    const recorded = await task.close();
    const texts = recorded.statements.map(({ text }) => text.toString());
    expect(texts).toEqual(SETTINGS.flatMap((list) => [...list, STATE])); // and nothing of the gateway's own
  });

  test('are refused by the value that they would get, and nothing is set', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    expect(await rowOf(client, "SET @ansi = 'ANSI_QUOTES', @four = 4, @gbk = 'gbk', @x = 0")).toBe('ok');
    const before = await rowOf(client, STATE);
    for (const [text, code] of REFUSED) {
      expect((await client.query(text)).error?.message, text).toContain(`(${code})`);
      const statement = await client.prepare(text).catch(() => undefined);
      if (statement === undefined) continue; // the server finds fault with it
      client.command(COM_STMT_EXECUTE, executeOf(statement));
      expect((await client.response(COM_STMT_EXECUTE)).error?.message, text).toContain(`(${code})`);
    }
    expect(await rowOf(client, STATE)).toEqual(before);
    expect(await rowOf(client, 'SELECT @x')).toEqual([['0']]);
    client.end();
    const recorded = await task.close();
    for (const [text] of REFUSED) {
      const [first] = recorded.statements.filter((statement) => statement.text.toString() === text);
      expect(first?.entry.verdict, text).toBe('deny');
    }
  });

  test('take a bound value as they take a written one', async () => {
    const task = await openTask(broker(), target);
    await withMysql2(task.login, async (connection) => {
      await connection.execute('SET sql_mode = ?', ['STRICT_ALL_TABLES']);
      await expect(connection.execute('SET sql_mode = ?', ['ANSI_QUOTES'])).rejects.toThrow('(session_change_refused)');
      await expect(
        connection.execute('SET time_zone = ?, character_set_client = ?', ['+00:00', 'gbk']),
      ).rejects.toThrow('(character_set_refused)');
      const [rows] = await connection.query('SELECT @@sql_mode AS mode, @@character_set_client AS client');
      expect(rows).toMatchObject([{ mode: 'STRICT_ALL_TABLES', client: 'utf8mb4' }]);
    });
    await task.close();
  });

  test('may be what the session had when it began, in another character set', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    const texts = [
      'SET @cs = @@character_set_client, @col = @@collation_connection',
      'SET NAMES utf8mb4',
      'SET collation_connection = @col',
      '/*!40101 SET character_set_client = @cs */',
    ];
    for (const text of texts) expect((await client.query(text)).error?.message, text).toBeUndefined();
    client.command(COM_QUERY, Buffer.from("SELECT HEX('\xe9'), @@character_set_client", 'latin1'));
    const [result] = (await client.response(COM_QUERY)).results;
    expect(result).toMatchObject({ rows: [['E9', 'latin1']] });
    client.end();
    const recorded = await task.close();
    expect(recorded.statements.at(-1)?.entry).toMatchObject({ body: { characterSet: 'latin1' } });
  });

  test('and executable comments are what the server at hand makes of them', async () => {
    const [direct, throughDoor] = await both([...COMMENTED, 'SELECT @a, @b']);
    expect(throughDoor).toEqual(direct);
  });

  describe('of the time that a statement may take', () => {
    const unit = engine.flavour === 'mariadb' ? 1 : 1_000;
    const name = engine.flavour === 'mariadb' ? 'max_statement_time' : 'max_execution_time';
    const LIMIT = `SELECT @@SESSION.${name}`;

    test('are taken when they are smaller, and cut to what the grant has left when they are larger', async () => {
      const task = await openTask(broker(), target, { ttlSeconds: 120 });
      const client = await RawClient.logIn(task.login);
      const limitAfter = async (text: string): Promise<number> => {
        await client.query(text);
        const rows = await rowOf(client, LIMIT);
        return Number(Array.isArray(rows) ? rows[0][0] : Number.NaN) / unit;
      };
      expect(await limitAfter(`SET SESSION ${name} = ${7 * unit}`)).toBe(7);
      expect(await limitAfter(`SET @saved = @@${name}, @@${name} = ${5 * unit}`)).toBe(5);
      expect(await limitAfter(`SET ${name} = @saved`)).toBe(7);
      for (const larger of [`${100_000 * unit}`, '0', 'DEFAULT', '@@global.' + name]) {
        expect(await limitAfter(`SET ${name} = ${3 * unit}`)).toBe(3);
        const cut = await limitAfter(`SET SESSION ${name} = ${larger}`);
        expect(cut, larger).toBeGreaterThan(0);
        expect(cut, larger).toBeLessThanOrEqual(121);
      }
      client.end();
      await task.close();
    });

    test('end what takes longer, for a session and for one statement', async () => {
      const task = await openTask(broker(), target);
      const client = await RawClient.logIn(task.login);
      const slow = `SELECT COUNT(*) FROM ${Array.from('abcde', (alias) => `information_schema.columns ${alias}`).join(', ')}
        WHERE SHA2(CONCAT(a.column_name, b.column_name, e.column_name), 256) = 'x'`;
      const ended = engine.flavour === 'mariadb' ? 1969 : 3024;
      const short =
        engine.flavour === 'mariadb'
          ? `SET STATEMENT max_statement_time = 0.2 FOR ${slow}`
          : slow.replace('SELECT', 'SELECT /*+ MAX_EXECUTION_TIME(200) */');
      expect(await rowOf(client, short)).toBe(ended);
      await client.query(`SET ${name} = ${0.2 * unit}`);
      expect(await rowOf(client, slow)).toBe(ended);
      client.end();
      await task.close();
    });

    test('go beyond the deadline for no single statement', async () => {
      const task = await openTask(broker(), target);
      const client = await RawClient.logIn(task.login);
      const texts =
        engine.flavour === 'mariadb'
          ? [
              'SET STATEMENT max_statement_time = 100000 FOR SELECT 1',
              'SET STATEMENT max_statement_time = 0 FOR SELECT 1',
            ]
          : ['SELECT /*+ MAX_EXECUTION_TIME(100000000) */ 1'];
      for (const text of texts) {
        client.command(COM_QUERY, text);
        expect((await client.response(COM_QUERY)).error?.message, text).toContain('(session_change_refused)');
      }
      client.end();
      await task.close();
    });
  });
});

const LATIN1_SWEDISH_CI = 8;

function executeOf(statement: number): Buffer {
  const payload = Buffer.alloc(9);
  payload.writeUInt32LE(statement, 0);
  payload.writeUInt32LE(1, 5);
  return payload;
}
