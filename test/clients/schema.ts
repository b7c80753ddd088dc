import { type Flavour } from '../support/servers/database-server.js';

/** A schema with every type of column, rows at the edges of them and NULLs, views, triggers and procedures. */
const COMMON = [
  'DROP VIEW IF EXISTS dear',
  ...['every', 'item', 'history', 'piece', 'own', 'žluť_表'].map((table) => `DROP TABLE IF EXISTS \`${table}\``),
  ...['several', 'outs', 'reads_cursor'].map((name) => `DROP PROCEDURE IF EXISTS ${name}`),
  `CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100) NOT NULL DEFAULT 'none', price DECIMAL(12,2),
     UNIQUE KEY by_name (name))`,
  'CREATE TABLE history (id INT PRIMARY KEY AUTO_INCREMENT, item INT, was DECIMAL(12,2))',
  'CREATE TABLE piece (id INT PRIMARY KEY, body LONGBLOB, note LONGTEXT)',
  `CREATE TABLE \`žluť_表\` (\`číslo\` INT PRIMARY KEY, \`名前\` VARCHAR(50) COLLATE utf8mb4_bin, plain VARCHAR(50) CHARACTER SET latin1,
     fold VARCHAR(50) COLLATE utf8mb4_unicode_ci)`,
  "INSERT INTO item (name, price) VALUES ('apple', 1.50), ('pear', 2.25), ('plum', NULL)",
  "INSERT INTO piece VALUES (1, X'00ff275c0a0d1a', 'a'), (2, '', ''), (3, NULL, NULL)",
  "INSERT INTO `žluť_表` VALUES (1, '名前 😀 e\u0301', 'é', 'Straße'), (2, NULL, NULL, 'strasse')",
  'CREATE VIEW dear AS SELECT id, name FROM item WHERE price > 2',
  'CREATE TRIGGER keep AFTER UPDATE ON item FOR EACH ROW INSERT INTO history (item, was) VALUES (OLD.id, OLD.price)',
  `CREATE PROCEDURE several() BEGIN
     SELECT id, name FROM item ORDER BY id; SELECT 'zwei' AS word, NULL AS nothing; UPDATE item SET price = price; SELECT 1 WHERE FALSE; END`,
  `CREATE PROCEDURE outs(IN a INT, OUT b INT, INOUT c VARCHAR(20)) BEGIN SELECT a AS given; SET b = a * 2, c = CONCAT(c, '!'); END`,
  `CREATE PROCEDURE reads_cursor() BEGIN DECLARE n INT; DECLARE c CURSOR FOR SELECT id FROM item; OPEN c; FETCH c INTO n; SELECT n; CLOSE c; END`,
];

const EVERY = `id INT PRIMARY KEY, tiny TINYINT, tiny_u TINYINT UNSIGNED, small SMALLINT, small_u SMALLINT UNSIGNED ZEROFILL,
  medium MEDIUMINT, medium_u MEDIUMINT UNSIGNED, four INT, four_u INT UNSIGNED, big BIGINT, big_u BIGINT UNSIGNED, yes BOOLEAN,
  exact_n DECIMAL(30,10), exact_big DECIMAL(65,0), single FLOAT, twice DOUBLE, bits1 BIT(1), bits BIT(64),
  day DATE, moment DATETIME, moment6 DATETIME(6), stamp TIMESTAMP NULL, stamp3 TIMESTAMP(3) NULL, span TIME, span6 TIME(6), in_year YEAR,
  fixed_text CHAR(10), short_text VARCHAR(200), tiny_text TINYTEXT, medium_text MEDIUMTEXT, long_text LONGTEXT,
  fixed BINARY(4), var_raw VARBINARY(20), tiny_raw TINYBLOB, raw BLOB, long_raw LONGBLOB,
  kind ENUM('one','two',''), kinds SET('a','b','c'), doc JSON, spot POINT, shape GEOMETRY`;

const LARGEST = `127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, TRUE,
  12345678901234567890.0123456789, 99999999999999999999999999999999999999999999999999999999999999999, 3.40282e38, 1.7976931348623157e308,
  b'1', b'1111111111111111111111111111111111111111111111111111111111111111', '9999-12-31', '9999-12-31 23:59:59',
  '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59', '2024-02-29 23:59:59.123', '838:59:59', '12:00:00.000001', 2155,
  'ž', 'žluťoučký 😀', 'x', 'y', 'z', X'01020304', X'00ff27', X'', X'5c', X'8081fe', 'two', 'a,c', '{"a": [1, null, "ž"], "b": 1.5}',
  ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('LINESTRING(0 0,1 1)')`;

const SMALLEST = `-128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, FALSE,
  -0.0000000001, -1, -1.5, 5e-324, b'0', b'0', '1000-01-01', '1000-01-01 00:00:00', '1000-01-01 00:00:00.000000',
  '1971-01-01 00:00:01', '1971-01-01 00:00:01.000', '-838:59:59', '-00:00:00.000001', 1901,
  '', '', '', '', '', X'00', X'', X'', X'', X'', 'one', '', '[]', ST_GeomFromText('POINT(0 0)'), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')`;

/** Types that one of the servers alone has. */
const OWN = {
  mariadb: [
    'CREATE TABLE own (id INT PRIMARY KEY, address INET6, name UUID)',
    "INSERT INTO own VALUES (1, '2001:db8::ff00:42:8329', '123e4567-e89b-12d3-a456-426655440000'), (2, NULL, NULL)",
  ],
  mysql: [
    'CREATE TABLE own (id INT PRIMARY KEY, place VECTOR(3), made INT GENERATED ALWAYS AS (id * 2) STORED)',
    "INSERT INTO own (id, place) VALUES (1, STRING_TO_VECTOR('[1,2.5,-3]')), (2, NULL)",
  ],
} satisfies Record<Flavour, readonly string[]>;

/** Statements that make the schema again, as root. */
export function schemaOf(flavour: Flavour): readonly string[] {
  return [
    ...COMMON,
    `CREATE TABLE every (${EVERY})`,
    `INSERT INTO every VALUES (1, ${LARGEST}), (2, ${SMALLEST})`,
    'INSERT INTO every (id) VALUES (3)',
    ...OWN[flavour],
  ];
}

/** What a grant carries here; SHOW VIEW, TRIGGER and LOCK TABLES are for the programs that dump. */
export const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'SHOW VIEW', 'TRIGGER', 'LOCK TABLES'];

/** The largest packet that the servers take here, in bytes. */
export const PACKET_BYTES_MAX = 64 * 1024 * 1024;
