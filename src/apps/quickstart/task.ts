import { statementPreviewView, askedStatementView } from '../../protocols/sql/approval-schema.js';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { type ConnectionView, grantOpenedView, type GrantView, grantView } from '../../contracts/grants/grant.js';
import { runMariadbClient, withMysql2 } from './agent-clients.js';
import type { ApiClient } from '../../client/api-client.js';
import { decide, seeHeld } from './approver.js';
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

/** The access that the task needs. That it has DELETE and INSERT does not mean that they run: the policy holds them. */
const ACCESS = [
  { database: DATABASE, privileges: ['SELECT'] },
  { database: DATABASE, tables: ['orders'], privileges: ['UPDATE'] },
  { database: DATABASE, tables: ['order_notes'], privileges: ['INSERT', 'DELETE'] },
];

/** A DELETE without WHERE, as an agent may come to send it. */
export const WIDE_DELETE = 'DELETE FROM order_notes';

/** Carries one task of an agent through its whole life, from the request to the sealed recording. */
export async function carryTask(report: Report, asAgent: ApiClient, asApprover: ApiClient): Promise<DoneTask> {
  const { grant, connection } = await report.step(
    'The agent asks for a grant',
    (note) => requestGrant(asAgent, note),
    GATEWAY,
  );
  const held: HeldWork = { connection, asApprover, grantId: grant.id };
  await report.step('It reads', (note) => read(connection, note), GATEWAY);
  await report.step('It runs a prepared statement', (note) => runPrepared(connection, note), GATEWAY);
  await report.step('Its UPDATE waits for a person, who approves it', (note) => updateRows(held, note), GATEWAY);
  await report.step('So does its INSERT, with bound values', (note) => insertRow(held, note), GATEWAY);
  await report.step('Its DELETE without WHERE is denied', (note) => deleteAll(held, note), GATEWAY);
  await report.step('Its DROP is denied outright', (note) => dropTable(connection, note), GATEWAY);
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

interface HeldWork {
  readonly connection: ConnectionView;
  readonly asApprover: ApiClient;
  readonly grantId: string;
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

/** The client sees a slow statement; an approver sees what it would do, and lets it do no more. */
async function updateRows({ connection, asApprover, grantId }: HeldWork, note: Note): Promise<void> {
  await withMysql2(connection, async (mysql2) => {
    const statement = "UPDATE orders SET status = 'refunded' WHERE customer_id = 2 AND status = 'paid'";
    const running = mysql2.query<ResultSetHeader>(statement);
    running.catch(() => {}); // the one who waits for it below hears of it
    const seen = await seeHeld(asApprover, grantId);
    expect(seen.approval.statement?.text === statement, `the approver sees ${seen.approval.statement?.text}`);
    const { affected, sample } = statementPreviewView.parse(seen.preview);
    expect(affected.kind === 'exact' && affected.rows === 1, `the preview says ${JSON.stringify(affected)}`);
    expect(sample?.rows.length === 1, `the sample has ${sample?.rows.length} rows`);
    await decide(asApprover, seen, {
      decision: 'approve',
      reason: 'The customer returned the grinder',
      scope: { kind: 'once', rowsMax: affected.rows },
    });
    const [{ affectedRows }] = await running;
    expect(affectedRows === 1, `${affectedRows} rows were changed`);
  });
  note('the preview counts 1 row, the approval allows no more, 1 row was changed');
}

async function insertRow({ connection, asApprover, grantId }: HeldWork, note: Note): Promise<void> {
  await withMysql2(connection, async (mysql2) => {
    const running = mysql2.execute<ResultSetHeader>('INSERT INTO order_notes (order_id, note) VALUES (?, ?)', [
      3,
      'Grinder returned; refund approved by phone',
    ]);
    running.catch(() => {}); // as above
    const seen = await seeHeld(asApprover, grantId);
    const values = askedStatementView.parse(seen.approval.statement).values?.map(({ shown }) => shown) ?? [];
    expect(values.length === 2 && values.join().includes('Grinder returned'), `the approver sees ${values.join()}`);
    await decide(asApprover, seen, { decision: 'approve' });
    const [{ affectedRows }] = await running;
    expect(affectedRows === 1, `${affectedRows} rows were inserted`);
  });
  note('the approver sees both values');
}

async function deleteAll({ connection, asApprover, grantId }: HeldWork, note: Note): Promise<void> {
  const running = runMariadbClient(connection, [WIDE_DELETE]);
  const seen = await seeHeld(asApprover, grantId);
  const { warning } = seen.approval;
  expect(warning !== null, 'the approver is not warned');
  const reason = 'Notes are kept';
  await decide(asApprover, seen, { decision: 'deny', reason });
  const { exitCode, stderr } = await running;
  expect(exitCode !== 0, 'it was let through');
  expect(stderr.includes(reason), stderr);
  note(`the approver is warned: ${warning} The client reads why: ${reason}`);
}

async function dropTable(connection: ConnectionView, note: Note): Promise<void> {
  const { exitCode, stderr } = await runMariadbClient(connection, ['DROP TABLE orders']);
  expect(exitCode !== 0, 'it was let through');
  expect(stderr.includes('not dropped through the broker'), stderr);
  const { stdout } = await runMariadbClient(connection, [
    'SELECT (SELECT COUNT(*) FROM orders) AS orders, (SELECT COUNT(*) FROM order_notes) AS notes',
  ]);
  expect(stdout.trim() === 'orders\tnotes\n6\t1', `rows are missing: ${stdout}`);
  note('nobody is asked, every row is still there');
}
