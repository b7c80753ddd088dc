import { type Flavour } from '../../support/servers/database-server.js';

/** One statement of its kind, to be run by an account that may do nothing else. */
export interface Needing {
  readonly text: string;
  readonly only?: Flavour;
  /** What is given though the server would run this very text without it; its kind can need it. */
  readonly spare?: readonly string[] | { readonly mariadb: readonly string[]; readonly mysql: readonly string[] };
}

/** What is there before each statement; `definer` is an ordinary account. */
export const OBJECTS: readonly { readonly text: string; readonly only?: Flavour }[] = [
  { text: 'CREATE TABLE anchor (id INT)' },
  { text: 'CREATE TABLE orders (id INT PRIMARY KEY, total INT, customer INT, UNIQUE KEY c (customer))' },
  { text: 'CREATE TABLE archive (id INT PRIMARY KEY, total INT, customer INT)' },
  { text: 'CREATE TABLE notes (id INT PRIMARY KEY, note VARCHAR(20))' },
  {
    text: 'CREATE TABLE parts (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (9))',
  },
  { text: 'INSERT INTO orders VALUES (1, 10, 1), (2, 20, 2)' },
  { text: 'INSERT INTO archive VALUES (3, 30, 1)' },
  { text: 'CREATE DEFINER = definer VIEW totals AS SELECT id, total FROM orders' },
  {
    text: 'CREATE DEFINER = definer TRIGGER noted AFTER INSERT ON notes FOR EACH ROW INSERT INTO archive VALUES (NEW.id, 0, 0)',
  },
  { text: 'CREATE DEFINER = definer PROCEDURE close_day() SELECT 1' },
  { text: 'CREATE DEFINER = definer FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2' },
  { text: 'CREATE DEFINER = definer EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM notes' },
  { text: 'CREATE SEQUENCE numbers', only: 'mariadb' },
];

/** MariaDB wants any privilege at all on the table, MySQL this one. */
const REFERRED = { mariadb: ['SELECT ON orders', 'REFERENCES ON orders'], mysql: ['SELECT ON orders'] };

