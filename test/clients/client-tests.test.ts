import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/gateway/sql-quote.js';
import { useBroker } from '../support/broker.js';
import { type ClientLogin } from '../support/clients/program.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { ROOT, makeTemporaryFolder } from '../support/folders.js';
import { type ServerAccount, type TestTarget, makeAccount, makeTarget, openTask } from '../support/task.js';
import { CLIENT_TEST_DATABASE, type ClientTests, clientTests, findClientTests } from './client-tests.js';

const PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER, EVENT, CREATE VIEW, SHOW VIEW, EXECUTE, CREATE ROUTINE, ALTER ROUTINE, CREATE TEMPORARY TABLES, LOCK TABLES';

/** What the broker does not do, with the tests that want it. docs/limitations.md names them with the reason. */
const LIMITS: readonly string[] = [
  // Several statements in one text
  'test_multi_statements',
  'test_bug9992',
  'test_bug12001',
  'test_bug42373',
  // COM_CHANGE_USER
  'test_bug30472',
  'test_bug31418',
  'test_bug58036',
  // Modes of sql_mode in which a text is read otherwise
  'test_sqlmode',
  'test_bug10214',
  // A statement that is executed under another character set than it was prepared under
  'test_wl4435',
  // COM_STMT_BULK_EXECUTE
  'test_bulk_autoinc',
  'test_bulk_delete',
  'test_bulk_replace',
  'test_bulk_insert_returning',
  'test_bulk_delete_returning',
  'test_mdev_24411',
  'test_mdev_34718_bu',
  'test_mdev_34718_au',
  'test_mdev_34718_bd',
  'test_mdev_34718_ad',
  'test_mdev_34958',
  'test_mdev_32086',
  'test_mdev35953',
  // A character set in which a quote may be the second byte of a character
  'test_bug8378',
];

const installed = await findClientTests();
const broker = useBroker();

describe.skipIf(!installed.available)("MariaDB's own client tests", () => {
  let target: TestTarget;
  let account: ServerAccount;
  let direct: ClientLogin;
  let folder: string;
  let tests: ClientTests;

  beforeAll(async () => {
    const { mariadb } = servers();
    account = await makeAccount(mariadb);
    target = await makeTarget(broker(), mariadb, {
      database: CLIENT_TEST_DATABASE,
      privileges: PRIVILEGES.split(', '),
    });
    const database = quoteIdentifier(CLIENT_TEST_DATABASE);
    await runAsRoot(mariadb, [`GRANT ${PRIVILEGES} ON ${database}.* TO ${account.quoted}`]);
    direct = { ...rootLogin(mariadb), user: account.username, password: account.password };
    folder = makeTemporaryFolder();
    await mkdir(join(folder, 'log'));
    const empty = (): Promise<void> => target.root(`DROP DATABASE ${database}`, `CREATE DATABASE ${database}`);
    tests = await clientTests(installed.available ? installed.folder : '', folder, empty);
  });
  afterAll(async () => {
    await target?.drop();
    if (account) await runAsRoot(servers().mariadb, [`DROP USER ${account.quoted}`]);
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('pass through the endpoint where they pass directly, but for those that docs/limitations.md names', async () => {
    // What the limits leave behind in their session, such as an sql_mode, is not to help those that come after them.
    const others = tests.names.filter((name) => !LIMITS.includes(name));
    const failDirectly = new Map([
      ...(await tests.failures(direct, others)),
      ...(await tests.failures(direct, LIMITS)),
    ]);
    const passDirectly = tests.names.filter((name) => !failDirectly.has(name));
    expect(passDirectly.length, [...failDirectly].join('\n')).toBeGreaterThan(250);
    expect(LIMITS.filter((name) => failDirectly.has(name))).toEqual([]);

    const task = await openTask(broker(), target);
    const expected = passDirectly.filter((name) => !LIMITS.includes(name));
    expect(Object.fromEntries(await tests.failures(task.login, expected))).toEqual({});
    expect(expected.length / passDirectly.length).toBeGreaterThan(0.9);
    expect([...(await tests.failures(task.login, LIMITS)).keys()]).toEqual(LIMITS);
    await task.close();

    const limitations = await readFile(join(ROOT, 'docs', 'limitations.md'), 'utf8');
    expect(LIMITS.filter((name) => !limitations.includes(`\`${name}\``))).toEqual([]);
  }, 180_000);
});

if (!installed.available) test.skip(`MariaDB's client tests were not run: ${installed.reason}`);
