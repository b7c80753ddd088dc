import type { ResultSetHeader } from 'mysql2/promise';
import { approvalPage } from '../../contracts/approvals/approval.js';
import { type ConnectionView, grantOpenedView, grantView } from '../../contracts/grants/grant.js';
import type { ApiClient } from '../../client/api-client.js';
import { withMysql2 } from './agent-clients.js';
import { seeHeld } from './approver.js';
import { expect, type Report } from './report.js';
import { DATABASE, TARGET } from './shop.js';

const TTL_SECONDS = 3_600;
const STATEMENT = "UPDATE orders SET status = 'shipped' WHERE customer_id = 1 AND status = 'paid'";

/**
 * A second task of the agent: its UPDATE waits for anyone who looks at the page. Returns when it waits; the agent goes on beside
 * what is served, asks again when nobody answers in time, and closes its grant once it is answered.
 */
export async function openWaitingTask(report: Report, asAgent: ApiClient, asApprover: ApiClient): Promise<void> {
  await report.step(
    'A second task waits for you',
    async (note) => {
      const { id, connection } = await requestGrant(asAgent);
      void untilAnswered({ id, connection, asAgent }).catch(() => {}); // the broker is being stopped, or the grant was ended
      const { preview } = await seeHeld(asApprover, id);
      const rows = preview.affected.kind === 'exact' ? preview.affected.rows : 'an unknown number of';
      note(`an UPDATE of ${rows} row is held for the approver, who finds it in the inbox of the page`);
    },
    { process: 'gateway' },
  );
}

async function requestGrant(asAgent: ApiClient): Promise<{ id: string; connection: ConnectionView }> {
  const request = {
    target: TARGET,
    task: { title: 'Mark the parcel that left today as shipped', reference: 'https://example.com/tickets/4712' },
    access: [
      { database: DATABASE, privileges: ['SELECT'] },
      { database: DATABASE, tables: ['orders'], privileges: ['UPDATE'] },
    ],
    ttlSeconds: TTL_SECONDS,
  };
  const { id, connection } = await asAgent.post('/v1/grants', request, grantOpenedView);
  expect(connection !== undefined, 'the answer shows no connection');
  return { id, connection };
}

interface WaitingTask {
  readonly id: string;
  readonly connection: ConnectionView;
  readonly asAgent: ApiClient;
}

async function untilAnswered({ id, connection, asAgent }: WaitingTask): Promise<void> {
  await withMysql2(connection, async (mysql2) => {
    await mysql2.query('SELECT id, status, ordered_at FROM orders WHERE customer_id = 1');
    for (;;) {
      const answer = await mysql2.query<ResultSetHeader>(STATEMENT).catch((error: unknown) => error);
      const [last] = (await asAgent.get(`/v1/approvals?grant=${id}&limit=1`, approvalPage)).items;
      if (last?.state !== 'timed-out') return answer instanceof Error ? undefined : await lookAgain(mysql2);
    }
  });
  await asAgent.post(`/v1/grants/${id}/close`, {}, grantView);
}

async function lookAgain(mysql2: { query(statement: string): Promise<unknown> }): Promise<void> {
  await mysql2.query('SELECT id, status FROM orders WHERE customer_id = 1');
}
