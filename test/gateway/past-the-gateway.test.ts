import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { makeTarget, NOTHING_LEFT, openTask, tracesOf, untilOver, type TestTarget } from '../support/task.js';

const PASSWORD = 'An-agent-knows-1t';

/** What an agent may try to give its own account a password with. */
const OWN_PASSWORD = {
  mariadb: `SET PASSWORD = PASSWORD('${PASSWORD}')`,
  mysql: `ALTER USER USER() IDENTIFIED BY '${PASSWORD}'`,
} as const;

describe.each(engines())('a task account on $flavour', (engine) => {
  const broker = useSharedBroker();
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE a (id INT PRIMARY KEY)'] });
  });
  afterAll(() => target?.drop());

  /** As the agent that comes past the gateway, with a password of its own making. */
  function pastTheGateway(user: string, password: string): Promise<unknown> {
    const { host, port } = engine;
    return withMysql2({ host, port, user, password }, (connection) => connection.query('SELECT 1'));
  }

  test('takes no login but the gateway’s, even after the agent has changed its password', async () => {
    const task = await openTask(broker(), target);
    const { user } = task.login;
    await withMysql2(task.login, async (connection) => {
      await connection.query(OWN_PASSWORD[engine.flavour]).catch(() => {}); // MySQL refuses it at once
      await expect(pastTheGateway(user, PASSWORD)).rejects.toThrow(/denied|locked/i);
      // A second session: the gateway logs in again, with its own password.
      await withMysql2(task.login, (second) => second.query('SELECT * FROM a'));
      await expect(pastTheGateway(user, PASSWORD)).rejects.toThrow(/denied|locked/i);
      await connection.query('SELECT * FROM a');
    });
    await task.close();
    expect(await tracesOf(target, user)).toEqual(NOTHING_LEFT);
  });

  // MySQL's accounts are not watched: their passwords are changed only by the one who knows them.
  if (engine.flavour === 'mysql') return;

  test('ends its grant when somebody is logged in past the gateway', async () => {
    const task = await openTask(broker(), target);
    const { user } = task.login;
    const account = `'${user}'@'%'`;
    await target.root(`ALTER USER ${account} IDENTIFIED BY '${PASSWORD}' ACCOUNT UNLOCK`);
    const { host, port } = engine;
    await withMysql2({ host, port, user, password: PASSWORD }, async (intruder) => {
      await expect(withMysql2(task.login, (connection) => connection.query('SELECT 1'))).rejects.toThrow();
      expect(await untilOver(broker(), task.id)).toMatchObject({ state: 'sealed', closeReason: 'failed' });
      await expect(intruder.query('SELECT 1')).rejects.toThrow();
    });
    expect(await tracesOf(target, user)).toEqual(NOTHING_LEFT);
  });
});
