import mysql, { type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin, type ClientOutcome, connectionOptions, runProgram } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { type Recorded } from '../support/recorded.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { DRIVERS } from './programs.js';

/**
 * Pools that give a connection out again clear it with COM_RESET_CONNECTION, which goes through, or with COM_CHANGE_USER,
 * which is on no session's list: it is refused, and the session goes on as it was.
 */

const broker = useSharedBroker();
const mysql97 = await findMysql97();
const has = (name: string): boolean => DRIVERS.some((driver) => driver.name === name);

const ER_UNKNOWN_COM_ERROR = 1047;
const LEFT = 'SELECT @left AS v, DATABASE() AS d';

/** Logs in three times to the same name, as three requests to one PHP process do, and leaves something each time. */
const PHP_MYSQLI = `
$login = json_decode(stream_get_contents(STDIN), true);
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
for ($request = 0; $request < 3; $request += 1) {
    $connection = new mysqli('p:' . $login['host'], $login['user'], $login['password'], $login['database'], $login['port']);
    echo json_encode($connection->query('SELECT @left AS v, DATABASE() AS d')->fetch_row()), "\\n";
    $connection->query('SET @left = 1');
    $connection->close();
}`;
const PHP_PDO = `
$login = json_decode(stream_get_contents(STDIN), true);
for ($request = 0; $request < 3; $request += 1) {
    $dsn = "mysql:host={$login['host']};port={$login['port']};dbname={$login['database']}";
    $options = [PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION];
    $connection = new PDO($dsn, $login['user'], $login['password'], $options);
    echo json_encode($connection->query('SELECT @left AS v, DATABASE() AS d')->fetch(PDO::FETCH_NUM)), "\\n";
    $connection->exec('SET @left = 1');
    $connection = null;
}`;
/** MySQLdb's only way to make a connection as new. */
const MYSQLDB = `
import json, sys, MySQLdb
login = json.load(sys.stdin)
to = dict(user=login["user"], passwd=login["password"], db=login["database"])
connection = MySQLdb.connect(host=login["host"], port=login["port"], **to)
try:
    connection.change_user(**to)
except MySQLdb.Error as error:
    print(error.args[0])
cursor = connection.cursor()
cursor.execute("SELECT DATABASE()")
print(cursor.fetchall()[0][0] == login["database"])
`;

function runScript(command: string, args: readonly string[], login: ClientLogin): Promise<ClientOutcome> {
  const { host, port, user, password, database } = login;
  return runProgram(command, args, { input: JSON.stringify({ host, port, user, password, database }) });
}

const commandsOf = (recorded: Recorded): readonly string[] => recorded.of('note').map(({ name }) => name);
const refusedIn = (recorded: Recorded): readonly (readonly string[])[] =>
  recorded.of('refused').map(({ name, code }) => [name, code]);

