import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin, connectionOptions } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { approveNext, untilHeld } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { errnoOf, grantsOf } from '../support/task-account.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';

const broker = useSharedBroker('default');

const SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
  'CREATE TABLE notes (id INT PRIMARY KEY)',
  'INSERT INTO orders VALUES (1, 10), (2, 20)',
];
const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE TEMPORARY TABLES', 'LOCK TABLES'];
const READING = ['SELECT ON *'];
const WRITING = [...READING, 'UPDATE ON orders'];
const UPDATE = 'UPDATE orders SET total = total + 1 WHERE id = 1';
const DUPLICATE_KEY = 1062;

describe.each(engines())('the second lock on $flavour $version', (engine) => {
  let target: TestTarget;
  const clients: Connection[] = [];

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA, privileges: PRIVILEGES });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  afterAll(() => target?.drop());

  const connect = async (login: ClientLogin): Promise<Connection> => {
    const client = await mysql.createConnection(await connectionOptions(login));
    client.on('error', () => undefined); // sessions end here on purpose
    clients.push(client);
    return client;
  };
  const root = (): Promise<Connection> => connect({ ...rootLogin(engine), database: target.database });
  const holds = (task: Task): Promise<readonly string[]> => grantsOf(target, task.login.user);
  const untilHolds = (task: Task, privileges: readonly string[]): Promise<void> =>
    expect.poll(() => holds(task), { interval: 15 }).toEqual(privileges);

  /** Whether the UPDATE of the task is at the target: its privileges are there a moment before it. */
  const runs = async ({ login }: Task): Promise<boolean> => {
    const rows = await target.rootRows(`SELECT INFO FROM information_schema.processlist WHERE USER = '${login.user}'`);
    return rows.some(({ INFO }) => INFO === UPDATE);
  };

  /** An approved UPDATE that waits at the target for a lock of root's. */
  const blockedUpdate = async (task: Task) => {
    const owner = await root();
    await owner.query('BEGIN');
    await owner.query('UPDATE orders SET total = total WHERE id = 1');
    const client = await connect(task.login);
    const outcome = errnoOf(client.query(UPDATE));
    await approveNext(broker(), task.id);
    await untilHolds(task, WRITING);
    await expect.poll(() => runs(task), { interval: 15 }).toBe(true);
    return { owner, client, outcome };
  };

  test('holds before a statement is approved, opens while it runs, and holds after', async () => {
    const task = await openTask(broker(), target);
    expect(await holds(task)).toEqual(READING);
    const client = await connect(task.login);
    const early = errnoOf(client.query(UPDATE));
    await untilHeld(broker(), task.id);
    expect(await holds(task)).toEqual(READING);
    await approveNext(broker(), task.id);
    expect(await early).toBeNull();
    await untilHolds(task, READING);

    const { owner, outcome } = await blockedUpdate(task);
    expect(await holds(task)).toEqual(WRITING);
    await owner.query('ROLLBACK');
    expect(await outcome).toBeNull();
    await untilHolds(task, READING);
    const recorded = await task.close();
    expect(recorded.of('forwarded').map(({ given }) => given)).toEqual([
      [`UPDATE ON ${target.database}.orders`],
      [`UPDATE ON ${target.database}.orders`],
    ]);
  });

  test('is back when the statement fails', async () => {
    const task = await openTask(broker(), target);
    const client = await connect(task.login);
    const outcome = errnoOf(client.query('INSERT INTO orders VALUES (1, 1)'));
    await approveNext(broker(), task.id);
    expect(await outcome).toBe(DUPLICATE_KEY);
    await untilHolds(task, READING);
    expect(await errnoOf(client.query('SELECT * FROM orders'))).toBeNull();
    await task.end('close');
  });

  test('is back when the client goes in the middle of its statement and that has ended', async () => {
    const task = await openTask(broker(), target);
    const { owner, client } = await blockedUpdate(task);
    client.destroy();
    expect(await holds(task)).toEqual(WRITING); // it still runs
    await owner.query('ROLLBACK');
    await untilHolds(task, READING);
    const recorded = await task.close();
    expect(recorded.of('result').at(-1)).toMatchObject({ outcome: 'ok' });
  });

  test('is gone with the account when the grant is revoked in the middle of a statement', async () => {
    const task = await openTask(broker(), target);
    const { owner, outcome } = await blockedUpdate(task);
    await task.end('revoke');
    expect(await outcome).not.toBeNull();
    const recorded = await task.sealed();
    await owner.query('ROLLBACK');
    expect(recorded.closed).toMatchObject({ reason: 'revoked', account: { state: 'gone' } });
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });
});
