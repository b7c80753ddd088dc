import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { type ConnectionView, grantOpenedView, type GrantView, grantView } from '../../contracts/grant.js';
import { runMariadbClient, withMysql2 } from './agent-clients.js';
import type { ApiClient } from './api-client.js';
import type { Report } from './report.js';
import { expect } from './report.js';
import { DATABASE, TARGET } from './shop.js';

/** What is left of the agent's task when it is done: its grant, and the name that its account had. */
export interface DoneTask {
  readonly grant: GrantView;
  readonly connection: ConnectionView;
}

const TTL_SECONDS = 300;
const SEAL_WAIT_SECONDS = 30;
const ER_TABLEACCESS_DENIED = 1142;

/** The access that the task needs, and no more: nothing in it allows DELETE or DROP. */
const ACCESS = [
  { database: DATABASE, privileges: ['SELECT'] },
  { database: DATABASE, tables: ['orders', 'order_notes'], privileges: ['INSERT', 'UPDATE'] },
];

/** Carries one task of an agent through its whole life, from the request to the sealed recording. */
export async function carryTask(report: Report, asAgent: ApiClient): Promise<DoneTask> {
  const { grant, connection } = await report.step(
    'The agent asks for a grant',
    (note) => requestGrant(asAgent, note),
    GATEWAY,
  );
  await report.step('It reads', (note) => read(connection, note), GATEWAY);
  await report.step('It runs a prepared statement', (note) => runPrepared(connection, note), GATEWAY);
  await report.step('It changes rows in a transaction', (note) => changeRows(connection, note), GATEWAY);
  await report.step(
    'The database refuses what the grant does not cover',
    (note) => overstep(connection, note),
    GATEWAY,
  );
  const sealed = await report.step(
    'The agent closes the grant',
    async (note) => {
      const view = await asAgent.post(`/v1/grants/${grant.id}/close?wait=${SEAL_WAIT_SECONDS}`, {}, grantView);
      expect(view.state === 'sealed', `the grant is ${view.state} after ${SEAL_WAIT_SECONDS} s`);
      note(`its reason is ${view.closeReason}, its recording is sealed`);
      return view;
    },
    { process: 'worker' },
  );
  return { grant: sealed, connection };
}

const GATEWAY = { process: 'gateway' } as const;

type Note = (text: string) => void;

async function requestGrant(asAgent: ApiClient, note: Note) {
  const request = {
    target: TARGET,
    task: {
      title: 'Refund the order of a customer who returned a grinder',
      reference: 'https://example.com/tickets/4711',
    },
    access: ACCESS,
    ttlSeconds: TTL_SECONDS,
  };
  const { connection, ...grant } = await asAgent.post('/v1/grants', request, grantOpenedView);
  expect(grant.state === 'active', `the grant is ${grant.state}`);
  expect(connection !== undefined, 'the answer shows no connection');
  note(`active, its endpoint is ${connection.host}:${connection.port} until ${grant.deadline}`);
  return { grant, connection };
}

async function read(connection: ConnectionView, note: Note): Promise<void> {
  const { exitCode, stdout, stderr } = await runMariadbClient(connection, [
    'SELECT name, price, stock FROM products ORDER BY price DESC',
    `SELECT o.id, c.name, p.name AS product, o.status
       FROM orders o JOIN customers c ON c.id = o.customer_id JOIN products p ON p.id = o.product_id
       WHERE o.status = 'paid'`,
  ]);
  expect(exitCode === 0, stderr);
  expect(stdout.includes('Grinder\t84.00\t5') && stdout.includes('Björn Lindqvist'), `the client shows ${stdout}`);
  note('two SELECTs with the mariadb client, over TLS');
}

async function runPrepared(connection: ConnectionView, note: Note): Promise<void> {
  await withMysql2(connection, async (mysql2) => {
    const [rows] = await mysql2.execute<RowDataPacket[]>('SELECT id, city FROM customers WHERE email = ? AND id > ?', [
      'bjorn@example.com',
      0,
    ]);
    expect(rows.length === 1 && rows[0]?.['city'] === 'Malmö', `${rows.length} rows came back`);
  });
  note('with mysql2, its values bound');
}

async function changeRows(connection: ConnectionView, note: Note): Promise<void> {
  await withMysql2(connection, async (mysql2) => {
    await mysql2.beginTransaction();
    const [updated] = await mysql2.query<ResultSetHeader>("UPDATE orders SET status = 'refunded' WHERE id = 3");
    const [inserted] = await mysql2.execute<ResultSetHeader>('INSERT INTO order_notes (order_id, note) VALUES (?, ?)', [
      3,
      'Grinder returned; refund approved by phone',
    ]);
    await mysql2.commit();
    expect(updated.affectedRows === 1 && inserted.affectedRows === 1, 'other than one row was changed each');
  });
  await withMysql2(connection, async (mysql2) => {
    const [rows] = await mysql2.query<RowDataPacket[]>('SELECT status FROM orders WHERE id = 3');
    expect(rows[0]?.['status'] === 'refunded', 'another session does not see the change');
  });
  note('an UPDATE and an INSERT, committed; another session sees them');
}

async function overstep(connection: ConnectionView, note: Note): Promise<void> {
  for (const statement of ['DELETE FROM customers', 'DROP TABLE orders']) {
    const { exitCode, stderr } = await runMariadbClient(connection, [statement]);
    expect(exitCode !== 0, `${statement} was let through`);
    expect(stderr.includes(`ERROR ${ER_TABLEACCESS_DENIED} `), stderr);
  }
  const { stdout, stderr } = await runMariadbClient(connection, ['SELECT COUNT(*) FROM customers']);
  expect(stdout.trim() === 'COUNT(*)\n5', `customers are missing: ${stdout}${stderr}`);
  note(`DELETE and DROP end with error ${ER_TABLEACCESS_DENIED}, every row is still there`);
}