describe.each(engines())('on $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE a (id INT PRIMARY KEY)'] });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  test('a pool of mysql2 that changes the user is told no, for the same user and for another, and can reset', async () => {
    const task = await openTask(broker(), target);
    const pool = mysql.createPool({ ...(await connectionOptions(task.login)), connectionLimit: 1 });
    try {
      const { user, password, database } = task.login;
      for (const to of [{ user, password, database }, { user: 'root', password: '' }, { database: 'mysql' }]) {
        const connection = await pool.getConnection();
        const [prepared] = await connection.execute<RowDataPacket[]>(LEFT);
        expect(prepared).toEqual([{ v: null, d: database }]);
        await connection.query('SET @left = 1');
        await expect(connection.changeUser(to)).rejects.toMatchObject({ errno: ER_UNKNOWN_COM_ERROR });
        const [kept] = await connection.query<RowDataPacket[]>('SELECT @left AS v, CURRENT_USER() AS u');
        expect(kept).toEqual([{ v: 1, u: `${user}@%` }]);
        await connection.reset();
        connection.release();
      }
    } finally {
      await pool.end();
    }
    const recorded = await task.close();
    expect(refusedIn(recorded)).toEqual(Array.from({ length: 3 }, () => ['COM_CHANGE_USER', 'command_refused']));
    expect(commandsOf(recorded).filter((command) => command === 'COM_RESET_CONNECTION')).toHaveLength(3);
    expect(recorded.of('session.opened')).toHaveLength(1);
  });

  test.skipIf(!has('PHP mysqli'))(
    'PHP’s persistent connections work: refused a change of user, mysqli opens a new one',
    async () => {
      const task = await openTask(broker(), target);
      const args = ['-r', PHP_MYSQLI];
      const expected = await runScript('/usr/bin/php', args, direct);
      expect(expected.exitCode).toBe(0);
      const said = expected.stdout.trimEnd().split('\n');
      expect(said.map((line): unknown => JSON.parse(line))).toEqual(
        Array.from({ length: 3 }, () => [null, target.database]),
      );
      expect(await runScript('/usr/bin/php', args, task.login)).toEqual(expected);
      const recorded = await task.close();
      expect(refusedIn(recorded)).toEqual(Array.from({ length: 2 }, () => ['COM_CHANGE_USER', 'command_refused']));
      expect(recorded.of('session.opened')).toHaveLength(3);
      expect(recorded.texts.filter((text) => text === 'SET @left = 1')).toHaveLength(3);
    },
  );

  test.skipIf(!has('PHP PDO'))('PHP’s persistent connections of PDO are checked and given out again', async () => {
    const task = await openTask(broker(), target);
    const args = ['-r', PHP_PDO];
    const expected = await runScript('/usr/bin/php', args, direct);
    expect(expected.exitCode).toBe(0);
    expect(await runScript('/usr/bin/php', args, task.login)).toEqual(expected);
    const recorded = await task.close();
    expect(recorded.of('session.opened')).toHaveLength(1);
    expect(refusedIn(recorded)).toEqual([]);
  });

  test.skipIf(!has('MySQLdb'))('MySQLdb is told no when it changes the user, and its connection goes on', async () => {
    const task = await openTask(broker(), target);
    const outcome = await runScript('/usr/bin/python3', ['-c', MYSQLDB], task.login);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: `${ER_UNKNOWN_COM_ERROR}\nTrue\n` });
    expect(refusedIn(await task.close())).toEqual([['COM_CHANGE_USER', 'command_refused']]);
  });

  test.skipIf(!mysql97.available)('the mysql program’s resetconnection makes its session as new', async () => {
    if (!mysql97.available) return;
    const task = await openTask(broker(), target);
    const run = ({ host, port, user, password, database = '' }: ClientLogin): Promise<ClientOutcome> =>
      runProgram(
        `${mysql97.bin}/mysql`,
        [
          `--host=${host}`,
          `--port=${port}`,
          '--protocol=TCP',
          `--user=${user}`,
          '--get-server-public-key',
          '--commands',
          database,
        ],
        { input: `SET @left = 1;\n${LEFT};\nresetconnection\n${LEFT};\n`, env: { MYSQL_PWD: password } },
      );
    const expected = await run(direct);
    expect(expected).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^v\td\n1\t.*\nv\td\nNULL\t/) });
    expect(await run(task.login)).toEqual(expected);
    expect(commandsOf(await task.close())).toContain('COM_RESET_CONNECTION');
  });

  test('a reset session forgets what was prepared, keeps its database, and its time is still limited', async () => {
    const task = await openTask(broker(), target);
    const limit = engine.flavour === 'mariadb' ? '@@max_statement_time' : '@@max_execution_time';
    const connection = await mysql.createConnection(await connectionOptions(task.login));
    try {
      const limitOf = async (): Promise<number> => {
        const [rows] = await connection.query<RowDataPacket[]>(`SELECT ${limit} AS v, DATABASE() AS d`);
        expect(rows[0]?.['d']).toBe(target.database);
        return Number(rows[0]?.['v']);
      };
      const prepared = await connection.prepare('SELECT 1 AS one');
      const before = await limitOf();
      expect(before).toBeGreaterThan(0);
      await connection.query(`SET SESSION ${limit.slice(2)} = 0`).catch(() => undefined); // it may be refused
      await connection.reset();
      const after = await limitOf();
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThanOrEqual(before);
      await expect(prepared.execute([])).rejects.toMatchObject({ errno: 1243 });
    } finally {
      await connection.end();
    }
    const recorded = await task.close();
    expect(commandsOf(recorded)).toContain('COM_RESET_CONNECTION');
    expect(refusedIn(recorded)).toContainEqual(['COM_STMT_EXECUTE', 'statement_unknown']);
  });
});
