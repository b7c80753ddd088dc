import { type Connection } from 'mariadb';
import { type RowDataPacket } from 'mysql2';
import { type Connection as Mysql2Connection } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { runMariadbCli } from '../support/clients/mariadb-cli.js';
import { withMariadbConnector } from '../support/clients/mariadb-connector.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runMysqlCli } from '../support/clients/mysql-cli.js';
import { type ClientLogin, type ClientOutcome } from '../support/clients/program.js';
import { runPymysql } from '../support/clients/pymysql.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type Recorded, type RecordedStatement } from '../support/recorded.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';

const MIB = 1024 * 1024;
/** More than fits into a packet. */
const BIG_BYTES = 16 * MIB + 1024;

const broker = useSharedBroker(ALLOW_EVERYTHING, { RECORDING_BYTES_PER_STATEMENT_MAX: String(64 * MIB) });
const mysql97 = await findMysql97();

const TABLES = ['every', 'big', 'item'];

const SCHEMA = [
  ...TABLES.map((table) => `DROP TABLE IF EXISTS ${table}`),
  'DROP PROCEDURE IF EXISTS two_results',
  'CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100), price DECIMAL(12,2))',
  'CREATE TABLE big (id INT PRIMARY KEY, body LONGBLOB)',
  `CREATE TABLE every (
     id INT PRIMARY KEY, tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, big BIGINT, big_unsigned BIGINT UNSIGNED,
     exact_number DECIMAL(30,10), single FLOAT, twice DOUBLE, bits BIT(12), day DATE, moment DATETIME(6), stamp TIMESTAMP(3) NULL,
     span TIME(6), in_year YEAR, short_text VARCHAR(200), long_text LONGTEXT, raw BLOB, fixed BINARY(4),
     kind ENUM('one','two'), kinds SET('a','b','c'), doc JSON)`,
  "INSERT INTO item (name, price) VALUES ('apple', 1.50), ('pear', 2.25)",
  `INSERT INTO every VALUES
     (1, -128, 65535, -8388608, -9223372036854775808, 18446744073709551615, 12345678901234567890.0123456789, 1.5, 0.1,
      b'101010101010', '2024-02-29', '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123', '-838:59:58.000001', 2024,
      'žluťoučký 😀', 'x', X'00ff27', X'01020304', 'two', 'a,c', '{"a": [1, null, "ž"]}'),
     (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  `CREATE PROCEDURE two_results() BEGIN SELECT id, name FROM item ORDER BY id; SELECT 'zwei' AS word, NULL AS nothing; END`,
];

const READ = "SELECT id, name, price, 'it''s \"quoted\" \\\\ ž 😀' AS odd  FROM item /* kept as it is */ ORDER BY id";
const READ_EVERY = 'SELECT * FROM every ORDER BY id';
const WRITE = "INSERT INTO item (name, price) VALUES ('plum', 0.75), ('fig', 3)";
const TRANSACTION = ['START TRANSACTION', 'UPDATE item SET price = price + 1', 'ROLLBACK'];
const CALL = 'CALL two_results()';
const FAULT = 'SELECT nothing FROM no_such_table';
const READ_BIG = 'SELECT id, body FROM big';
const writeBig = (letter: string): string => `INSERT INTO big VALUES (1, '${letter.repeat(BIG_BYTES)}')`;

/** What a client program can run; the fault is last because programs end at it. */
const SCRIPT = [READ, READ_EVERY, WRITE, ...TRANSACTION, CALL, 'SELECT COUNT(*), SUM(price) FROM item', FAULT];
const BIG_SCRIPT = [writeBig('p'), READ_BIG];

interface Program {
  readonly name: string;
  readonly run: (login: ClientLogin, script: readonly string[]) => Promise<ClientOutcome>;
}

const ARGS = ['--max-allowed-packet=64M', '--comments', '--default-character-set=utf8mb4'];
const MARIADB_CLI: Program = { name: 'mariadb', run: (login, script) => runMariadbCli(login, script, ARGS) };
const MYSQL_CLI: Program = {
  name: 'mysql 9.7',
  run: (login, script) => runMysqlCli(login, script, [...ARGS, '--init-command=SET NAMES utf8mb4']),
};
const PYMYSQL: Program = { name: 'PyMySQL', run: runPymysql };
const PROGRAMS = [MARIADB_CLI, ...(mysql97.available ? [MYSQL_CLI] : []), PYMYSQL];
/** A row that large takes seconds, so each program moves it through one of the servers. */
const PROGRAMS_WITH_BIG_ROWS = { mariadb: [MARIADB_CLI, PYMYSQL], mysql: [MYSQL_CLI] };

describe.each(engines())('through an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    await runAsRoot(engine, [`SET GLOBAL max_allowed_packet = ${64 * MIB}`]);
    target = await makeTarget(broker(), engine, {
      schema: SCHEMA,
      privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE'],
    });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  /** What a client sees directly, in plain text through the endpoint, and with TLS; each on the same fresh data. */
  const threeWays = async <T>(task: Task, run: (login: ClientLogin) => Promise<T>): Promise<readonly [T, T, T]> => {
    const fresh = async (login: ClientLogin): Promise<T> => {
      await target.root(...SCHEMA);
      return run(login);
    };
    return [await fresh(direct), await fresh(task.login), await fresh(task.tlsLogin)];
  };

  test.each(PROGRAMS)('$name runs a script with the same results, and all of it is recorded', async ({ run }) => {
    const task = await openTask(broker(), target);
    const [expected, plain, tls] = await threeWays(task, (login) => run(login, SCRIPT));
    expect(expected).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no_such_table') });
    expect(expected.stdout).toContain('zwei');
    expect(plain).toEqual(expected);
    expect(tls).toEqual(expected);
    const recorded = await task.close();
    expect(recorded.of('session.opened').map((session) => session.tls?.version.slice(0, 4) ?? null)).toEqual([
      null,
      'TLSv',
    ]);
    for (const session of [1, 2]) expectScript(recorded, session);
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });

  test.each(PROGRAMS_WITH_BIG_ROWS[engine.flavour])(
    '$name writes and reads a row of more than 16 MiB, and both are recorded to the last byte',
    async ({ run }) => {
      const task = await openTask(broker(), target);
      await target.root('TRUNCATE big');
      const outcome = await run(task.tlsLogin, BIG_SCRIPT);
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
      expect(outcome.stdout.includes('p'.repeat(BIG_BYTES))).toBe(true);
      const recorded = await task.close();
      const [write, read] = recorded.statements.filter(({ entry }) => entry.session === 1).slice(-2);
      expect(write?.text.equals(Buffer.from(writeBig('p')))).toBe(true);
      expect(write?.result).toMatchObject({ outcome: 'ok', body: { results: [{ affectedRows: 1 }] } });
      expect(read?.result?.response?.kept).toBe(read?.result?.response?.bytes);
      const [rows] = read?.response?.results ?? [];
      expect(rows?.kind === 'rows' && rows.rows[0]?.[1] === 'p'.repeat(BIG_BYTES)).toBe(true);
    },
  );

  test('mysql2 gives the same results in both protocols, and all of it is recorded', async () => {
    const task = await openTask(broker(), target);
    const [expected, plain, tls] = await threeWays(task, (login) => withMysql2(login, mysql2Script, MYSQL2_OPTIONS));
    expect(plain).toEqual(expected);
    expect(tls).toEqual(expected);
    const recorded = await task.close();
    for (const session of [1, 2]) {
      expectScript(recorded, session);
      expectPrepared(recorded, session, engine);
    }
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });

  test('the MariaDB connector gives the same results in both protocols, and all of it is recorded', async () => {
    const task = await openTask(broker(), target);
    const [expected, plain, tls] = await threeWays(task, (login) =>
      withMariadbConnector(login, mariadbScript, MARIADB_OPTIONS),
    );
    expect(plain).toEqual(expected);
    expect(tls).toEqual(expected);
    const recorded = await task.close();
    for (const session of [1, 2]) {
      expectScript(recorded, session);
      expectPrepared(recorded, session, engine);
    }
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });

  test('the MariaDB connector sends statements without waiting for answers, and they run and are recorded in order', async () => {
    const task = await openTask(broker(), target);
    await target.root(...SCHEMA);
    const rows = await withMariadbConnector(task.login, async (connection) => {
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      await Promise.all(numbers.map((n) => connection.query(`INSERT INTO item (name) VALUES ('n${n}')`)));
      return connection.query("SELECT name FROM item WHERE name LIKE 'n%' ORDER BY id");
    });
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    expect(plainOf(rows)).toEqual(names.map((name) => ({ name })));
    const recorded = await task.close();
    const inserts = recorded.texts.filter((text) => text.startsWith('INSERT'));
    expect(inserts).toEqual(names.map((name) => `INSERT INTO item (name) VALUES ('${name}')`));
  });

  test('the MariaDB connector executes a prepared statement that has no parameters', async () => {
    const task = await openTask(broker(), target);
    await target.root(...SCHEMA);
    const read = 'SELECT name FROM item ORDER BY id';
    const execute = (connection: Connection): Promise<unknown> => connection.execute(read);
    const rows = await withMariadbConnector(task.login, execute, MARIADB_OPTIONS);
    expect(plainOf(rows)).toEqual([{ name: 'apple' }, { name: 'pear' }]);
    const execution = (await task.close()).statements.find(({ entry }) => entry.name === 'COM_STMT_EXECUTE');
    expect(execution?.text.toString('utf8')).toBe(read);
    expect(execution?.response?.results).toMatchObject([{ rows: [['apple'], ['pear']] }]);
  });

  // What is bound comes in the same bytes for both, and test/clients/wire.test.ts sends such values to both.
  if (engine.flavour !== 'mariadb') return;

  test('a value of more than 16 MiB goes up and down in the binary protocol', async () => {
    const task = await openTask(broker(), target);
    await target.root('TRUNCATE big');
    const body = randomBytes(BIG_BYTES);
    const [rows] = await withMysql2(task.login, async (connection) => {
      await connection.execute('INSERT INTO big VALUES (?, ?)', [1, body]);
      return connection.execute<RowDataPacket[]>('SELECT body FROM big WHERE id = ?', [1]);
    });
    expect(body.equals(rows[0]?.['body'])).toBe(true);
    const recorded = await task.close();
    const execution = recorded.statements.find(({ entry }) => entry.body.values?.length === 2);
    expect(execution?.entry.body.values?.[1]?.encoding).toBe('base64');
    expect(body.equals(Buffer.from(String(execution?.entry.body.values?.[1]?.value), 'base64'))).toBe(true);
  });
});

// MariaDB's extended metadata are not offered to clients, so there they do not know which texts are JSON.
const MYSQL2_OPTIONS = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, jsonStrings: true };
// On MariaDB this connector executes the id -1 ahead of the answer to its PREPARE, which is refused, unless told not to.
const MARIADB_OPTIONS = { insertIdAsNumber: true, dateStrings: true, autoJsonMap: false, pipelining: false };

/** Values that a driver sends with different types of the binary protocol. */
const BOUND = [null, 7, -1.5, '9223372036854775807', 'ž 😀', Buffer.from([0, 255, 39]), '2024-02-29 23:59:59.123456'];
const INSERT_EVERY =
  'INSERT INTO every (id, tiny, small, twice, big, short_text, raw, moment) VALUES (3, ?, ?, ?, ?, ?, ?, ?)';
const READ_BY_ID = 'SELECT * FROM every WHERE id = ?';

async function mysql2Script(connection: Mysql2Connection): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const statement of SCRIPT) {
    seen.push(await connection.query({ sql: statement }).then(([rows]) => rows, refusalOf));
  }
  seen.push((await connection.execute(INSERT_EVERY, BOUND))[0]);
  for (const id of [1, 2, 3, 3]) seen.push((await connection.execute(READ_BY_ID, [id]))[0]);
  seen.push((await connection.execute('CALL two_results()', []))[0]);
  seen.push(await connection.execute('SELECT ? + no_such_column', [1]).catch(refusalOf));
  await connection.ping();
  return seen;
}

async function mariadbScript(connection: Connection): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const statement of SCRIPT) seen.push(await connection.query(statement).catch(refusalOf));
  seen.push(await connection.execute(INSERT_EVERY, BOUND));
  for (const id of [1, 2, 3, 3]) seen.push(await connection.execute(READ_BY_ID, [id]));
  seen.push(await connection.execute('SELECT ? + no_such_column', [1]).catch(refusalOf));
  await connection.ping();
  return seen.map(plainOf);
}

/** What a driver says of a refusal, without the parts that differ from session to session. */
function refusalOf(error: unknown): unknown {
  const { errno, sqlState, sqlMessage } = Object(error);
  return { errno, sqlState, sqlMessage };
}

/** The connector hangs the columns' definitions on its arrays; here only the values count. */
function plainOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map(plainOf) : value;
}

function statementsOf(recorded: Recorded, session: number): readonly RecordedStatement[] {
  return recorded.statements.filter(({ entry }) => entry.session === session);
}

/** Every statement of the script in order, with its text to the byte, its effect, its error, and its rows. */
function expectScript(recorded: Recorded, session: number): void {
  const ours = statementsOf(recorded, session).filter(
    ({ text, entry }) => entry.name === 'COM_QUERY' && SCRIPT.includes(text.toString('utf8')),
  );
  expect(ours.map(({ text }) => text.toString('utf8'))).toEqual(SCRIPT);
  const by = (text: string): RecordedStatement | undefined =>
    ours.find((statement) => statement.text.equals(Buffer.from(text)));
  expect(by(READ)?.response?.results).toMatchObject([
    {
      kind: 'rows',
      rows: [
        ['1', 'apple', '1.50', `it's "quoted" \\ ž 😀`],
        ['2', 'pear', '2.25', `it's "quoted" \\ ž 😀`],
      ],
    },
  ]);
  expect(by(WRITE)?.result).toMatchObject({
    outcome: 'ok',
    body: { results: [{ kind: 'ok', affectedRows: 2, lastInsertId: 3 }] },
  });
  expect(by('UPDATE item SET price = price + 1')?.result).toMatchObject({ body: { results: [{ affectedRows: 4 }] } });
  expect(by(CALL)?.response?.results).toMatchObject([
    { kind: 'rows', rowCount: 4 },
    { kind: 'rows', rows: [['zwei', null]] },
    { kind: 'ok' },
  ]);
  expect(by('SELECT COUNT(*), SUM(price) FROM item')?.response?.results).toMatchObject([{ rows: [['4', '7.50']] }]);
  expect(by(FAULT)?.result).toMatchObject({ outcome: 'error', body: { error: { errno: 1146, sqlState: '42S02' } } });
  expect(by(FAULT)?.response?.error).toMatchObject({ errno: 1146 });
}

