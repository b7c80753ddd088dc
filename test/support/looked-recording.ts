import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ConnectionView } from '../../src/contracts/grants/grant.js';
import { COM_STMT_EXECUTE, COM_STMT_FETCH } from '../../src/protocols/mysql/wire/commands.js';
import type { Broker } from './broker.js';
import { RawClient } from './clients/raw.js';
import { runAsRoot } from './databases.js';
import type { DatabaseAddress } from './servers/database-server.js';

/** Statements whose recording tests look into, by what they show. */
export const TEXTS = {
  rows: 'SELECT * FROM things ORDER BY id',
  prepared: 'SELECT name, data, id FROM things WHERE id >= ? ORDER BY id',
  several: 'CALL several()',
  insert: "INSERT INTO notes (what) VALUES ('seen')",
  many: 'SELECT id FROM many ORDER BY id',
  long: "SELECT REPEAT('x', 100000) AS long_text, REPEAT(UNHEX('00'), 100000) AS long_bytes",
  wrong: 'SELECT nothing FROM things',
  held: 'UPDATE orders SET total = 11 WHERE id = 1',
  denied: 'DELETE FROM orders',
  cursor: 'SELECT id, name FROM things ORDER BY id',
} as const;

/** Tables that they read: values of each kind, and more rows than a page has. */
export async function makeThings(server: DatabaseAddress, database: string): Promise<void> {
  await runAsRoot(server, [
    `USE ${database}`,
    `CREATE TABLE things (id INT UNSIGNED PRIMARY KEY, name VARCHAR(9), data BLOB, price DECIMAL(9,2),
       made DATETIME(3), bits BIT(8), kind ENUM('a', 'b'), doc JSON, latin VARCHAR(9) CHARACTER SET latin1)`,
    `INSERT INTO things VALUES
       (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
       (2, '', '', 1.50, '2026-01-31 12:00:00.125', b'101', 'b', '{"a": 1}', 'é'),
       (3, '0x61', 'a', 0, '0000-00-00', b'0', 'a', '[]', ''),
       (4, 'é\u202e', x'00ff', -1, '2026-01-31', b'0', 'a', '[]', '')`,
    "CREATE PROCEDURE several() BEGIN SELECT 1 AS one; SELECT 'two' AS two, NULL AS none; END",
    'CREATE TABLE many (id INT PRIMARY KEY)',
    'CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(9))',
    'INSERT INTO many SELECT seq FROM seq_1_to_250',
  ]);
}

/** As drivers with server-side cursors do: the execution is answered with columns alone, and rows are fetched by twos. */
export async function fetchFromCursor({
  host,
  port,
  username: user,
  password,
  database,
}: ConnectionView): Promise<void> {
  const client = await RawClient.logIn({ host, port, user, password, ...(database === null ? {} : { database }) });
  const statement = await client.prepare(TEXTS.cursor);
  const [execute, fetch] = [Buffer.alloc(9), Buffer.alloc(8)];
  execute.writeUInt32LE(statement);
  execute.writeUInt8(1, 4); // CURSOR_TYPE_READ_ONLY
  execute.writeUInt32LE(1, 5);
  fetch.writeUInt32LE(statement);
  fetch.writeUInt32LE(2, 4);
  client.command(COM_STMT_EXECUTE, execute);
  await client.response(COM_STMT_EXECUTE, true);
  for (let count = 0; count < 2; count += 1) {
    client.command(COM_STMT_FETCH, fetch);
    await client.response(COM_STMT_FETCH);
  }
  client.end();
}

/** The file of a sealed recording's marks, which the worker makes once it is sealed. */
export async function marksThere(
  { recordingsFolder }: Pick<Broker, 'recordingsFolder'>,
  grant: string,
): Promise<string> {
  const path = join(recordingsFolder, `${grant}.marks.json`);
  await expect.poll(() => existsSync(path), { timeout: 45_000 }).toBe(true);
  return path;
}
