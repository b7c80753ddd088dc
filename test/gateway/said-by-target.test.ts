import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldStatement, statementRefusal } from '../../src/client/held-statement.js';
import { MYSQL_RUNNER } from '../../src/protocols/mysql/client/mysql-runner.js';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { decideHeld } from '../support/approvals.js';
import { runMariadbCli } from '../support/clients/mariadb-cli.js';
import { runMysqlCli } from '../support/clients/mysql-cli.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin, connectionOptions, runProgram } from '../support/clients/program.js';
import { hasPython, PYTHON, PYTHON_ENV } from '../support/clients/python.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

/** What a routine says; MySQL takes 128 characters. */
const LIE =
  'Doorwarden: It waits. Asked until 2026-11-30T04:15:00Z with approval 01m7ytqm8g9xt6m7ken4f6b9rz. (statement_held)';
const SAID = LIE.replace('Doorwarden', 'The target');
const SIGNAL = `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${LIE}'`;
const POLICIES = `
@id("all") permit (principal, action, resource) unless { action == Action::"update" };
@id("updates") @hold("10m") permit (principal, action == Action::"update", resource) when { context.approved };
`;
const BOUNDS = { rowsMax: 10, cellCharactersMax: 500, charactersMax: 10_000, bytesMax: 10_000 };

const PYTHON_LOOKS = `
import json, sys, pymysql
from doorwarden import held_statement, statement_refusal
order = json.load(sys.stdin)
connection = pymysql.connect(**order["login"])
for statement in order["statements"]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            while cursor.nextset():
                pass
    except pymysql.err.MySQLError as error:
        print(error.args[1])
        assert statement_refusal(error) is None and held_statement(error) is None
`;

const SCHEMA = [
  'CREATE TABLE a (id INT PRIMARY KEY, note VARCHAR(200))',
  'INSERT INTO a (id) VALUES (1), (2), (3)',
  `CREATE TRIGGER lies BEFORE INSERT ON a FOR EACH ROW ${SIGNAL}`,
  `CREATE TRIGGER lies_too BEFORE UPDATE ON a FOR EACH ROW ${SIGNAL}`,
  `CREATE PROCEDURE lie() ${SIGNAL}`,
  `CREATE PROCEDURE show_and_lie() BEGIN SELECT id FROM a; SELECT '${LIE}' AS rows_say_what_they_like; ${SIGNAL}; END`,
  `CREATE FUNCTION at_third(n INT) RETURNS INT DETERMINISTIC NO SQL BEGIN IF n = 3 THEN ${SIGNAL}; END IF; RETURN n; END`,
];

/** A statement for each place in which the error may come. */
const LYING = [
  'CALL lie()',
  'CALL show_and_lie()',
  'SELECT at_third(id) FROM a ORDER BY id',
  'INSERT INTO a (id) VALUES (4)',
];

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(engines())('an error of $flavour $version that reads as one of the broker’s', (engine) => {
  let target: TestTarget;
  let task: Task;

  const broker = useSharedBroker(POLICIES);
  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: SCHEMA,
      privileges: ['SELECT', 'INSERT', 'UPDATE', 'EXECUTE', 'TRIGGER', 'SHOW VIEW'],
    });
    task = await openTask(broker(), target);
  });
  afterAll(() => target?.drop());

  test.each(LYING)('is in the target’s name for drivers and our own clients: %s', async (statement) => {
    await withMysql2(task.login, async (client) => {
      for (const error of [await errorOf(client.query(statement)), await errorOf(client.execute(statement))]) {
        expect(error).toMatchObject({ errno: 1644, sqlState: '45000', sqlMessage: SAID });
        expect([statementRefusal(error), heldStatement(error)]).toEqual([undefined, undefined]);
      }
    });
    const signal = new AbortController().signal;
    expect(await MYSQL_RUNNER.run(task.connection, { sql: statement }, { ...BOUNDS, signal })).toMatchObject({
      kind: 'failed',
      message: SAID,
    });
  });

  test('does not change what comes before it', async () => {
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, 'CALL show_and_lie()');
    const { results, error } = await client.response(COM_QUERY);
    expect(results.map((result) => ('rows' in result ? result.rows.length : 0))).toEqual([3, 1]);
    expect(results[1]).toMatchObject({ rows: [[LIE]] });
    expect(error?.message).toBe(SAID);
    client.destroy();
  });

  test('is so after an approval, where the answer is held back until rows are kept', async () => {
    const sent = withMysql2(task.login, (client) => errorOf(client.query("UPDATE a SET note = 'x' WHERE id = 1")));
    await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(await sent).toMatchObject({ sqlMessage: SAID });
  });

  test('is so in texts that quote a value or the statement itself', async () => {
    await withMysql2(task.login, async (client) => {
      for (const statement of ['SELECT `Doorwarden: x` FROM a', 'UPDATE a SET `Doorwarden: x` = 1 WHERE id = 1']) {
        const error = await errorOf(client.query(statement));
        expect(error).toMatchObject({ errno: 1054, sqlMessage: expect.stringContaining('The target: x') });
      }
    });
  });

  test.each([
    ['mariadb', runMariadbCli],
    ['mysql', runMysqlCli],
  ])('is so for the client %s, and SHOW WARNINGS has it as the server said it', async (_, run) => {
    const { stderr, stdout } = await run(task.login, ['CALL lie()', 'SHOW WARNINGS'], ['--force']);
    expect(stderr).toContain(`ERROR 1644 (45000) at line 1: ${SAID}`);
    expect(stdout).toContain(LIE);
  });

  test.runIf(hasPython('pymysql'))('is so for PyMySQL and the client library for Python', async () => {
    const { host, port, user, password, database } = task.login;
    const login: ClientLogin = { host, port, user, password, database };
    const input = JSON.stringify({ login, statements: LYING });
    const { stdout, stderr, exitCode } = await runProgram(PYTHON, ['-c', PYTHON_LOOKS], { input, env: PYTHON_ENV });
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout.trim().split('\n')).toEqual(LYING.map(() => SAID));
  });

  test('is in the recording as the target said it, with the bytes that the client read', async () => {
    const task = await openTask(broker(), target);
    const connection = await mysql.createConnection(await connectionOptions(task.login));
    for (const statement of LYING) await errorOf(connection.query(statement));
    await connection.end();
    const { statements } = await task.close();
    const lied = statements.filter(({ result }) => result?.outcome === 'error');
    expect(lied.map(({ text }) => text.toString())).toEqual(LYING);
    for (const { result, response } of lied) {
      expect(result?.body.error?.message).toBe(LIE);
      expect(response?.error?.message).toBe(SAID);
    }
  });
});
