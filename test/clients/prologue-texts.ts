/**
 * What ordinary clients and tools send before anything else, and for themselves: taken from a server's general log while
 * they ran as they are, with the name of a table of the tests in place of theirs.
 */
export interface Prologue {
  readonly tool: string;
  /** Only where the server is the one that the tool was run with. */
  readonly flavour?: 'mariadb' | 'mysql';
  readonly texts: readonly string[];
}

export const PROLOGUES: readonly Prologue[] = [
  { tool: 'mysql 9.7', texts: ['select @@version_comment limit 1', 'select $$', 'select 1'] },
  {
    tool: 'a command line client with a file',
    texts: ['-- a comment line', '# another', '/* one */ -- two', ' ', '\n', '', ';', '/*!40000 */', '/*!999999 x */'],
  },
  {
    tool: 'mariadb-dump, first line',
    texts: ['/*!999999\\- enable the sandbox mode */', '/*M!999999\\- enable the sandbox mode */'],
  },
  { tool: 'PyMySQL', texts: ['SET NAMES utf8mb4', 'SET AUTOCOMMIT = 0'] },
  { tool: 'mysqlclient', texts: ['SET NAMES utf8mb4', 'SET autocommit=0'] },
  {
    tool: 'SQLAlchemy',
    texts: [
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
      'COMMIT',
      'SELECT VERSION()',
      'SELECT DATABASE()',
      'SELECT @@sql_mode',
      'SELECT @@lower_case_table_names',
      'ROLLBACK',
    ],
  },
  { tool: 'SQLAlchemy', flavour: 'mariadb', texts: ['SELECT @@tx_isolation'] },
  { tool: 'SQLAlchemy', flavour: 'mysql', texts: ['SELECT @@transaction_isolation'] },
  {
    tool: 'Django',
    texts: [
      "SET SESSION sql_mode='STRICT_TRANS_TABLES'",
      'SET autocommit=1',
      `SELECT VERSION(),
                       @@sql_mode,
                       @@default_storage_engine,
                       @@sql_auto_is_null,
                       @@lower_case_table_names,
                       CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL`,
      'SET SQL_AUTO_IS_NULL = 0',
    ],
  },
  {
    tool: 'Rails',
    texts: [
      "SET NAMES utf8mb4,  @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'),  @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483",
      "SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables  WHERE table_schema = database()) _subquery WHERE table_name = 'item' AND table_type = 'BASE TABLE'",
      "SELECT column_name\nFROM information_schema.statistics\nWHERE index_name = 'PRIMARY'\n  AND table_schema = database()\n  AND table_name = 'item'\nORDER BY seq_in_index",
      'SHOW FULL FIELDS FROM `item`',
      'SELECT `item`.* FROM `item` ORDER BY `item`.`id` ASC LIMIT 1',
    ],
  },
  { tool: 'Sequel', texts: ['SET @@wait_timeout = 2147483', 'SET SQL_AUTO_IS_NULL=0'] },
  {
    // What these send stands in their own sources; they were not run.
    tool: 'sqlx',
    texts: [
      "SET sql_mode=(SELECT CONCAT(@@sql_mode, ',PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION')),time_zone='+00:00',NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;",
      "SELECT 'a' || name FROM item WHERE id = 1",
      'SELECT CAST(VERSION() AS CHAR)',
    ],
  },
  { tool: 'PDO', texts: ['SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci'] },
  {
    tool: 'Laravel',
    texts: [
      "set names 'utf8mb4' collate 'utf8mb4_unicode_ci'",
      "set session sql_mode='ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES'",
    ],
  },
  {
    tool: 'Percona Toolkit',
    texts: [
      "SHOW VARIABLES LIKE 'innodb\\_lock_wait_timeout'",
      'SET SESSION innodb_lock_wait_timeout=1',
      "SHOW VARIABLES LIKE 'lock\\_wait_timeout'",
      'SET SESSION lock_wait_timeout=60',
      "SHOW VARIABLES LIKE 'wait\\_timeout'",
      'SET SESSION wait_timeout=10000',
      'SELECT @@SQL_MODE',
      "SET @@SQL_QUOTE_SHOW_CREATE = 1/*!40101, @@SQL_MODE='NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'*/",
      "SHOW VARIABLES LIKE 'character_set_server'",
      "SET NAMES 'utf8mb4'",
      '/*!40101 SET character_set_connection = utf8mb4 */',
      'SELECT @@server_id /*!50038 , @@hostname*/',
      "SHOW VARIABLES LIKE 'version%'",
      'SHOW ENGINES',
      "/*!40101 SET @OLD_SQL_MODE := @@SQL_MODE, @@SQL_MODE := '', @OLD_QUOTE := @@SQL_QUOTE_SHOW_CREATE, @@SQL_QUOTE_SHOW_CREATE := 1 */",
      'SHOW CREATE TABLE `item`',
      '/*!40101 SET @@SQL_MODE := @OLD_SQL_MODE, @@SQL_QUOTE_SHOW_CREATE := @OLD_QUOTE */',
      'EXPLAIN SELECT * FROM `item` WHERE 1=1',
      'SELECT /*!40001 SQL_NO_CACHE */ `id`,`name` FROM `item` FORCE INDEX(`PRIMARY`) WHERE (id > 100) ORDER BY `id` LIMIT 10',
    ],
  },
  {
    tool: 'mydumper',
    texts: [
      'SET SESSION wait_timeout = 2147483',
      'SET SESSION net_write_timeout = 2147483',
      'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
      'START TRANSACTION /*!40108 WITH CONSISTENT SNAPSHOT */',
      "/*!40103 SET TIME_ZONE='+00:00' */",
      '/*!40101 SET NAMES binary*/',
      'SHOW TABLE STATUS',
      'SELECT /*!40001 SQL_NO_CACHE */ * FROM `item`',
      'UNLOCK TABLES /* trx-only */',
    ],
  },
  {
    tool: 'mariadb-dump',
    flavour: 'mariadb',
    texts: [
      "/*!40100 SET @@SQL_MODE='' */",
      "/*!40103 SET TIME_ZONE='+00:00' */",
      '/*M!100100 SET @@MAX_STATEMENT_TIME=0.000000 */',
      '/*M!100100 SET WAIT_TIMEOUT=DEFAULT */',
      "set optimizer_switch='semijoin=off'",
      'set optimizer_switch=default',
      'SHOW FULL TABLES',
      'SET SQL_QUOTE_SHOW_CREATE=1',
      "SET SESSION character_set_results = 'binary'",
      'show create table `item`',
      "SET SESSION character_set_results = 'utf8mb4'",
      'SELECT /*!40001 SQL_NO_CACHE */ `id`, `name` FROM `item`',
      'select @@collation_database',
    ],
  },
  {
    tool: 'mysqldump 9.7',
    flavour: 'mysql',
    texts: [
      "/*!40100 SET @@SQL_MODE='' */",
      "/*!40103 SET TIME_ZONE='+00:00' */",
      '/*!80000 SET SESSION information_schema_stats_expiry=0 */',
      'SET SESSION NET_READ_TIMEOUT= 86400, SESSION NET_WRITE_TIMEOUT= 86400',
      'SET SESSION terminology_use_previous = BEFORE_8_0_26',
      "SHOW VARIABLES LIKE 'gtid_mode'",
      "SHOW VARIABLES LIKE 'ndbinfo\\_version'",
      "show table status like 'item'",
      'show fields from `item`',
    ],
  },
  {
    tool: 'MariaDB Connector/J',
    texts: [
      "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
      'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment',
      'set autocommit=0',
    ],
  },
  { tool: 'mariadb-show', texts: ['show tables', 'SHOW /*!50002 FULL*/ TABLES'] },
];
