import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useBroker } from '../support/broker.js';
import { connectionOptions } from '../support/clients/program.js';
import { putPolicy } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { errnoOf, grantsOf } from '../support/task-account.js';
import { type Task, type TestTarget, makeTarget, openTask } from '../support/task.js';

const SESSION = 'permit (principal, action == Action::"session", resource);';
const REQUEST = 'permit (principal, action == Action::"requestGrant", resource);';
const READ = 'permit (principal, action == Action::"read", resource);';
const UPDATE = 'permit (principal, action == Action::"update", resource);';
const ASKED = 'permit (principal, action, resource) when { context.approved };';
const READING = [REQUEST, SESSION, READ, ASKED].join('\n');
const CHANGING = [REQUEST, SESSION, READ, UPDATE, ASKED].join('\n');
const NOTHING = [REQUEST, SESSION, ASKED].join('\n');
const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY, total INT)', 'INSERT INTO orders VALUES (1, 10)'];
const FOLLOWED_MS = 2_500;

const broker = useBroker({ policies: READING });

describe.each(engines())('what stands on $flavour $version', (engine) => {
  let target: TestTarget;
  const clients: Connection[] = [];

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges: ['SELECT', 'UPDATE'] });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await putPolicy(broker(), READING);
  });
  afterAll(() => target?.drop());

  const connect = async ({ login }: Task): Promise<Connection> => {
    const client = await mysql.createConnection(await connectionOptions(login));
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const untilStands = (task: Task, privileges: readonly string[]): Promise<void> =>
    expect.poll(() => grantsOf(target, task.login.user), { interval: 20, timeout: FOLLOWED_MS }).toEqual(privileges);

  test('follows the policies in force, both ways, also for sessions that are open', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    await untilStands(task, ['SELECT ON *']);
    await putPolicy(broker(), CHANGING);
    await untilStands(task, ['SELECT, UPDATE ON *']);
    expect(await errnoOf(client.query('UPDATE orders SET total = 11'))).toBeNull();
    await putPolicy(broker(), NOTHING);
    await untilStands(task, []);
    const late = await connect(task); // with a privilege that is lent for the login alone
    await untilStands(task, []);
    await putPolicy(broker(), READING);
    await untilStands(task, ['SELECT ON *']);
    for (const session of [client, late]) {
      expect(await errnoOf(session.query('SELECT * FROM orders'))).toBeNull();
      await session.query(`USE ${target.database}`);
      expect(await errnoOf(session.query('SELECT * FROM orders'))).toBeNull();
    }
    const recorded = await task.close();
    expect(recorded.of('forwarded').filter(({ privileges }) => privileges !== undefined)).toEqual([]);
  });
});
