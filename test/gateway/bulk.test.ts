import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ConnectionConfig } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import {
  MARIADB_CLIENT_BULK_UNIT_RESULTS,
  MARIADB_CLIENT_STMT_BULK_OPERATIONS,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_STMT_BULK_EXECUTE,
  COM_STMT_EXECUTE,
  COM_STMT_SEND_LONG_DATA,
} from '../../src/protocols/mysql/wire/commands.js';
import { MYSQL_TYPE_LONG, MYSQL_TYPE_VAR_STRING } from '../../src/protocols/mysql/wire/values/field-types.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { executeContent } from '../clients/wire-client.js';
import { decide, outcomeOf, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMariadbConnector } from '../support/clients/mariadb-connector.js';
import type { ClientLogin } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import type { RecordedStatement } from '../support/recorded.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';
import { statementAsked } from '../support/statement-asked.js';

/** The default policies, but that changes of these tables run at once. */
const POLICIES = `${DEFAULT_POLICY_TEXT}
@id("free")
permit (principal, action in Action::"write", resource is Table)
when { ["piece", "keyed"].contains(resource.name) };
`;
const run = promisify(execFile);
const broker = useSharedBroker(POLICIES);

const SCHEMA = [
  `CREATE OR REPLACE TABLE piece (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), price DECIMAL(30, 10),
     made DATETIME(6), bytes BLOB, big BIGINT UNSIGNED, flag TINYINT(1))`,
  "CREATE OR REPLACE TABLE keyed (id INT PRIMARY KEY, note VARCHAR(4) DEFAULT 'none')",
  'CREATE OR REPLACE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, total INT, note VARCHAR(40))',
];
const OPTIONS: ConnectionConfig = { insertIdAsNumber: true, pipelining: false };
const bulksIn = (statements: readonly RecordedStatement[]) =>
  statements.filter(({ entry }) => entry.name === 'COM_STMT_BULK_EXECUTE');
/** Nested further than is looked at: the target is asked in the client's own session whether it would take it. */
const NOT_UNDERSTOOD = `UPDATE orders SET total = ${'('.repeat(250)}1${')'.repeat(250)}`;
const valueOf = (bytes: Buffer) => Buffer.concat([Buffer.from([0]), bytes]);
const int = (value: number) => valueOf(new PayloadWriter().uint32(value >>> 0).finish());
const text = (value: string) => valueOf(new PayloadWriter().lenencText(value).finish());
const [DEFAULT, IGNORE] = [Buffer.from([2]), Buffer.from([3])];

/** The content of COM_STMT_BULK_EXECUTE. Without types it says that they came before. */
function rowsOf(id: number, types: readonly number[], rows: readonly (readonly Buffer[])[]): Buffer {
  const writer = new PayloadWriter().uint32(id).uint16(types.length === 0 ? 0 : 128);
  for (const type of types) writer.uint16(type);
  return writer.bytes(Buffer.concat(rows.flat())).finish();
}

