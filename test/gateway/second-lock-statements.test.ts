import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRIVILEGES as PRIVILEGES_KNOWN } from '../../src/protocols/sql/privilege.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { connectionOptions } from '../support/clients/program.js';
import { approveNext } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { errnoOf, grantsOf } from '../support/task-account.js';
import { type Recorded } from '../support/recorded.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

const POLICY = `
permit (principal, action in [Action::"requestGrant", Action::"session"], resource);
permit (principal, action == Action::"read", resource) when { !context.unparsed };
permit (principal, action, resource) when { context.approved };`;

const broker = useSharedBroker(POLICY);

const SCHEMA = [
  'CREATE TABLE a (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE b (id INT PRIMARY KEY, total INT)',
  'INSERT INTO a VALUES (1, 10), (2, 20)',
  'INSERT INTO b VALUES (1, 1), (2, 2)',
  'CREATE PROCEDURE close_day() SQL SECURITY DEFINER UPDATE a SET total = 0',
];
const PRIVILEGES: readonly string[] = PRIVILEGES_KNOWN.filter((privilege) => privilege !== 'EVENT');

const STANDS = ['SELECT', 'SHOW VIEW'];

/** In their order: a statement, and the privileges that it is given beyond those that stand. */
const STATEMENTS: readonly (readonly [string, readonly string[]])[] = [
  ['INSERT INTO a SELECT id + 10, total FROM b', ['INSERT ON a']],
  ['REPLACE INTO a VALUES (11, 5)', ['INSERT ON a', 'DELETE ON a']],
  ['INSERT INTO a VALUES (11, 5) ON DUPLICATE KEY UPDATE total = 6', ['INSERT ON a', 'UPDATE ON a']],
  ['UPDATE a JOIN b ON a.id = b.id SET a.total = b.total, b.total = 0', ['UPDATE ON a', 'UPDATE ON b']],
  ['DELETE a FROM a JOIN b ON a.id = b.id WHERE b.id = 2', ['DELETE ON a']],
  ['CREATE TABLE c (id INT PRIMARY KEY)', ['CREATE ON c']],
  ['CREATE TABLE d AS SELECT * FROM a', ['CREATE ON d', 'INSERT ON d']],
  ['ALTER TABLE c ADD COLUMN n INT', ['ALTER ON c']],
  ['CREATE INDEX by_n ON c (n)', ['INDEX ON c']],
  ['RENAME TABLE c TO e', ['ALTER ON c', 'DROP ON c', 'CREATE ON e', 'INSERT ON e']],
  ['TRUNCATE TABLE d', ['DROP ON d']],
  ['DROP TABLE d', ['DROP ON d']],
  ['CREATE TEMPORARY TABLE t (id INT)', ['CREATE TEMPORARY TABLES ON *']],
  ['CREATE VIEW v AS SELECT id FROM a', ['CREATE VIEW ON *']],
  ['DROP VIEW v', ['DROP ON v']],
  ['CREATE TRIGGER g BEFORE INSERT ON e FOR EACH ROW SET NEW.n = 1', ['TRIGGER ON e']],
  ['DROP TRIGGER g', ['TRIGGER ON *']], // its text does not say on which table
  ['CREATE PROCEDURE p() SELECT 1', ['CREATE ROUTINE ON *']],
  ['DROP PROCEDURE p', ['ALTER ROUTINE ON PROCEDURE p']],
  ['CALL close_day()', ['EXECUTE ON PROCEDURE close_day']],
  ['LOCK TABLES a WRITE', ['LOCK TABLES ON *']],
  ['DELETE FROM a WHERE id = 1', ['DELETE ON a']],
];
// More parentheses than are read.
const GIVEN_ALL = `UPDATE a SET total = 9 WHERE id = ${'('.repeat(250)}11${')'.repeat(250)}`;

describe.each(engines())('approved statements on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges: PRIVILEGES });
    if (engine.flavour === 'mysql') await trustFunctionCreators();
  });
  afterAll(() => target?.drop());

  /** MySQL lets a trigger be made by the one who has no SUPER only so, while it writes a binary log. */
  const trustFunctionCreators = () => target.root('SET GLOBAL log_bin_trust_function_creators = 1');

  test('have exactly the privileges that they need, and run', async () => {
    const task = await openTask(broker(), target);
    const client: Connection = await mysql.createConnection(await connectionOptions(task.login));
    const refused: unknown[] = [];
    for (const [statement] of [...STATEMENTS, [GIVEN_ALL]]) {
      const running = errnoOf(client.query(statement));
      await approveNext(broker(), task.id);
      const errno = await running;
      if (errno !== null) refused.push([statement, errno]);
      if (statement.startsWith('LOCK')) continue;
      if (statement.startsWith('DELETE FROM')) await client.query('UNLOCK TABLES');
    }
    client.destroy();
    await expect.poll(() => grantsOf(target, task.login.user)).toEqual(['SELECT, SHOW VIEW ON *']);
    const recorded = await task.close();
    expect(refused).toEqual([]);
    expect(givenIn(recorded).slice(0, -1)).toEqual(STATEMENTS.map(([statement, given]) => [statement, given]));
    const [last, all] = givenIn(recorded).at(-1) ?? [];
    expect(last).toBe(GIVEN_ALL);
    expect(all).toEqual(
      PRIVILEGES.filter((privilege) => !STANDS.includes(privilege)).map((privilege) => `${privilege} ON *`),
    );
  });

  /** What each forwarded statement was given, beyond what stands, without the database's name. */
  const givenIn = (recorded: Recorded): readonly (readonly [string, readonly string[]])[] =>
    recorded.of('forwarded').map(({ operation, given = [] }) => {
      const text = recorded.statements.find(({ entry }) => entry.operation === operation)?.text.toString('utf8') ?? '';
      return [text, given.map((privilege) => privilege.replaceAll(`${target.database}.`, ''))];
    });
});
