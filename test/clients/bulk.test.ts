import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Connection, ConnectionConfig } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMariadbConnector } from '../support/clients/mariadb-connector.js';
import type { ClientLogin } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import type { RecordedStatement } from '../support/recorded.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';

const run = promisify(execFile);
const broker = useSharedBroker();
const JDBC = '/usr/share/java/mariadb-java-client.jar';
const hasJdbc = existsSync(JDBC) && existsSync('/usr/bin/java');

const SCHEMA = [
  `CREATE OR REPLACE TABLE piece (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), price DECIMAL(30, 10),
     made DATETIME(6), bytes BLOB, big BIGINT UNSIGNED, flag TINYINT(1))`,
  "CREATE OR REPLACE TABLE keyed (id INT PRIMARY KEY, note VARCHAR(4) DEFAULT 'none')",
];
const OPTIONS: ConnectionConfig = { insertIdAsNumber: true, pipelining: false };
const MADE = new Date('2026-01-31T23:59:58.123Z');
const INSERT = 'INSERT INTO piece (name, price, made, bytes, big, flag) VALUES (?, ?, ?, ?, ?, ?)';
const PIECES = [
  ['one', 1.5, MADE, Buffer.from([0xff, 0x00, 0x27]), 2n ** 63n - 1n, true],
  [null, undefined, null, null, null, null],
  ["žluť'\\", 2.25, MADE, Buffer.alloc(0), 5n, false],
  ['another type', '12345678901234567890.0123456789', MADE, Buffer.from('text'), 2n ** 64n - 1n, true],
];

const bulksIn = (statements: readonly RecordedStatement[]) =>
  statements.filter(({ entry }) => entry.name === 'COM_STMT_BULK_EXECUTE');
