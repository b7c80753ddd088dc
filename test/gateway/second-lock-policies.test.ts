import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { quoteDatabasePattern, quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { approvalsOf, decideHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
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

const broker = useSharedBroker(READING);

describe.each(engines())('what stands on $flavour $version', (engine) => {
  let target: TestTarget;
  const clients: Connection[] = [];

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges: ['SELECT', 'UPDATE'] });
    await seeTriggers();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await putPolicy(broker(), READING);
  });
  afterAll(() => target?.drop());

  /** Without it MySQL does not say which triggers a change would fire, so no change is surely understood. */
  const seeTriggers = (): Promise<void> =>
    target.root(`GRANT TRIGGER ON ${quoteDatabasePattern(target.database)}.* TO ${target.provisioner.quoted}`);

  const connect = async ({ login }: Task): Promise<Connection> => {
    const client = await mysql.createConnection(await connectionOptions(login));
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const untilStands = (task: Task, privileges: readonly string[]): Promise<void> =>
    expect.poll(() => grantsOf(target, task.login.user), { interval: 20 }).toEqual(privileges);

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
      await session.query(`USE ${quoteIdentifier(target.database)}`);
      expect(await errnoOf(session.query('SELECT * FROM orders'))).toBeNull();
    }
    const recorded = await task.close();
    expect(recorded.of('forwarded').filter(({ given }) => given !== undefined)).toEqual([]);
  });

  test.runIf(engine.flavour === 'mysql')(
    'a change is not surely understood where its triggers cannot be seen: a policy that permits changes does not permit it',
    async () => {
      await target.root(
        `REVOKE TRIGGER ON ${quoteDatabasePattern(target.database)}.* FROM ${target.provisioner.quoted}`,
      );
      try {
        await putPolicy(broker(), CHANGING);
        const task = await openTask(broker(), target);
        const client = await connect(task);
        const changed = errnoOf(client.query('UPDATE orders SET total = 12'));
        const { statement } = await decideHeld(broker(), task.id, { decision: 'deny' });
        expect(statement?.facts).toMatchObject({ action: 'update', notUnderstood: expect.stringContaining('TRIGGER') });
        expect(await changed).toBe(ER_SPECIFIC_ACCESS_DENIED);
        expect(await errnoOf(client.query('SELECT * FROM orders'))).toBeNull();
        await task.close();
      } finally {
        await seeTriggers();
      }
    },
  );

  test('plain reads that the second parser lacks, and reads above its length, are asked of nobody', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    const own = engine.flavour === 'mariadb' ? PLAIN_READS_OF_MARIADB : PLAIN_READS_OF_MYSQL;
    const numbers = Array.from({ length: 30_000 }, (_, number) => number).join(',');
    for (const read of [...PLAIN_READS, ...own, `SELECT COUNT(*) FROM orders WHERE id IN (${numbers})`]) {
      // eslint-disable-next-line no-await-in-loop -- one session sends one statement at a time
      expect([read.slice(0, 80), await errnoOf(client.query(read))]).toEqual([read.slice(0, 80), null]);
    }
    expect(await approvalsOf(broker(), task.id)).toEqual([]);
    await task.close();
  });

  test('what only looks like a read is not permitted by a policy that permits reads', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task);
    expect(await errnoOf(client.query('SELECT total FROM orders WHERE id = 1'))).toBeNull();
    // Our own reading steps over the alias, where neither the grammar of plain reads nor the second parser has a place for it.
    const doubtful = errnoOf(client.query('SELECT ABS(total AS whole) FROM orders'));
    const { statement } = await decideHeld(broker(), task.id, { decision: 'deny' });
    expect(statement?.facts).toMatchObject({
      action: 'read',
      notUnderstood: expect.stringContaining('parsers disagree'),
    });
    expect(await doubtful).toBe(ER_SPECIFIC_ACCESS_DENIED);
    await task.close();
  });
});

/** Of both servers' grammar, and none of the second parser's. */
const PLAIN_READS = [
  'SELECT total, COUNT(*) FROM orders GROUP BY total WITH ROLLUP',
  'SELECT EXTRACT(DAY_HOUR FROM NOW()), EXTRACT(YEAR_MONTH FROM NOW()) FROM orders',
  "SELECT id FROM orders WHERE total SOUNDS LIKE 'x'",
  'SELECT CAST(total AS CHAR CHARACTER SET utf8mb4) FROM orders',
  'SELECT ST_ASTEXT(POINT(id, total)) FROM orders',
];
const PLAIN_READS_OF_MARIADB = [
  'SELECT id FROM orders LIMIT 5 ROWS EXAMINED 10000',
  'SELECT GROUP_CONCAT(id ORDER BY total LIMIT 2) FROM orders',
  'ANALYZE SELECT id FROM orders',
];
const PLAIN_READS_OF_MYSQL = ['TABLE orders', 'EXPLAIN ANALYZE SELECT id FROM orders'];

const ER_SPECIFIC_ACCESS_DENIED = 1227;
