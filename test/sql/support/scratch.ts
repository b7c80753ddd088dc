import { type Connection } from 'mysql2/promise';
import { type Flavour } from '../../support/servers/database-server.js';

/** The databases that the adversarial statements are let loose on; nothing else on the server matters. */
export const DATABASES = ['shop', 'vault'] as const;

/** Views that run code when they are read: the catalog has to say so, a text cannot. */
export const RUNNING_VIEWS: ReadonlySet<string> = new Set(['shop.v_touch']);

/** The account that runs them: it may do anything, so that what happens is only a question of what was understood. */
export const AGENT = { user: 'agent', password: 'agent', host: '%' };

/** Who stays when the accounts are put back. */
const KEPT_USERS = ['root', 'agent', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys'];

interface ScratchTable {
  readonly database: string;
  readonly table: string;
  readonly columns: string;
  /** Behind the columns. */
  readonly keys?: string;
  readonly rows: string;
}

const shop = (table: string, columns: string, rows: string, keys?: string): ScratchTable => ({
  database: 'shop',
  table,
  columns,
  rows,
  ...(keys === undefined ? {} : { keys }),
});
const pair = (table: string): ScratchTable => shop(table, 'id INT PRIMARY KEY, v INT', '(1, 1), (2, 2)');

/** Parents before their children. */
const TABLES: readonly ScratchTable[] = [
  shop(
    'customers',
    'id INT PRIMARY KEY, name VARCHAR(40), email VARCHAR(80), visits INT',
    "(1, 'Ada', 'ada@example.org', 0), (2, 'Bob', 'bob@example.org', 0), (3, 'Cid', 'cid@example.org', 0)",
    'FULLTEXT KEY words (name)',
  ),
  shop(
    'orders',
    'id INT PRIMARY KEY, customer_id INT, amount INT',
    '(1, 1, 10), (2, 1, 20), (3, 2, 30)',
    'FOREIGN KEY (customer_id) REFERENCES shop.customers (id) ON DELETE CASCADE ON UPDATE CASCADE',
  ),
  shop('accounts', 'id INT PRIMARY KEY, balance INT', '(1, 100), (2, 200), (3, 300)'),
  shop('audit', 'what VARCHAR(80)', "('nothing')"),
  shop('users', 'id INT PRIMARY KEY, name VARCHAR(40)', "(1, 'x')"),
  pair('staging'),
  // Names that need care: a word, a number, one with everything in it, and one that only looks like `e`.
  pair('from'),
  pair('1e0'),
  pair('a`b -- c'),
  pair('\u{435}'),
  { database: 'vault', table: 'secrets', columns: 'id INT PRIMARY KEY, secret VARCHAR(40)', rows: "(1, 'one')" },
  { database: 'vault', table: 'accounts', columns: 'id INT PRIMARY KEY, balance INT', rows: '(1, 1000)' },
];

const quoted = ({ database, table }: ScratchTable): string => `${database}.\`${table.replaceAll('`', '``')}\``;

const CODE: readonly string[] = [
  "CREATE TRIGGER shop.orders_in AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO shop.audit VALUES ('in')",
  "CREATE TRIGGER shop.orders_up AFTER UPDATE ON shop.orders FOR EACH ROW INSERT INTO shop.audit VALUES ('up')",
  "CREATE TRIGGER shop.orders_out AFTER DELETE ON shop.orders FOR EACH ROW INSERT INTO shop.audit VALUES ('out')",
  `CREATE FUNCTION shop.touch(x INT) RETURNS INT MODIFIES SQL DATA
     BEGIN INSERT INTO shop.audit VALUES ('touch'); RETURN x; END`,
  'CREATE FUNCTION shop.peek(x INT) RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM vault.secrets)',
  // Named like something that is built in elsewhere.
  `CREATE FUNCTION shop.len(x INT) RETURNS INT MODIFIES SQL DATA
     BEGIN INSERT INTO shop.audit VALUES ('len'); RETURN x; END`,
  'CREATE PROCEDURE shop.wipe() DELETE FROM shop.accounts',
  'CREATE PROCEDURE shop.report() SELECT * FROM shop.orders',
  'CREATE VIEW shop.v_orders AS SELECT id, customer_id, amount FROM shop.orders',
  'CREATE VIEW shop.v_touch AS SELECT id, shop.touch(id) AS t FROM shop.staging',
  'CREATE VIEW shop.v_secret AS SELECT secret FROM vault.secrets',
  'CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM shop.staging',
];

/**
 * What the catalog knows and a text cannot: what a table or view leads to when it is touched, by trigger, foreign key or
 * definition, and what a routine does.
 */
export const LEADS_TO: Readonly<Record<string, readonly string[]>> = {
  'shop.orders': ['shop.audit', 'shop.customers'],
  // MariaDB gets ready for the triggers of what a foreign key leads to, and fires none of them.
  'shop.customers': ['shop.orders', 'shop.audit'],
  'shop.v_orders': ['shop.orders', 'shop.audit', 'shop.customers'],
  'shop.v_touch': ['shop.staging', 'shop.audit'],
  'shop.v_secret': ['vault.secrets'],
};

/** One row for each table: its name as `database.table`, and a digest of its rows. */
export const DIGESTS = TABLES.map((table) => {
  const columns = table.columns.replaceAll(/ (?:INT|VARCHAR\(\d+\))(?: PRIMARY KEY)?/g, '');
  const digest = `COALESCE(SUM(CRC32(CONCAT_WS('#', '', ${columns}))), 0)`;
  return `SELECT '${table.database}.${table.table}' AS name, CONCAT(COUNT(*), '/', ${digest}) AS digest FROM ${quoted(table)}`;
}).join(' UNION ALL ');

/** Makes the databases again, with all that is in them. The connection must carry several statements in one text. */
export async function makeScratch(root: Connection, flavour: Flavour): Promise<void> {
  const [databases] = await root.query<never[]>({ sql: 'SHOW DATABASES', rowsAsArray: true });
  const system = ['mysql', 'sys', 'information_schema', 'performance_schema'];
  for (const [name = ''] of databases.map((row: readonly unknown[]) => row.map(String))) {
    // eslint-disable-next-line no-await-in-loop
    if (!system.includes(name)) await root.query(`DROP DATABASE \`${name.replaceAll('`', '``')}\``);
  }
  const sequence = flavour === 'mariadb' ? ['CREATE SEQUENCE shop.numbers'] : [];
  const statements = [
    ...DATABASES.map((name) => `CREATE DATABASE ${name} CHARACTER SET utf8mb4`),
    ...TABLES.map(
      (table) => `CREATE TABLE ${quoted(table)} (${[table.columns, table.keys].filter(Boolean).join(', ')})`,
    ),
    ...sequence,
    ...CODE,
  ];
  await root.query(statements.join('; '));
  await fillScratch(root);
}

/** Puts the rows back, and nothing else; `names`: of the tables that need it, as `database.table`. */
export async function fillScratch(root: Connection, names?: readonly string[]): Promise<void> {
  const tables = TABLES.filter(({ database, table }) => names?.includes(`${database}.${table}`) ?? true);
  const statements = [
    'SET foreign_key_checks = 0',
    ...tables.map((table) => `DELETE FROM ${quoted(table)}`),
    ...tables.map((table) => `INSERT INTO ${quoted(table)} VALUES ${table.rows}`),
    // The triggers of what was deleted and inserted have written to it.
    'DELETE FROM shop.audit',
    "INSERT INTO shop.audit VALUES ('nothing')",
    'SET foreign_key_checks = 1',
  ];
  await root.query(statements.join('; '));
}

/** Drops what accounts there should not be, and gives the agent's its password and its rights again. */
export async function makeAccounts(root: Connection, flavour: Flavour): Promise<void> {
  const [rows] = await root.query<never[]>({ sql: 'SELECT user, host FROM mysql.user', rowsAsArray: true });
  for (const [user = '', host = ''] of rows.map((row: readonly unknown[]) => row.map(String))) {
    if (KEPT_USERS.includes(user)) continue;
    const isRole = flavour === 'mariadb' && host === '';
    // eslint-disable-next-line no-await-in-loop
    await root.query(isRole ? `DROP ROLE '${user}'` : `DROP USER '${user}'@'${host}'`);
  }
  const name = `'${AGENT.user}'@'${AGENT.host}'`;
  await root.query(`DROP USER IF EXISTS ${name}`);
  await root.query(`CREATE USER ${name} IDENTIFIED BY '${AGENT.password}'`);
  await root.query(`GRANT ALL PRIVILEGES ON *.* TO ${name}`);
}
