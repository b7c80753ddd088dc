import type { Connection } from 'mysql2/promise';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { outcomeOf, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

const SENTENCE = 'Rows of this table are not locked by readers.';
/** The default policies, and a table of which a locking read is refused at once, so that nobody has to wait for one. */
const POLICIES = `${DEFAULT_POLICY_TEXT}
@id("never-locked")
@why("${SENTENCE}")
forbid (principal, action == Action::"read", resource is Table)
when { resource.name == "kept" && context.flags.contains("locking-read") };
`;

const broker = useSharedBroker(POLICIES);

const READ = 'SELECT COUNT(*) FROM kept';

describe.each(engines())('a read that takes locks is a locking read on $flavour $version', (engine) => {
  const isMariadb = engine.flavour === 'mariadb';
  const isolation = isMariadb ? 'tx_isolation' : 'transaction_isolation';
  let target: TestTarget;
  let task: Task;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: [
        'CREATE TABLE kept (id INT PRIMARY KEY, note INT)',
        'INSERT INTO kept VALUES (1, 1), (2, 2)',
        'CREATE TABLE free (id INT PRIMARY KEY)',
        'INSERT INTO free VALUES (1)',
        'CREATE VIEW seen AS SELECT * FROM kept',
        'CREATE PROCEDURE said(IN value INT) SELECT value',
      ],
      privileges: ['SELECT', 'EXECUTE'],
    });
    const pattern = quoteDatabasePattern(target.database);
    await target.root(`GRANT TRIGGER, SHOW VIEW ON ${pattern}.* TO ${target.provisioner.quoted}`);
    task = await openTask(broker(), target);
  });
  afterAll(() => target?.drop());

  /** Sends the statements one after the other in a session of its own, and gives what came of the last one. */
  const lastOf = (...statements: readonly string[]): Promise<string> =>
    withMysql2(task.login, async (client: Connection) => {
      const last = statements.at(-1) ?? '';
      for (const statement of statements.slice(0, -1)) await client.query(statement);
      const { error } = await outcomeOf(client.query(last));
      if (error === undefined) return 'ran';
      return error.message.includes(SENTENCE) ? 'refused as a locking read' : error.message;
    });
  const outcomes = async (cases: readonly (readonly string[])[]): Promise<readonly (readonly [string, string])[]> => {
    const found: (readonly [string, string])[] = [];
    for (const statements of cases) found.push([statements.join('; '), await lastOf(...statements)]);
    return found;
  };
  const allEnd = (cases: readonly (readonly string[])[], how: string) =>
    cases.map((statements) => [statements.join('; '), how]);

  test('a query inside of SET, SHOW, DO and CALL, through a view too, in a transaction and with autocommit off', async () => {
    const cases = [
      ['BEGIN', `SET @n = (${READ})`],
      [`SET @n = (${READ})`],
      ['SET autocommit = 0', `SET @n = (${READ})`],
      ['BEGIN', `SET @a = 1, @n := 1 + (SELECT MAX(note) FROM kept WHERE id IN (SELECT id FROM free))`],
      ['BEGIN', 'SET @n = EXISTS (SELECT 1 FROM seen)'],
      ['BEGIN', `SET SESSION wait_timeout = (SELECT 100 + COUNT(*) FROM kept)`],
      ['BEGIN', `SHOW TABLES WHERE (${READ}) > 0`],
      ['BEGIN', `SHOW COLUMNS FROM free WHERE (${READ}) > 0`],
      ['BEGIN', `SHOW STATUS WHERE EXISTS (SELECT 1 FROM kept)`],
      ['BEGIN', `DO (${READ})`],
      ['BEGIN', `CALL said((${READ}))`],
      ['BEGIN', 'SELECT * FROM kept FOR SHARE'].map((text) =>
        isMariadb ? text.replace('FOR SHARE', 'LOCK IN SHARE MODE') : text,
      ),
    ];
    expect(await outcomes(cases)).toEqual(allEnd(cases, 'refused as a locking read'));
  });

  test('every plain SELECT of a transaction under SERIALIZABLE, however the session came by it', async () => {
    const level = 'ISOLATION LEVEL SERIALIZABLE';
    const cases = [
      [`SET SESSION TRANSACTION ${level}`, 'BEGIN', READ],
      [`SET TRANSACTION ${level}`, 'START TRANSACTION READ ONLY', READ],
      [`SET TRANSACTION ${level}`, 'SELECT 1', 'START TRANSACTION READ WRITE', READ],
      [`set local transaction read write, isolation level serializable`, 'BEGIN WORK', READ],
      [`SET SESSION ${isolation} = 'SERIALIZABLE'`, 'BEGIN', READ],
      [`SET ${isolation} = 3`, 'BEGIN', READ],
      [`SET @@${isolation} = 'serializable'`, 'START TRANSACTION WITH CONSISTENT SNAPSHOT', READ],
      [`SET @@LOCAL.${isolation} = SERIALIZABLE`, 'BEGIN', READ],
      [`SET @level = 'SERIALIZABLE'`, `SET SESSION ${isolation} = @level`, 'BEGIN', READ],
      [`SET SESSION ${isolation} = CONCAT('SERIAL', 'IZABLE')`, 'BEGIN', READ],
      [`SET NAMES utf8mb4, @a = 1, @@session.${isolation} := 'SERIALIZABLE'`, 'BEGIN', READ],
      [`SET SESSION TRANSACTION ${level}`, 'SET autocommit = 0', READ],
      ['SET autocommit = 0', `SET SESSION TRANSACTION ${level}`, READ],
      [`SET TRANSACTION ${level}`, 'BEGIN', 'SELECT 1', 'COMMIT AND CHAIN', READ],
      [`SET SESSION TRANSACTION ${level}`, 'BEGIN', 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', READ],
      [`SET SESSION TRANSACTION ${level}`, 'BEGIN', 'SELECT s.note FROM seen s JOIN free USING (id)'],
      [`SET SESSION TRANSACTION ${level}`, 'BEGIN', `EXPLAIN ${READ}`],
    ];
    expect(await outcomes(cases)).toEqual(allEnd(cases, 'refused as a locking read'));
  });

  test('a prepared SELECT is one once its session is SERIALIZABLE, and none any more when the transaction is over', async () => {
    await withMysql2(task.login, async (client) => {
      const prepared = await client.prepare('SELECT note FROM kept WHERE id = ?');
      await prepared.execute([1]);
      await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      await prepared.execute([1]);
      await client.query('BEGIN');
      expect((await outcomeOf(prepared.execute([1]))).error?.message).toContain(SENTENCE);
      await client.query('COMMIT');
      await client.query('BEGIN');
      await prepared.execute([1]);
    });
  });

  test('what takes no locks is none: outside of transactions, at other levels, in lists that the server makes up', async () => {
    const cases = [
      [READ],
      ['BEGIN', READ],
      ['SET autocommit = 0', READ],
      ['SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE', READ],
      ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'BEGIN', READ],
      [
        'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
        'BEGIN',
        'COMMIT',
        `SET SESSION ${isolation} = 'READ-COMMITTED'`,
        'BEGIN',
        READ,
      ],
      ['BEGIN', `SET @tables = (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'kept')`],
      ['BEGIN', `SELECT COUNT(*) INTO @n FROM kept`],
      ['BEGIN', `SHOW TABLES WHERE 1 = (SELECT 1)`],
    ];
    expect(await outcomes(cases)).toEqual(allEnd(cases, 'ran'));
  });

  test('by the default policies one waits for a person, who reads what it is', async () => {
    await withMysql2(task.login, async (client) => {
      await client.query('SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      await client.query('BEGIN');
      client.query('SELECT * FROM free').catch(() => undefined); // its connection is given up below
      const { warning, why } = await seeHeld(broker(), task.id);
      client.destroy();
      expect(warning).toContain('locks rows');
      expect(why).toContain('locks the rows');
    });
  });
});
