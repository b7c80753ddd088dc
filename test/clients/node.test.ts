import { createPool } from 'mariadb';
import mysql, { type FieldPacket, type RowDataPacket } from 'mysql2/promise';
import { DataSource, EntitySchema, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMariadbConnector } from '../support/clients/mariadb-connector.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin, connectionOptions } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { hostileName } from '../support/names.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { PRIVILEGES, schemaOf } from './schema.js';

const broker = useSharedBroker();

const READS = [
  'SELECT * FROM every ORDER BY id',
  'SELECT * FROM `žluť_表` ORDER BY 1',
  'CALL several()',
  'CALL outs(4, @b, @c)',
];
const MYSQL2_OPTIONS = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, jsonStrings: true };
const MARIADB_OPTIONS = { insertIdAsNumber: true, dateStrings: true, autoJsonMap: false, pipelining: false };

describe.each(engines())('through an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      // TypeORM takes what stands before a dot for the name of a database.
      database: hostileName().replaceAll('.', '_'),
      schema: schemaOf(engine.flavour),
      privileges: PRIVILEGES,
    });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  /** Runs with a login directly, through an endpoint in plain text, and with TLS, each on fresh data. */
  const expectTheSame = async (run: (login: ClientLogin) => Promise<unknown>): Promise<void> => {
    const task = await openTask(broker(), target);
    const answers: unknown[] = [];
    for (const login of [direct, task.login, task.tlsLogin]) {
      await target.root(...schemaOf(engine.flavour));
      answers.push(await run(login));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    await task.close();
  };

  test('mysql2 reads every type with its columns, in both protocols and as a stream', async () => {
    await expectTheSame((login) =>
      withMysql2(
        login,
        async (connection) => {
          const seen: unknown[] = [];
          for (const sql of READS) {
            for (const [rows, fields] of [
              await connection.query({ sql, rowsAsArray: true }),
              await connection.execute({ sql, rowsAsArray: true }),
            ]) {
              seen.push(rows, (fields ?? []).flat().map(columnOf));
            }
          }
          seen.push(
            await connection.execute('INSERT INTO piece VALUES (?, ?, ?)', [9, Buffer.alloc(70_000, 0xff), null]),
          );
          const { connection: callbacks } = Object(connection);
          for await (const row of callbacks.query('SELECT * FROM piece ORDER BY id').stream()) seen.push(row);
          return seen;
        },
        MYSQL2_OPTIONS,
      ),
    );
  });

  test('mysql2’s pool gives connections out again, checked and reset', async () => {
    await expectTheSame(async (login) => {
      const pool = mysql.createPool({ ...(await connectionOptions(login)), connectionLimit: 3 });
      try {
        const sleeps = Array.from({ length: 9 }, (_, index) =>
          pool.query<RowDataPacket[]>('SELECT ? + 1 AS n', [index]),
        );
        const rows = (await Promise.all(sleeps)).map(([found]) => found);
        const connection = await pool.getConnection();
        await connection.query('SET @left = 1');
        await connection.ping();
        await connection.reset();
        const [left] = await connection.query<RowDataPacket[]>('SELECT @left AS v, DATABASE() AS d');
        connection.release();
        return [rows, left];
      } finally {
        await pool.end();
      }
    });
  });

  test('the MariaDB connector reads every type, streams, and runs a batch row by row', async () => {
    await expectTheSame(
      (login) =>
        withMariadbConnector(
          login,
          async (connection) => {
            const seen: unknown[] = [];
            for (const sql of READS) {
              seen.push(
                await connection.query({ sql, rowsAsArray: true }),
                await connection.execute({ sql, rowsAsArray: true }),
              );
            }
            seen.push(
              await connection.batch('INSERT INTO item (name, price) VALUES (?, ?)', [
                ['a', 1],
                ['b', null],
                ['c', 2.5],
              ]),
            );
            seen.push(
              await connection.batch('UPDATE item SET price = ? WHERE name = ?', [
                [7, 'a'],
                [8, 'nobody'],
              ]),
            );
            for await (const row of connection.queryStream('SELECT * FROM item ORDER BY id')) seen.push(row);
            return seen.map(plainOf);
          },
          { ...MARIADB_OPTIONS, bulk: false },
        ), // with rows of values at once: bulk.test.ts
    );
  });

  test('the MariaDB connector pipelines texts and executions, and gets the answers in order', async () => {
    await expectTheSame((login) =>
      withMariadbConnector(
        login,
        async (connection) => {
          const statement = await connection.prepare('SELECT ? * 2 AS n');
          const numbers = Array.from({ length: 100 }, (_, index) => index);
          const answers = await Promise.all(
            numbers.map((n) => (n % 3 === 0 ? connection.query(`SELECT ${n} AS n`) : statement.execute([n]))),
          );
          statement.close();
          return answers.map(plainOf);
        },
        { ...MARIADB_OPTIONS, pipelining: true },
      ),
    );
  });

  test('JSON columns are what they are directly, in both protocols, with mysql2 and the MariaDB connector', async () => {
    const read = "SELECT doc, JSON_OBJECT('k', id) AS made FROM every ORDER BY id";
    await expectTheSame(async (login) => [
      await withMysql2(login, async (connection) => [
        (await connection.query<RowDataPacket[]>(read))[0],
        (await connection.execute<RowDataPacket[]>(read))[0],
      ]),
      await withMariadbConnector(login, async (connection) => [
        plainOf(await connection.query(read)),
        // In one call: EXECUTE of "the one just prepared" goes ahead of the answer to PREPARE.
        plainOf(await connection.execute(`${read} LIMIT ?`, [10])),
        await connection
          .execute('SELECT missing FROM every', [])
          .catch(({ errno }: { readonly errno: number }) => errno),
        plainOf(await connection.execute('SELECT ? AS again', ['x'])),
      ]),
    ]);
  });

  test('the MariaDB connector’s pool checks, resets and reuses its connections', async () => {
    await expectTheSame(async (login) => {
      const pool = createPool({
        ...(await connectionOptions(login)),
        allowPublicKeyRetrieval: true,
        connectionLimit: 1, // so that it is always the same one that is given out again
        minDelayValidation: 0,
        resetAfterUse: true,
        noControlAfterUse: false,
      });
      try {
        const seen: unknown[] = [];
        for (let round = 0; round < 4; round += 1) {
          const connection = await pool.getConnection();
          seen.push(plainOf(await connection.query('SELECT @left AS v')));
          await connection.query('SET @left = 1');
          await connection.beginTransaction();
          await connection.query("INSERT INTO item (name) VALUES ('rolled back')");
          await connection.release();
        }
        seen.push(plainOf(await pool.query('SELECT COUNT(*) AS n FROM item')));
        return seen;
      } finally {
        await pool.end();
      }
    });
  });

  test('TypeORM reads the schema, finds nothing to change, and works with entities', async () => {
    await expectTheSame(async (login) => {
      const source = new DataSource(await typeormOptions(login, engine.flavour));
      await source.initialize();
      const runner = source.createQueryRunner();
      try {
        const tables = await runner.getTables(['item', 'every', 'piece', 'žluť_表']);
        const views = await runner.getViews(['dear']);
        const { upQueries } = await source.driver.createSchemaBuilder().log();
        expect(upQueries).toEqual([]);
        const items = source.getRepository(Item);
        const before = await items.find({ order: { id: 'ASC' } });
        await source.transaction(async (manager) => {
          await manager.save(Item, { name: 'saved', price: '3.00' });
          await manager.update(Item, { name: 'pear' }, { price: '9.00' });
        });
        const after = await items.findAndCount({ where: { price: '9.00' } });
        return JSON.parse(
          JSON.stringify({ tables: tables.map(described), views: views.length, upQueries, before, after }),
        );
      } finally {
        await runner.release();
        await source.destroy();
      }
    });
  });
});