export const NEEDING: readonly Needing[] = [
  // Reads
  { text: 'SELECT o.id, n.note FROM orders o LEFT JOIN notes n ON n.id = o.id WHERE o.total > 1' },
  { text: 'SELECT id FROM orders WHERE id IN (SELECT id FROM archive) UNION SELECT id FROM notes' },
  { text: 'WITH big AS (SELECT id FROM orders) SELECT id FROM big' },
  { text: 'SELECT total FROM totals' },
  { text: 'SELECT twice(id) FROM orders' },
  { text: 'SELECT id FROM orders WHERE id = 1 FOR UPDATE' },
  { text: 'SELECT id FROM orders LOCK IN SHARE MODE', spare: { mariadb: [], mysql: ['UPDATE ON orders'] } },
  { text: 'TABLE orders', only: 'mysql' },
  { text: 'EXPLAIN SELECT id FROM orders' },
  { text: 'ANALYZE SELECT id FROM orders', only: 'mariadb' },
  { text: 'EXPLAIN ANALYZE SELECT id FROM orders', only: 'mysql' },
  { text: 'DESCRIBE orders' },
  { text: 'SHOW COLUMNS FROM orders' },
  { text: 'SHOW INDEX FROM orders' },
  { text: 'SHOW CREATE TABLE orders' },
  { text: 'SHOW CREATE VIEW totals' },
  { text: 'CHECKSUM TABLE orders' },
  { text: 'SELECT NEXT VALUE FOR numbers', only: 'mariadb' },
  // Rows
  { text: 'INSERT INTO orders VALUES (5, 5, 5)' },
  { text: 'INSERT INTO notes VALUES (5, 5)' },
  { text: 'INSERT INTO orders (id) SELECT id FROM archive' },
  { text: 'INSERT INTO orders VALUES (1, 5, 5) ON DUPLICATE KEY UPDATE total = total + 1' },
  { text: 'INSERT INTO orders VALUES (5, 5, 5) RETURNING id', only: 'mariadb' },
  { text: 'REPLACE INTO orders VALUES (1, 5, 5)' },
  { text: 'REPLACE INTO orders SELECT * FROM archive' },
  { text: 'UPDATE orders SET total = total + 1 WHERE id = 1' },
  { text: 'UPDATE orders SET total = 1', spare: ['SELECT ON orders'] },
  { text: 'UPDATE orders o JOIN archive a ON a.id = o.id SET o.total = a.total' },
  { text: 'UPDATE orders SET total = (SELECT MAX(total) FROM archive) WHERE id = 1' },
  { text: 'DELETE FROM orders WHERE id = 1' },
  { text: 'DELETE FROM orders', spare: ['SELECT ON orders'] },
  { text: 'DELETE o FROM orders o JOIN archive a ON a.id = o.id' },
  { text: 'DELETE FROM orders WHERE id = 1 RETURNING id', only: 'mariadb' },
  {
    text: 'UPDATE totals SET total = total + 1 WHERE id = 1',
    spare: { mariadb: ['SELECT ON totals'], mysql: [] },
  },
  // Definitions
  { text: 'CREATE TABLE fresh (id INT PRIMARY KEY)' },
  { text: "CREATE TABLE fresh (id INT, name VARCHAR(5) DEFAULT (CONCAT('a', 'b')))" },
  { text: 'CREATE TABLE fresh AS SELECT 1 AS one' },
  { text: 'CREATE TABLE fresh SELECT * FROM orders' },
  { text: 'CREATE TABLE fresh LIKE orders', spare: ['REFERENCES ON orders'] },
  { text: 'CREATE TABLE fresh (id INT, FOREIGN KEY (id) REFERENCES orders (id))', spare: REFERRED },
  { text: 'CREATE OR REPLACE TABLE fresh (id INT)', only: 'mariadb' },
  { text: 'CREATE OR REPLACE TABLE archive AS SELECT 1 AS one', only: 'mariadb' },
  { text: 'CREATE TEMPORARY TABLE scratch (id INT)' },
  { text: 'CREATE TEMPORARY TABLE scratch SELECT id FROM orders' },
  { text: 'ALTER TABLE orders ADD COLUMN note INT' },
  { text: 'ALTER TABLE orders DROP COLUMN total, ADD INDEX t (id)' },
  { text: 'ALTER TABLE archive ADD FOREIGN KEY (customer) REFERENCES orders (id)', spare: REFERRED },
  { text: 'ALTER TABLE parts DROP PARTITION p1' },
  { text: 'ALTER TABLE parts TRUNCATE PARTITION p1', spare: ['ALTER ON parts'] },
  {
    text: 'ALTER TABLE orders RENAME TO old_orders',
    spare: ['CREATE ON orders', 'INSERT ON orders', 'ALTER ON old_orders', 'DROP ON old_orders'],
  },
  { text: 'RENAME TABLE orders TO old_orders' },
  { text: 'TRUNCATE TABLE orders' },
  { text: 'DROP TABLE orders' },
  { text: 'DROP TABLE IF EXISTS orders, archive' },
  { text: 'CREATE INDEX t ON orders (total)' },
  { text: 'DROP INDEX c ON orders' },
  { text: 'CREATE VIEW v AS SELECT id FROM orders' },
  { text: 'CREATE OR REPLACE VIEW totals AS SELECT id FROM archive' },
  { text: 'DROP VIEW totals' },
  { text: 'CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW SET NEW.total = 1' },
  { text: 'DROP TRIGGER noted' },
  { text: 'CREATE PROCEDURE p() SELECT 1' },
  { text: 'CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC RETURN x' },
  { text: "ALTER PROCEDURE close_day COMMENT 'x'" },
  { text: 'DROP PROCEDURE close_day' },
  { text: 'DROP FUNCTION twice' },
  { text: 'CALL close_day()' },
  { text: 'DO twice(1)' },
  { text: 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1' },
  { text: "ALTER EVENT nightly COMMENT 'x'" },
  { text: 'DROP EVENT nightly' },
  { text: 'CREATE SEQUENCE s', only: 'mariadb' },
  { text: 'ALTER SEQUENCE numbers RESTART 5', only: 'mariadb' },
  { text: 'DROP SEQUENCE numbers', only: 'mariadb' },
  { text: 'ALTER DATABASE COLLATE utf8mb4_bin' },
  // Upkeep and locks
  { text: 'ANALYZE TABLE orders' },
  { text: 'OPTIMIZE TABLE orders' },
  { text: 'REPAIR TABLE orders' },
  { text: 'CHECK TABLE orders' },
  { text: 'LOCK TABLES orders READ' },
  { text: 'LOCK TABLES orders WRITE, notes AS n READ' },
];