describe.each(engines().filter(({ flavour }) => flavour === 'mariadb'))(
  'a statement executed with many rows of values on $flavour $version',
  (engine) => {
    let target: TestTarget;

    beforeAll(async () => {
      target = await makeTarget(broker(), engine, { schema: SCHEMA });
    });
    afterAll(() => target?.drop());

    const rawClient = async (login: ClientLogin) => {
      const client = await RawClient.logIn(login, {
        mariadbCapabilities: MARIADB_CLIENT_STMT_BULK_OPERATIONS | MARIADB_CLIENT_BULK_UNIT_RESULTS,
      });
      const bulk = async (content: Buffer) => {
        client.command(COM_STMT_BULK_EXECUTE, content);
        const { results, error } = await client.response(COM_STMT_BULK_EXECUTE);
        return error === undefined ? results[0] : { errno: error.errno, message: error.message };
      };
      return { client, bulk };
    };

    test('is one question, approved once for these rows with the number that they are', async () => {
      const task = await openTask(broker(), target);
      await target.root(...SCHEMA);
      const rows = Array.from({ length: 1_000 }, (_, index) => [index * 2, index === 1 ? "a', 'b" : `note ${index}`]);
      await withMariadbConnector(
        task.login,
        async (connection) => {
          const running = connection.batch('INSERT INTO orders (total, note) VALUES (?, ?)', rows);
          const approval = await seeHeld(broker(), task.id, { withPreview: true });
          expect(approval).toMatchObject({
            why: expect.stringContaining('It runs once for each of 1000 rows of values.'),
            preview: { affected: { kind: 'exact', rows: 1_000 } },
            offeredScope: { kind: 'once', rowsMax: 1_000 },
            statement: {
              values: null,
              bulk: {
                rowCount: 1_000,
                rows: expect.arrayContaining([
                  [
                    { type: 'MYSQL_TYPE_LONG', value: 2, shown: '2' },
                    { type: 'MYSQL_TYPE_VAR_STRING', value: "a', 'b", shown: "'a'', ''b'" },
                  ],
                ]),
              },
            },
          });
          expect(statementAsked(approval).bulk?.rows).toHaveLength(1_000);
          await decide(broker(), approval.id, { decision: 'approve', scope: { kind: 'once', rowsMax: 1_000 } });
          expect(await running).toMatchObject({ affectedRows: 1_000, insertId: 1 });

          // Each row of an UPDATE may hit any number: together they are held to what was approved.
          const updating = outcomeOf(
            connection.batch('UPDATE orders SET total = ? WHERE id > ?', [
              [-1, 999],
              [-2, 500],
            ]),
          );
          const update = await seeHeld(broker(), task.id, { withPreview: true });
          expect(update.preview).toMatchObject({
            affected: { kind: 'unknown', why: expect.stringContaining('once for each of 2 rows of values') },
          });
          await decide(broker(), update.id, { decision: 'approve', scope: { kind: 'once', rowsMax: 100 } });
          expect((await updating).error?.message).toContain('It changed 501 rows, and 100 were approved');

          const denied = outcomeOf(connection.batch('DELETE FROM orders WHERE id = ?', [[1], [2]]));
          await decide(broker(), (await seeHeld(broker(), task.id)).id, { decision: 'deny', reason: 'Not these.' });
          expect((await denied).error?.message).toContain('Not these.');
          expect(await connection.query('SELECT COUNT(*) AS n, MIN(total) AS least FROM orders')).toEqual([
            { n: 1_000n, least: 0 },
          ]);
        },
        OPTIONS,
      );
      const recorded = await task.close();
      const [inserted, updated, deleted] = bulksIn(recorded.statements);
      expect(inserted?.entry).toMatchObject({ verdict: 'hold', body: { bulk: { rows } } });
      expect(inserted?.result?.body.results).toMatchObject([{ affectedRows: 1_000 }]);
      for (const failed of [updated, deleted]) expect(failed?.result).toMatchObject({ outcome: 'error' });
      expect(recorded.of('approval.asked')).toHaveLength(3);
      const cli = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
      const { stdout } = await run(process.execPath, [cli, 'replay', recorded.path]);
      expect(stdout).toContain("row 2: 2 (long), 'a'', ''b' (var string)\n");
      expect(stdout).toContain('and 980 more rows of values\n');
      const found = await run(process.execPath, [cli, 'replay', '--grep', 'note 999', recorded.path]);
      expect(found.stdout).toContain('INSERT INTO orders');
    });

    test('finds its approval, where a held one is answered with an error, with the same rows, and with no others', async () => {
      const task = await openTask(broker(), target, { onHold: 'error' });
      await target.root(...SCHEMA);
      await withMariadbConnector(
        task.login,
        async (connection) => {
          const insert = (...totals: readonly number[]) =>
            outcomeOf(
              connection.batch(
                'INSERT INTO orders (total) VALUES (?)',
                totals.map((total) => [total]),
              ),
            );
          const ids: string[] = [];
          for (const totals of [
            [1, 2],
            [1, 2],
            [1, 3],
            [1, 2, 3],
          ]) {
            const { error } = await insert(...totals);
            expect(error?.message).toContain('(statement_held)');
            ids.push(/approval (\w+)\./.exec(error?.message ?? '')?.[1] ?? '');
          }
          expect(ids[1]).toBe(ids[0]);
          expect(new Set(ids).size).toBe(3);
          await decide(broker(), ids[0] ?? '', {
            decision: 'approve',
            scope: { kind: 'shape', runsMax: 2, rowsMax: 2 },
          });
          for (const totals of [
            [1, 3],
            [5, 6],
          ]) {
            expect(await insert(...totals)).toMatchObject({ result: { affectedRows: 2 } });
          }
          // As many rows, but of another type; and more of them: both are of other shapes.
          expect(
            (await outcomeOf(connection.batch('INSERT INTO orders (total) VALUES (?)', [['7'], ['8']]))).error,
          ).toBeDefined();
          expect((await insert(1, 2, 4)).error).toBeDefined();
          expect(await connection.query('SELECT total FROM orders ORDER BY id')).toEqual(
            [1, 3, 5, 6].map((total) => ({ total })),
          );
        },
        OPTIONS,
      );
      await task.close();
    });

    test('takes what stands in place of values where it is harmless, and is refused before the target reads it else', async () => {
      const task = await openTask(broker(), target, { onHold: 'error' });
      await target.root(...SCHEMA, "INSERT INTO keyed VALUES (1, 'one')");
      const { client, bulk } = await rawClient(task.login);
      const types = [MYSQL_TYPE_LONG, MYSQL_TYPE_VAR_STRING];
      const insert = await client.prepare('INSERT INTO keyed VALUES (?, ?)');
      expect(
        await bulk(
          rowsOf(insert, types, [
            [int(2), DEFAULT],
            [int(3), IGNORE],
            [int(4), text('four')],
          ]),
        ),
      ).toMatchObject({ affectedRows: 3 });
      const update = await client.prepare('UPDATE keyed SET note = ? WHERE id = ?');
      const swapped = [MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_LONG];
      expect(
        await bulk(
          rowsOf(update, swapped, [
            [IGNORE, int(1)],
            [text('two'), int(2)],
          ]),
        ),
      ).toMatchObject({
        affectedRows: 1,
      });
      expect(await target.rootRows('SELECT * FROM keyed ORDER BY id')).toEqual(
        ['one', 'two', 'none', 'four'].map((note, index) => ({ id: index + 1, note })),
      );

      const refused = async (content: Buffer, code: string) =>
        expect(await bulk(content), code).toMatchObject({ message: expect.stringContaining(`(${code})`) });
      await refused(rowsOf(update, swapped, [[DEFAULT, int(1)]]), 'bulk_refused');
      const select = await client.prepare('SELECT * FROM keyed WHERE id = ?');
      await refused(rowsOf(select, [MYSQL_TYPE_LONG], [[int(1)]]), 'bulk_refused');
      await refused(
        rowsOf(await client.prepare('SET sql_mode = ?'), [MYSQL_TYPE_VAR_STRING], [[text('')]]),
        'bulk_refused',
      );
      await refused(
        rowsOf(await client.prepare('ANALYZE DELETE FROM keyed WHERE id = ?'), [MYSQL_TYPE_LONG], [[int(1)]]),
        'bulk_refused',
      );
      for (const rows of [[], [[int(5)]], [[int(5), Buffer.from([4])]], [[int(6), text('six')], [int(7)]]]) {
        await refused(rowsOf(insert, types, rows), 'packet_malformed');
      }
      await refused(Buffer.concat([new PayloadWriter().uint32(insert).uint16(192).finish()]), 'packet_malformed');
      await refused(rowsOf(insert, [255, 255], [[int(5), int(5)]]), 'packet_malformed');
      await refused(rowsOf(insert + 4_711, types, [[int(5), text('five')]]), 'statement_unknown');
      client.command(
        COM_STMT_SEND_LONG_DATA,
        new PayloadWriter().uint32(insert).uint16(1).bytes(Buffer.from('long')).finish(),
      );
      await refused(rowsOf(insert, types, [[int(5), text('five')]]), 'packet_malformed');
      expect(await target.rootRows('SELECT COUNT(*) AS n FROM keyed')).toEqual([{ n: 4 }]);

      // −1 is the statement that was prepared last, whatever the gateway has prepared of its own meanwhile.
      const last = await client.prepare('DELETE FROM keyed WHERE id = ?');
      expect((await client.query(NOT_UNDERSTOOD)).error?.message).toContain('(statement_held)');
      expect(await bulk(rowsOf(-1 >>> 0, [MYSQL_TYPE_LONG], [[int(3)], [int(4)]]))).toMatchObject({ affectedRows: 2 });
      expect(await bulk(rowsOf(last, [], [[int(2)]]))).toMatchObject({ affectedRows: 1 });
      const recorded = await task.close();
      expect(bulksIn(recorded.statements)[0]?.entry.body.bulk?.rows).toEqual([
        [2, { indicator: 'default' }],
        [3, { indicator: 'ignore' }],
        [4, 'four'],
      ]);
    });

    test('leaves no types behind that the target may not have', async () => {
      const task = await openTask(broker(), target);
      const { client, bulk } = await rawClient(task.login);
      // Refused by the target before it has read the types of this execution: it has those of the one before.
      const id = await client.prepare('DELETE keyed FROM keyed, piece WHERE keyed.id = ? AND piece.id = keyed.id');
      const number = { type: MYSQL_TYPE_LONG, bytes: new PayloadWriter().uint32(1).finish() };
      client.command(COM_STMT_EXECUTE, executeContent(id, [number], {}));
      expect((await client.response(COM_STMT_EXECUTE)).error).toBeUndefined();
      expect(await bulk(rowsOf(id, [MYSQL_TYPE_VAR_STRING], [[text('abc')]]))).toMatchObject({ errno: 1295 });
      client.command(COM_STMT_EXECUTE, executeContent(id, [number], { withoutTypes: true }));
      expect((await client.response(COM_STMT_EXECUTE)).error?.message).toContain('came with an execution that failed');
      client.command(COM_STMT_EXECUTE, executeContent(id, [number], {}));
      expect((await client.response(COM_STMT_EXECUTE)).error).toBeUndefined();
      await task.close();
    });
  },
);
