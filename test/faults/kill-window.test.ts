import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { TaskPrivileges } from '../../src/protocols/mysql/account/task-privileges.js';
import { PrivilegeDoor } from '../../src/protocols/sql/privileges/privilege-door.js';
import { systemClock } from '../../src/kernel/clock.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { grantsOf, tableNeed } from '../support/task-account.js';
import { NOTHING_LEFT, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';

const broker = useSharedBroker();

const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY, total INT)', 'INSERT INTO orders VALUES (1, 10)'];

describe.each(engines())('privileges that a killed gateway left on $flavour $version', (engine) => {
  let target: TestTarget;
  const admins = new AdminPool();

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA });
  });
  afterAll(async () => {
    admins.close();
    await target?.drop();
  });

  /** A window on the account of a grant, as its gateway opens one, that nobody will close. */
  const openWindow = async (taskAccount: string): Promise<void> => {
    const { database, provisioner } = target;
    const { username, password } = provisioner;
    const { host, port } = engine;
    const login = { endpoint: { host, port, tls: { mode: 'off' as const } }, username, password };
    const door = new PrivilegeDoor({
      account: new TaskPrivileges(taskAccount, (work) => admins.use(login, work)),
      standing: [{ database, privileges: ['SELECT'] }],
      ceiling: [{ database, privileges: ['SELECT', 'UPDATE'] }],
      lockWaits: () => Promise.resolve([]),
      clock: systemClock,
      onStuck: () => undefined,
    });
    await door.open([tableNeed(database, 'orders', 'UPDATE')]);
  };

  test('are no way in meanwhile, and are gone with the account once the reaper has ended the grant', async () => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['SELECT'] }] });
    const account = task.login.user;
    const session = await withMysql2(task.login, async (client) => {
      await client.query('SELECT * FROM orders');
      await openWindow(account);
      await broker().kill('gateway');
      return client.query('UPDATE orders SET total = 0').then(
        () => null,
        (error: unknown) => Object(error).code,
      );
    });
    expect(session).not.toBeNull();
    expect(await grantsOf({ engine, database }, account)).toEqual(['SELECT ON *', 'UPDATE ON orders']);
    if (engine.flavour === 'mariadb') {
      const [locked] = await withMysql2(rootLogin(engine), (root) => root.query(`SHOW CREATE USER '${account}'@'%'`));
      expect(JSON.stringify(locked)).toContain('ACCOUNT LOCK');
    }
    await broker().restart('gateway');
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(await tracesOf(target, account)).toEqual(NOTHING_LEFT);
    expect(await target.rootRows('SELECT total FROM orders')).toEqual([{ total: 10 }]);
  });
});
