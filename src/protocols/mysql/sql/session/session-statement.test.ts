import { describe, expect, it } from 'vitest';
import { dialectOf } from '../text/dialect.js';
import { sessionChange } from './session-statement.js';

const DIALECTS = {
  mysql: dialectOf({ flavour: 'mysql', version: '9.7.4', sqlMode: '' }),
  mariadb: dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: '' }),
};

const change = (text: string, flavour: keyof typeof DIALECTS = 'mariadb') =>
  sessionChange(Buffer.from(text), DIALECTS[flavour]);

describe('what a statement would change of the session', () => {
  it.each([
    'SELECT 1',
    "SELECT 'SET NAMES gbk'",
    'SET @a = 1, @b = @@sql_mode',
    'SET time_zone = "+00:00"',
    'SET character_set_results = NULL',
    'SET GLOBAL sql_mode = "ANSI_QUOTES"', // the policy says whether
    'SET SESSION TRANSACTION READ ONLY',
    'SET ROLE none',
    'START TRANSACTION',
    "PREPARE s FROM 'SELECT ?'",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    'EXECUTE s',
    'SET session_track_schema = ON',
    "SET session_track_system_variables = ''", // nothing of it is relied upon
    "/*!40103 SET TIME_ZONE='+00:00' */;",
    'CALL p()',
    "CREATE PROCEDURE p() SET sql_mode = 'ANSI_QUOTES'",
    'CREATE PROCEDURE p(t TEXT) BEGIN SET @t = t; PREPARE s FROM @t; EXECUTE s; END',
    'CREATE OR REPLACE DEFINER=`a`@`%` TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SELECT 1; SET NAMES gbk; END;',
    "ALTER EVENT e DO BEGIN SELECT 1; SET sql_mode = 'ANSI_QUOTES'; END",
  ])('is nothing: %s', (text) => {
    expect(change(text)).toEqual({ kind: 'none' });
  });

  it.each([
    ['USE other', { database: 'other' }],
    ['SET NAMES utf8mb4', { isUnknown: true }],
    ["SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'", { isUnknown: true }],
    ['SET NAMES utf8', { isUnknown: true }],
    ['SET NAMES latin1', { isUnknown: true }],
    ['SET NAMES cp1251', { isUnknown: true }],
    ['SET collation_connection = uca1400_ai_ci', { isUnknown: true }],
    ['SET collation_connection = latin1_swedish_ci', { isUnknown: true }],
    ['SET character_set_client = utf8mb3, autocommit = 1', { isUnknown: true, autocommit: true }],
    ['/*!40101 SET NAMES utf8mb4 */', { isUnknown: true }],
    ['USE `o``ther`', { database: 'o`ther' }],
    ['SET autocommit = 0', { autocommit: false }],
    ['SET @@SESSION.autocommit := ON', { autocommit: true }],
    ['SET time_zone = "x", autocommit = 0', { autocommit: false }],
    ['SET max_statement_time = 0', { setsTimeLimit: true }],
    ['SET SESSION max_statement_time = @saved + 1', { setsTimeLimit: true }],
    ['/*!100100 SET @@MAX_STATEMENT_TIME=0 */', { setsTimeLimit: true }],
    ['SET STATEMENT max_statement_time = 1.5 FOR SELECT 1', { limitMs: 1_500 }],
    [
      'SET STATEMENT max_statement_time = 2, sort_buffer_size = 1024 FOR USE other',
      { limitMs: 2_000, database: 'other' },
    ],
  ])('is known and followed: %s', (text, expected) => {
    expect(change(text)).toEqual({ kind: 'change', ...expected });
  });

  it('is known of sql_mode where its modes leave the meaning of texts alone', () => {
    expect(change("SET sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'")).toMatchObject({ kind: 'change' });
    expect(change("SET sql_mode = 'PIPES_AS_CONCAT'")).toMatchObject({ sqlMode: { pipesAsConcat: true } });
    expect(change("SET sql_mode = 'EMPTY_STRING_IS_NULL'")).toMatchObject({ kind: 'change' });
    expect(change("SET sql_mode = 'TRADITIONAL'")).toMatchObject({
      kind: 'change',
      sqlMode: { ansiQuotes: false, noBackslashEscapes: false },
    });
  });

  it.each([
    "SET sql_mode = 'ANSI_QUOTES'",
    'SET SESSION `SQL_MODE` = "NO_BACKSLASH_ESCAPES"',
    'SET GLOBAL a = 1, sql_mode = "ORACLE"', // some servers let GLOBAL go on, some do not
    "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1",
    "SET SESSION `sql_modé` = 'ANSI_QUOTES'",
    "IF 1 THEN SET `sql_modé` = 'ANSI_QUOTES'; END IF",
    "SELECT 1; SET sql_mode = 'ANSI_QUOTES'",
    "CREATE DEFINER = event@localhost VIEW v AS SELECT 1; SET sql_mode = 'ANSI_QUOTES'",
    "BEGIN NOT ATOMIC SET sql_mode = 'ANSI_QUOTES'; END",
    "IF 1 THEN SET sql_mode = 'ANSI_QUOTES'; END IF",
    "/*!50000 SET sql_mode = 'ANSI_QUOTES' */",
    "SET /*!50003 sql_mode */ /*M!100000 = */ 'ANSI_QUOTES'",
    'SET STATEMENT max_statement_time = 0 FOR SELECT 1',
    'SET STATEMENT max_statement_time = @limit FOR SELECT 1',
    'SET STATEMENT max_statement_time = 1, sql_mode = ANSI FOR SELECT 1',
    'PREPARE s FROM @text',
    "PREPARE s FROM CONCAT('SET sql_', 'mode = ANSI')",
    "PREPARE s FROM 'SET sql_mode = ''ANSI'''",
    'EXECUTE IMMEDIATE @text',
    "EXECUTE IMMEDIATE 'USE other'",
    'SET session_track_schema = OFF',
    'SET resultset_metadata = NONE',
    "SET PASSWORD = 'x'",
    'SET SESSION AUTHORIZATION root@localhost',
  ])('is refused: %s', (text) => {
    expect(change(text)).toMatchObject({ kind: 'refuse', code: 'session_change_refused' });
  });

  it.each([
    ['SET sql_mode = @saved', [['sql_mode', '@saved']]],
    ["SET sql_mode := CONCAT(@@sql_mode, ',ANSI')", [['sql_mode', "CONCAT(@@sql_mode, ',ANSI')"]]],
    [
      "SET @@SESSION.sql_mode = (SELECT REPLACE(@@sql_mode, 'A', ''))",
      [['sql_mode', "(SELECT REPLACE(@@sql_mode, 'A', ''))"]],
    ],
    ['SET sql_mode = DEFAULT', [['sql_mode', '@@GLOBAL.`sql_mode`']]],
    ['SET collation_connection = @@collation_database', [['collation_connection', '@@collation_database']]],
    [
      'SET NAMES DEFAULT',
      [
        ['character_set_client', '@@GLOBAL.`character_set_client`'],
        ['collation_connection', '@@GLOBAL.collation_connection'],
      ],
    ],
    ['SET CHARACTER SET utf8', [['collation_connection', '@@SESSION.collation_database']]],
    ['/*!50003 SET character_set_client = @saved */;', [['character_set_client', '@saved']]],
    [
      "SET NAMES utf8mb4, sql_mode = CONCAT(@a /*!50003 , ',' */ /* or */, @b), time_zone = @c",
      [['sql_mode', "CONCAT(@a , ',' , @b)"]],
    ],
  ])('has to be asked of the server: %s', (text, expected) => {
    const asks = expected.map(([name, expression]) => ({ name, value: { kind: 'expression', text: expression } }));
    expect(change(text)).toMatchObject({ kind: 'change', asks });
  });

  it('is known of a placeholder only when it is executed', () => {
    const value = { kind: 'parameter', index: 1 };
    expect(change('SET time_zone = ?, sql_mode = ?')).toEqual({ kind: 'change', asks: [{ name: 'sql_mode', value }] });
  });

  it.each([
    'SET sql_mode = (SELECT mode FROM t)',
    'SET sql_mode = (SELECT @@sql_mode FROM t LIMIT 1)',
    'SET sql_mode = (SELECT 1 FOR UPDATE)',
    "SET sql_mode = (SELECT 'ANSI' INTO @x)",
    "SET sql_mode = @x := 'ANSI'",
    'SET sql_mode = f(@@sql_mode)',
    'SET sql_mode = SLEEP(1)',
    "SET sql_mode = GET_LOCK('a', 1)",
    'SET sql_mode = LAST_INSERT_ID(5)',
    "SET sql_mode = IF(RAND() < 0.5, '', 'ANSI')",
    "SET sql_mode = LOAD_FILE('/etc/passwd')",
    'SET sql_mode = NEXT VALUE FOR s',
    'SET sql_mode = 0x04',
    "SET sql_mode = CONCAT(?, '')",
    'SET sql_mode = (WITH RECURSIVE a AS (SELECT 1) SELECT 1)',
  ])('is refused where the server cannot be asked without doing something: %s', (text) => {
    expect(change(text)).toMatchObject({ kind: 'refuse', code: 'session_change_refused' });
  });

  it('is the time limit of an optimizer hint, on MySQL', () => {
    const hinted = 'SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1';
    expect(change(hinted, 'mysql')).toEqual({ kind: 'change', limitMs: 1_000 });
    expect(change(hinted, 'mariadb')).toEqual({ kind: 'none' });
    expect(change("SELECT /*+ SET_VAR(sql_mode='ANSI_QUOTES') */ 1", 'mysql')).toMatchObject({ kind: 'refuse' });
  });

  it.each([
    'SET NAMES gbk',
    'SET NAMES utf8mb4, character_set_client = gbk',
    'SET CHARACTER SET swe7',
    'SET NAMES armscii8',
    'SET CHARSET sjis',
    'SET character_set_client = big5',
    "SET character_set_connection = 'gb18030'",
    'SET collation_connection = gbk_chinese_ci',
    'SET character_set_filesystem = utf8mb4',
    'SET time_zone = "x", NAMES gbk',
    '/*!40101 SET NAMES gbk */',
    'SELECT 1; SET NAMES gbk',
  ])('is refused for its character set: %s', (text) => {
    expect(change(text)).toMatchObject({ kind: 'refuse', code: 'character_set_refused' });
  });

  it('does not look into a text that MySQL runs otherwise: a comment of MariaDB is one', () => {
    expect(change('/*M! SET NAMES gbk */', 'mysql')).toEqual({ kind: 'none' });
    expect(change('/*M! SET NAMES gbk */', 'mariadb')).toMatchObject({ kind: 'refuse' });
  });
});
