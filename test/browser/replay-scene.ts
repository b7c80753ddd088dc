import type { RowDataPacket } from 'mysql2';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import type { Broker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { approveNext, untilHeld } from '../support/decide.js';
import { callAs } from '../support/http.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';
import { openTask, type Task, type TestTarget } from '../support/task.js';

/** Those of every new broker, under which changes are held; and one table is closed to everybody. */
export const REPLAY_POLICIES = `${DEFAULT_POLICY_TEXT}
@id("secret")
forbid (principal, action, resource is Table) when { resource.name == "salaries" };
`;

export const REPLAY_SCHEMA = [
  'CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(200), total DECIMAL(10,2), photo VARBINARY(20), note TEXT)',
  "INSERT INTO orders SELECT seq, 'new', seq * 1.5, NULL, NULL FROM seq_1_to_250",
  "UPDATE orders SET note = '', photo = x'00ff10' WHERE id = 2",
  'CREATE TABLE salaries (id INT PRIMARY KEY)',
];

export const UPDATE = "UPDATE orders SET status = 'shipped' WHERE id = 1";
/** Values of every kind, as of the first statement, in few rows: each costs a look at whether everybody can use the page. */
export const FEW = 'SELECT id, status, total, photo, note FROM orders ORDER BY id LIMIT 3';
export const FAILS = 'SELECT nothing FROM orders';
export const DENIED = 'SELECT id FROM salaries';

/** A task that has everything that a replay shows: reads, a change that was approved, one that was denied, an error. */
export async function playTask(broker: Broker, target: TestTarget): Promise<Task> {
  const task = await openTask(broker, target);
  await withMysql2(task.login, async (client) => {
    await client.query<RowDataPacket[]>('SELECT id, status, total, photo, note FROM orders ORDER BY id');
    await Promise.all([client.query(UPDATE), approveNext(broker, task.id)]);
    await client.query(FAILS).catch(() => undefined);
    await client.query(DENIED).catch(() => undefined);
    await Promise.all([client.query(`${UPDATE} OR id = 3`).catch(() => undefined), denyNext(broker, task.id)]);
    for (const { text } of HOSTILE_LINES.slice(0, 20)) {
      await client
        .query(`SELECT ${client.escape(text)} AS ${client.escapeId(text.slice(0, 40))}`)
        .catch(() => undefined);
    }
    await client.query(FEW);
  });
  return task;
}

async function denyNext(broker: Broker, grant: string): Promise<void> {
  for (const id of await untilHeld(broker, grant)) {
    const body = { decision: 'deny', reason: 'Wrong rows: only order 1.' };
    await callAs(broker, 'approver', { method: 'POST', path: `/v1/approvals/${id}/decisions`, body });
  }
}