interface ItemRow {
  id: number;
  name: string;
  price: string | null;
}

const Item = new EntitySchema<ItemRow>({
  name: 'item',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'varchar', length: 100, default: 'none' },
    price: { type: 'decimal', precision: 12, scale: 2, nullable: true },
  },
  uniques: [{ name: 'by_name', columns: ['name'] }],
});

async function typeormOptions(login: ClientLogin, type: 'mysql' | 'mariadb'): Promise<DataSourceOptions> {
  const { user, database = '', ...rest } = await connectionOptions(login);
  return { type, username: user, database, ...rest, entities: [Item], synchronize: false };
}

function described({
  name,
  columns,
  indices,
  uniques,
  engine,
}: Awaited<ReturnType<ReturnType<DataSource['createQueryRunner']>['getTables']>>[number]): unknown {
  return {
    name,
    engine,
    columns: columns.toSorted((a, b) => a.name.localeCompare(b.name)), // MySQL gives no order
    indices,
    uniques,
  };
}

/** A column's definition as the server sent it, without where the driver keeps it in its buffers. */
function columnOf(field: FieldPacket): unknown {
  const { name, orgName, table, orgTable, columnType, columnLength, flags, decimals, characterSet } = Object(field);
  return { name, orgName, table, orgTable, columnType, columnLength, flags, decimals, characterSet };
}

/**
 * The connector hangs the columns' definitions on its arrays; here only the values count. MariaDB's extended metadata
 * are not offered to clients, so through an endpoint a NULL of the type POINT is null, not a point without coordinates.
 */
function plainOf(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner === 'bigint') return String(inner);
      return isPointWithoutCoordinates(inner) ? null : inner;
    }),
  );
}

function isPointWithoutCoordinates(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).join(',') === 'type';
}