describe.each(engines().filter(({ flavour }) => flavour === 'mariadb'))(
  'batch() of the MariaDB connector, through an endpoint of $flavour $version,',
  (engine) => {
    let target: TestTarget;
    let direct: ClientLogin;

    beforeAll(async () => {
      target = await makeTarget(broker(), engine, { schema: SCHEMA });
      direct = { ...rootLogin(engine), database: target.database };
    });
    afterAll(() => target?.drop());

    /** Runs with a login directly, and through an endpoint in plain text and with TLS, each on fresh data. */
    const expectTheSame = async (
      work: (connection: Connection) => Promise<unknown>,
    ): Promise<readonly RecordedStatement[]> => {
      const task = await openTask(broker(), target);
      const answers: unknown[] = [];
      for (const login of [direct, task.login, task.tlsLogin]) {
        await target.root(...SCHEMA);
        answers.push(await withMariadbConnector(login, work, OPTIONS));
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
      return (await task.close()).statements;
    };

    test('gives the shape that it gives directly, with and without a full result', async () => {
      const statements = await expectTheSame(async (connection) => {
        const seen: unknown[] = [];
        const batch = async (sql: string, rows: unknown, form = {}) =>
          seen.push(await connection.batch({ sql, ...form }, rows));
        for (const form of [{}, { fullResult: true }, { fullResult: false }]) {
          await batch(INSERT, PIECES, form);
          const names = [
            ['a', 1],
            ['b', 2],
            ['c', 99],
          ];
          await batch('UPDATE piece SET name = ? WHERE id = ?', names, form);
          await batch('DELETE FROM piece WHERE id = ?', [[1], [77]], form);
          const keys = [
            [1, 'a'],
            [1, 'b'],
            [2, 'c'],
          ];
          await batch('REPLACE INTO keyed VALUES (?, ?)', keys, form);
          await batch('INSERT INTO piece (name) VALUES (?) RETURNING id, name', [['x'], ['y']], form);
        }
        await batch('UPDATE piece SET price = ? WHERE id = ?', [[7, 2]], { metaAsArray: true });
        const named = [
          { id: 8, note: 'n' },
          { id: 9, note: 'm' },
        ];
        await batch('INSERT INTO keyed VALUES (:id, :note)', named, { namedPlaceholders: true });
        const many = Array.from({ length: 2_000 }, (_, index) => [1_000 + index, `n${index % 100}`]);
        await batch('INSERT INTO keyed VALUES (?, ?)', many);
        for (const table of ['piece', 'keyed']) seen.push(await connection.query(`SELECT * FROM ${table} ORDER BY id`));
        return seen;
      });
      const bulks = bulksIn(statements);
      expect(bulks.length).toBeGreaterThan(20);
      // What it was executed with is recorded value by value.
      const [first, second] = bulks;
      expect(first?.entry).toMatchObject({ verdict: 'allow', body: { text: INSERT } });
      expect(first?.entry.body.bulk).toEqual({
        types: ['VAR_STRING', 'DOUBLE', 'DATETIME', 'BLOB', 'LONGLONG', 'TINY'].map((type) => ({
          type: `MYSQL_TYPE_${type}`,
        })),
        rows: [
          ['one', 1.5, expect.stringMatching(/^2026-0[12]-\d\d /), { base64: '/wAn' }, '9223372036854775807', 1],
          [null, null, null, null, null, null],
        ],
      });
      expect(first?.result).toMatchObject({
        outcome: 'ok',
        body: { results: [{ kind: 'ok', affectedRows: 2, lastInsertId: 1 }] },
      });
      expect(second?.entry.body.bulk?.rows).toHaveLength(1);
      expect(bulks.find(({ entry }) => entry.body.bulk?.rows.length === 2_000)?.entry.body.bulk?.rows.at(-1)).toEqual([
        2_999,
        'n99',
      ]);
    });

    test('fails as it fails directly, with what ran before an error, with warnings and in transactions', async () => {
      await expectTheSame(async (connection) => {
        const seen: unknown[] = [];
        const state = async () => seen.push(await connection.query('SELECT * FROM keyed ORDER BY id'));
        const batch = async (sql: string, rows: unknown) => {
          const said = await connection.batch(sql, rows).catch((error: unknown) => {
            const { errno, sqlState, sqlMessage, fatal } = Object(error);
            return { errno, sqlState, sqlMessage, fatal };
          });
          seen.push(said);
          await state();
        };
        await batch('INSERT INTO keyed (id) VALUES (?)', [[1], [2], [3]]);
        await batch('INSERT INTO keyed (id) VALUES (?)', [[4], [2], [5]]);
        await batch('UPDATE keyed SET id = ? WHERE id = ?', [
          [10, 1],
          [3, 2],
          [30, 3],
        ]);
        await connection.beginTransaction();
        await batch('DELETE FROM keyed WHERE id = ?', [[2], [3]]);
        await connection.rollback();
        await state();
        await connection.query("SET sql_mode = ''");
        await batch('INSERT INTO keyed VALUES (?, ?)', [
          [50, 'fits'],
          [51, 'too long'],
        ]);
        seen.push(await connection.query('SHOW WARNINGS'));
        await batch('INSERT INTO nowhere VALUES (?)', [[1]]);
        return seen;
      });
    });

    test.skipIf(!hasJdbc)(
      'and executeBatch() of its JDBC driver with useBulkStmts does what it does directly',
      async () => {
        const folder = join(makeTemporaryFolder(), 'bulk');
        await mkdir(folder);
        await writeFile(join(folder, 'Batch.java'), BATCH);
        const task = await openTask(broker(), target);
        const outputs: string[] = [];
        for (const { host, port, user, password } of [direct, task.login]) {
          await target.root(...SCHEMA);
          const url = `jdbc:mariadb://${host}:${port}/${target.database}?useBulkStmts=true&useServerPrepStmts=true`;
          const java = ['-Xmx128m', '-cp', JDBC, 'Batch.java', url, user, password, target.database];
          outputs.push((await run('/usr/bin/java', java, { cwd: folder })).stdout);
        }
        await rm(folder, { recursive: true, force: true });
        expect(outputs[0]).toContain('-2');
        expect(outputs[1]).toBe(outputs[0]);
        expect(bulksIn((await task.close()).statements).length).toBeGreaterThan(0);
      },
      120_000,
    );
  },
);

const BATCH = `
import java.sql.*;
import java.util.*;
public class Batch {
  public static void main(String[] args) throws Exception {
    try (Connection connection = DriverManager.getConnection(args[0], args[1], args[2])) {
      PreparedStatement insert = connection.prepareStatement(
        "INSERT INTO piece (name, price, big) VALUES (?, ?, ?)", Statement.RETURN_GENERATED_KEYS);
      for (int row = 0; row < 50; row += 1) {
        if (row % 7 == 0) insert.setNull(1, Types.VARCHAR); else insert.setString(1, "name " + row);
        insert.setBigDecimal(2, new java.math.BigDecimal(row + ".25"));
        insert.setLong(3, row * 1000000007L);
        insert.addBatch();
      }
      System.out.println(Arrays.toString(insert.executeBatch()));
      ResultSet keys = insert.getGeneratedKeys();
      while (keys.next()) System.out.println(keys.getLong(1));
      PreparedStatement update = connection.prepareStatement("UPDATE piece SET flag = ? WHERE id = ?");
      for (int row = 1; row < 4; row += 1) { update.setBoolean(1, true); update.setInt(2, row); update.addBatch(); }
      System.out.println(Arrays.toString(update.executeBatch()));
      try {
        PreparedStatement keyed = connection.prepareStatement("INSERT INTO keyed (id) VALUES (?)");
        for (int id : new int[] {1, 2, 1}) { keyed.setInt(1, id); keyed.addBatch(); }
        keyed.executeBatch();
      } catch (BatchUpdateException error) {
        System.out.println(error.getErrorCode() + " " + error.getSQLState());
      }
      ResultSet rows = connection.createStatement().executeQuery("SELECT SUM(big), COUNT(name), SUM(flag) FROM piece");
      rows.next();
      System.out.println(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
    }
  }
}`;
