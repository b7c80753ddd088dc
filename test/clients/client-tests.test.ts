import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin } from '../support/clients/program.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { ROOT, makeTemporaryFolder } from '../support/folders.js';
import { type ServerAccount, type TestTarget, makeAccount, makeTarget, openTask } from '../support/task.js';
import { CLIENT_TEST_DATABASE, type ClientTests, type Failures, clientTests, findClientTests } from './client-tests.js';

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
  // Values for a statement that has no parameters
  'test_mdev19838',
  // A character set in which a quote may be the second byte of a character
  'test_bug8378',
];

/**
 * What wants more than a grant can carry, or another setting of the server than the one that it comes with. They are run
 * apart, since each failure ends a run of the program.
 */
const FAIL_DIRECTLY: readonly string[] = `
  test_select_show_table test_double_compare test_tran_bdb
  test_prepare_grant test_frm_bug test_logs;
  test_cuted_rows test_bug1115 test_bind_nagative
  test_view_insert_fields test_cursors_with_union test_cursors_with_procedure
  test_open_cursor_prepared_statement_query_cache test_bug14210 test_mysql_insert_id
  test_ps_query_cache test_bug28075 test_bug27876
  test_change_user test_bug20023 test_bug53371
  test_bug31669 test_wl4284_1 test_bug40365
  test_bug36326 test_bug54041 test_progress_reporting
  test_bug13001491 test_mdev4326 test_big_packet
  test_proxy_header test_connect_autocommit test_cache_metadata
`
  .trim()
  .split(/\s+/);

const installed = await findClientTests();
const broker = useSharedBroker();

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
    // What those leave behind in their session, such as an sql_mode, is not to help those that come after them.
    const apart = new Set([...LIMITS, ...FAIL_DIRECTLY]);
    const others = tests.names.filter((name) => !apart.has(name));
    const failDirectly: Failures = new Map([
      ...(await tests.failures(direct, others)),
      ...(await tests.failures(direct, LIMITS)),
      ...(await tests.failuresAlone(direct, FAIL_DIRECTLY)),
    ]);
    const passDirectly = tests.names.filter((name) => !failDirectly.has(name));
    expect(passDirectly.length, [...failDirectly].join('\n')).toBeGreaterThan(250);
    expect(LIMITS.filter((name) => failDirectly.has(name))).toEqual([]);

    const task = await openTask(broker(), target);
    const expected = passDirectly.filter((name) => !LIMITS.includes(name));
    expect(Object.fromEntries(await tests.failures(task.login, expected))).toEqual({});
    expect(expected.length / passDirectly.length).toBeGreaterThan(200 / 215);
    expect([...(await tests.failuresAlone(task.login, LIMITS)).keys()]).toEqual(LIMITS);
    await task.close();

    const limitations = await readFile(join(ROOT, 'docs', 'limitations.md'), 'utf8');
    expect(LIMITS.filter((name) => !limitations.includes(`\`${name}\``))).toEqual([]);
  }, 420_000);
});

if (!installed.available) test.skip(`MariaDB's client tests were not run: ${installed.reason}`);
