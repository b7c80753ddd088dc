import { randomBytes } from 'node:crypto';
import { targetView } from '../../contracts/grants/target.js';
import type { ApiClient } from '../../client/api-client.js';
import { type AdminLogin, withMariadb } from './mariadb.js';
import { unlessThere } from './unless-there.js';

/** The demo target, and the database in it. */
export const TARGET = 'shop';
export const DATABASE = 'shop';

const PROVISIONING_ACCOUNT = 'doorwarden_provisioning';
const TTL_SECONDS_MAX = 3_600;

/** The login that the target is registered with. */
export interface ProvisioningLogin {
  readonly username: string;
  readonly password: string;
}

/** Fills the demo database, and makes the account with which the broker makes and ends task accounts. */
export async function makeShop(admin: AdminLogin): Promise<ProvisioningLogin> {
  const password = randomBytes(18).toString('base64url');
  await withMariadb(admin, async (connection) => {
    for (const statement of [...SHOP, ...provisioningStatements(password)]) await connection.query(statement);
  });
  return { username: PROVISIONING_ACCOUNT, password };
}

/** Registers the demo database over the API; a gateway looks at it first. What it says that it is. */
export async function registerShop(
  asOperator: ApiClient,
  { host, port }: AdminLogin,
  { username, password }: ProvisioningLogin,
): Promise<string> {
  const limits = { ttlSecondsMax: TTL_SECONDS_MAX, databases: [DATABASE] };
  const settings = { host, port, username, password, defaultDatabase: DATABASE, limits };
  const target = await unlessThere(
    'target_exists',
    () => asOperator.post('/v1/targets', { name: TARGET, ...settings, labels: { purpose: 'demo' } }, targetView),
    () => asOperator.patch(`/v1/targets/${TARGET}`, settings, targetView),
  );
  const { version = 'nothing' } = target.report ?? {};
  return version.replace(/^5\.5\.5-/, ''); // MariaDB says it to clients of its time before version 10
}

/** Exactly what README.md says that a provisioning account on MariaDB needs. */
function provisioningStatements(password: string): readonly string[] {
  const account = `'${PROVISIONING_ACCOUNT}'@'%'`;
  return [
    `CREATE USER ${account} IDENTIFIED BY '${password}'`,
    `GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO ${account}`,
    `GRANT SELECT ON mysql.user TO ${account}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER, SHOW VIEW ON ${DATABASE}.* TO ${account} WITH GRANT OPTION`,
  ];
}

const SHOP: readonly string[] = [
  `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`,
  `CREATE TABLE ${DATABASE}.customers (
     id INT PRIMARY KEY AUTO_INCREMENT,
     name VARCHAR(100) NOT NULL,
     email VARCHAR(200) NOT NULL UNIQUE,
     city VARCHAR(100) NOT NULL)`,
  `CREATE TABLE ${DATABASE}.products (
     id INT PRIMARY KEY AUTO_INCREMENT,
     name VARCHAR(100) NOT NULL,
     price DECIMAL(8,2) NOT NULL,
     stock INT NOT NULL)`,
  `CREATE TABLE ${DATABASE}.orders (
     id INT PRIMARY KEY AUTO_INCREMENT,
     customer_id INT NOT NULL,
     product_id INT NOT NULL,
     quantity INT NOT NULL,
     status ENUM('open', 'paid', 'shipped', 'refunded') NOT NULL DEFAULT 'open',
     ordered_at DATETIME NOT NULL,
     FOREIGN KEY (customer_id) REFERENCES ${DATABASE}.customers (id),
     FOREIGN KEY (product_id) REFERENCES ${DATABASE}.products (id))`,
  `CREATE TABLE ${DATABASE}.order_notes (
     id INT PRIMARY KEY AUTO_INCREMENT,
     order_id INT NOT NULL,
     note VARCHAR(500) NOT NULL,
     FOREIGN KEY (order_id) REFERENCES ${DATABASE}.orders (id))`,
  `INSERT INTO ${DATABASE}.customers (name, email, city) VALUES
     ('Ada Moreau', 'ada@example.com', 'Lyon'),
     ('Björn Lindqvist', 'bjorn@example.com', 'Malmö'),
     ('Chiara Conti', 'chiara@example.com', 'Torino'),
     ('Daniel O''Hara', 'daniel@example.com', 'Galway'),
     ('Ewa Nowak', 'ewa@example.com', 'Kraków')`,
  `INSERT INTO ${DATABASE}.products (name, price, stock) VALUES
     ('Kettle', 39.90, 12),
     ('Grinder', 84.00, 5),
     ('Filter papers', 4.50, 240),
     ('Mug', 11.00, 60)`,
  `INSERT INTO ${DATABASE}.orders (customer_id, product_id, quantity, status, ordered_at) VALUES
     (1, 1, 1, 'shipped', '2026-01-12 09:30:00'),
     (1, 3, 4, 'paid', '2026-02-03 18:05:00'),
     (2, 2, 1, 'paid', '2026-02-04 07:45:00'),
     (3, 4, 6, 'open', '2026-02-05 12:00:00'),
     (4, 2, 1, 'refunded', '2026-02-06 16:20:00'),
     (5, 1, 2, 'paid', '2026-02-07 10:10:00')`,
];