/** What was bound, and the rows that came back in the binary protocol. */
function expectPrepared(recorded: Recorded, session: number, engine: DatabaseAddress): void {
  const executions = statementsOf(recorded, session).filter(({ entry }) => entry.name === 'COM_STMT_EXECUTE');
  const insert = executions.find(({ text }) => text.equals(Buffer.from(INSERT_EVERY)));
  const values = insert?.entry.body.values;
  expect(values?.map(({ value }) => value)).toEqual([
    null,
    7,
    -1.5,
    '9223372036854775807',
    'ž 😀',
    Buffer.from([0, 255, 39]).toString('base64'),
    '2024-02-29 23:59:59.123456',
  ]);
  expect(insert?.result).toMatchObject({ outcome: 'ok', body: { results: [{ affectedRows: 1 }] } });
  const reads = executions.filter(({ text }) => text.equals(Buffer.from(READ_BY_ID)));
  const rows = reads
    .map(({ response }) => response?.results[0])
    .map((result) => (result?.kind === 'rows' ? result.rows[0] : undefined));
  expect(reads.map(({ entry }) => Number(entry.body.values?.[0]?.value))).toEqual([1, 2, 3, 3]);
  expect(rows[0]).toEqual([
    '1',
    '-128',
    '65535',
    '-8388608',
    '-9223372036854775808',
    '18446744073709551615',
    '12345678901234567890.0123456789',
    '1.5',
    '0.1',
    '2730',
    '2024-02-29',
    '2024-02-29 23:59:59.123456',
    '2024-02-29 23:59:59.123',
    '-838:59:58.000001',
    '2024',
    'žluťoučký 😀',
    'x',
    '0x00ff27',
    '\u0001\u0002\u0003\u0004',
    'two',
    'a,c',
    '{"a": [1, null, "ž"]}',
  ]);
  expect(rows[1]).toEqual(['2', ...Array.from({ length: 21 }, () => null)]);
  expect(rows[2]).toMatchObject({ 1: null, 2: '7', 4: '9223372036854775807', 15: 'ž 😀', 17: '0x00ff27' });
  // Executed by mysql2 only.
  for (const { response } of executions.filter(({ text }) => text.equals(Buffer.from(CALL)))) {
    expect(response?.results.filter(({ kind }) => kind === 'rows')).toMatchObject([
      { rowCount: 4 },
      { rows: [['zwei', null]] },
    ]);
  }
  // Both servers refuse an unknown column when the statement is prepared.
  const refused = statementsOf(recorded, session).find(({ text }) =>
    text.equals(Buffer.from('SELECT ? + no_such_column')),
  );
  expect(refused?.result, engine.version).toMatchObject({
    outcome: 'error',
    body: { error: { errno: 1054, sqlState: '42S22' } },
  });
}
