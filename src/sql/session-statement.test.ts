import { describe, expect, it } from 'vitest';
import { dialectOf } from './dialect.js';
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
  ])('is nothing: %s', (text) => {
    expect(change(text)).toEqual({ kind: 'none' });
  });

  it.each([
    ['USE other', { database: 'other' }],
    ['SET NAMES utf8mb4', { isUnknown: true }],
    ["SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'", { isUnknown: true }],
    ['SET NAMES utf8', { isUnknown: true }],
    ['SET NAMES latin1', { isUnknown: true }],
    ['SET CHARACTER SET cp1251', { isUnknown: true }],
    ['SET collation_connection = uca1400_ai_ci', { isUnknown: true }],
    ['SET collation_connection = latin1_swedish_ci', { isUnknown: true }],
    ['SET character_set_client = utf8mb3, autocommit = 1', { isUnknown: true, autocommit: true }],
    ['/*!40101 SET NAMES utf8mb4 */', { isUnknown: true }],
    ['USE `o``ther`', { database: 'o`ther' }],
    ['SET autocommit = 0', { autocommit: false }],
    ['SET @@SESSION.autocommit := ON', { autocommit: true }],
    ['SET time_zone = "x", autocommit = 0', { autocommit: false }],
    ['SET max_statement_time = 0', { resetsTimeLimit: true }],
    ['/*!100100 SET @@MAX_STATEMENT_TIME=0 */', { resetsTimeLimit: true }],
  ])('is known and followed: %s', (text, expected) => {
    expect(change(text)).toEqual({ kind: 'change', ...expected });
  });

  it('is known of sql_mode where its modes leave the meaning of texts alone', () => {
    expect(change("SET sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'")).toMatchObject({ kind: 'change' });
    expect(change("SET sql_mode = 'TRADITIONAL'")).toMatchObject({
      kind: 'change',
      sqlMode: { ansiQuotes: false, noBackslashEscapes: false },
    });
  });

  it.each([
    "SET sql_mode = 'ANSI_QUOTES'",
    "SET @@sql_mode = CONCAT(@@sql_mode, ',ANSI')",
    'SET sql_mode = @mode',
    'SET sql_mode = DEFAULT',
    'SET SESSION `SQL_MODE` = "NO_BACKSLASH_ESCAPES"',
    'SET GLOBAL a = 1, sql_mode = "ORACLE"', // some servers let GLOBAL go on, some do not
    "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1",
    "SELECT 1; SET sql_mode = 'ANSI_QUOTES'",
    "BEGIN NOT ATOMIC SET sql_mode = 'ANSI_QUOTES'; END",
    "IF 1 THEN SET sql_mode = 'ANSI_QUOTES'; END IF",
    "SELECT /*+ SET_VAR(sql_mode='ANSI_QUOTES') */ 1",
    "/*!50000 SET sql_mode = 'ANSI_QUOTES' */",
    'PREPARE s FROM @text',
    "PREPARE s FROM CONCAT('SET sql_', 'mode = ANSI')",
    "PREPARE s FROM 'SET sql_mode = ''ANSI'''",
    'EXECUTE IMMEDIATE @text',
    "EXECUTE IMMEDIATE 'USE other'",
    'SET max_statement_time = 100',
    'SET session_track_schema = OFF',
    'SET resultset_metadata = NONE',
    "SET PASSWORD = 'x'",
    'SET SESSION AUTHORIZATION root@localhost',
  ])('is refused: %s', (text) => {
    expect(change(text)).toMatchObject({ kind: 'refuse', code: 'session_change_refused' });
  });

  it.each([
    'SET NAMES gbk',
    'SET NAMES utf8mb4, character_set_client = gbk',
    'SET NAMES DEFAULT',
    'SET CHARACTER SET swe7',
    'SET NAMES armscii8',
    'SET CHARSET sjis',
    'SET character_set_client = big5',
    'SET character_set_client = @c',
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
