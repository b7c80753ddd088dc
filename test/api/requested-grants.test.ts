import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import type { ConnectionView, GrantView } from '../../src/contracts/grants/grant.js';
import type { PolicyView } from '../../src/contracts/policies/policy.js';
import { approvalIdOf } from '../../src/domain/ids.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { type Answer, askGrant, call, registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** Up to 900 seconds at once, 13 never, the rest when one of the group dba approves. */
const GRANTS_POLICY = `
@id("short-grants")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= 900 };
@id("long-grants") @hold("10m") @approvers("dba") @warning("This is long.")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };
@id("unlucky") @why("Thirteen brings bad luck.")
forbid (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds == 13 };
`;
const LONG = { ttlSeconds: 1_200 };

const broker = useSharedBroker('default');
let source: DataSource;
let shop: ShopTarget;
let dba: string;

beforeAll(async () => {
  source = await createStateSource(broker().stateDatabaseUrl).initialize();
  shop = await registerShop(broker(), servers().mariadb);
  const { operator } = broker().keys;
  const { body } = await call<PolicyView>(broker(), 'GET', '/v1/policies/default', { key: operator });
  // The default policy lets every request through; here that is the test's own.
  const text = body.text.replace(/@id\("grants"\)\s*permit[^;]*;/, '') + GRANTS_POLICY;
  const put = await call(broker(), 'PUT', '/v1/policies/default', { key: operator, body: { text } });
  expect(put).toMatchObject({ status: 200 });
  const approver = { name: 'ann', kind: 'user', roles: ['approver'], groups: ['dba'] };
  await call(broker(), 'POST', '/v1/principals', { key: operator, body: approver });
  dba = String((await call(broker(), 'POST', '/v1/principals/ann/keys', { key: operator, body: {} })).body['key']);
});
afterAll(async () => {
  await source?.destroy();
  await shop?.drop();
});

/** A request that people must approve. */
async function request(): Promise<{ readonly id: string; readonly approval: string }> {
  const { status, body } = await askGrant(broker(), shop.name, LONG);
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { state: 'requested', approval: { id: expect.any(String) } },
  });
  expect(body.connection).toBeUndefined();
  return { id: body.id, approval: body.approval?.id ?? '' };
}

function decide(approval: string, body: object, key = dba): Promise<Answer<ApprovalView>> {
  return call<ApprovalView>(broker(), 'POST', `/v1/approvals/${approval}/decisions`, { key, body });
}

async function lookAt(id: string): Promise<GrantView> {
  return (await call<GrantView>(broker(), 'GET', `/v1/grants/${id}`, { key: broker().keys.agent })).body;
}

async function stateOf(approval: string): Promise<string> {
  return (await source.getRepository(approvalEntity).findOneByOrFail({ id: approvalIdOf(approval) })).state;
}

describe('a request for a grant', () => {
  it('tells at each look what its statements will meet as the policies stand then', async () => {
    const { body: asked } = await askGrant(broker(), shop.name);
    const { operator, agent } = broker().keys;
    const runsAtOnce = async (): Promise<unknown> => {
      const { body } = await call(broker(), 'GET', `/v1/grants/${asked.id}`, { key: agent });
      return Object(body['outlook']).access[0].runsAtOnce;
    };
    expect([await runsAtOnce(), await runsAtOnce()]).toEqual([['SELECT'], ['SELECT']]);
    const path = '/v1/policies/no-reads';
    const text = '@why("Not now.") forbid (principal, action == Action::"read", resource);';
    expect(await call(broker(), 'PUT', path, { key: operator, body: { text } })).toMatchObject({ status: 200 });
    expect(await runsAtOnce()).toEqual([]);
    expect((await call(broker(), 'DELETE', path, { key: operator })).status).toBeLessThan(300);
    expect(await runsAtOnce()).toEqual(['SELECT']);
    await call(broker(), 'POST', `/v1/grants/${asked.id}/close`, { key: agent });
  });

  it('that the policy lets through is opened at once, and asks nobody', async () => {
    const { status, body } = await askGrant(broker(), shop.name);
    expect({ status, body }).toMatchObject({ status: 201, body: { state: 'active', approval: null } });
  });

  it('shows those who decide what is new of its access, and what would run at once and what would wait', async () => {
    const { database } = shop;
    const opened = await askGrant(broker(), shop.name, { access: [{ database, privileges: ['SELECT'] }] });
    expect(opened.body).toMatchObject({ state: 'active' });
    const wanted = { ...LONG, access: [{ database, privileges: ['SELECT', 'UPDATE'] }] };
    const { body } = await askGrant(broker(), shop.name, wanted);
    const approval = body.approval?.id ?? '';
    const path = `/v1/approvals/${approval}`;
    const looked = await call<ApprovalView>(broker(), 'GET', path, { key: dba });
    expect(looked.body.request).toMatchObject({
      newAccess: { access: [{ database, privileges: ['UPDATE'] }], comparedWith: expect.any(Number) },
      outlook: { words: expect.stringContaining('UPDATE'), access: expect.any(Array) },
    });
    expect(looked.body.request?.newAccess?.comparedWith).toBeGreaterThan(0);
    expect(looked.body.told[0]).toMatchObject({ state: 'pending', code: null });
    const denied = await decide(approval, { decision: 'deny', reason: 'Ask for less' });
    expect(denied.body).toMatchObject({
      request: { outlook: null },
      told: [{ state: 'denied', code: 'grant_denied', text: expect.stringContaining('Ask for less') }],
    });
  });

  it('that is approved counts as used: its approval is not taken back, the grant is revoked', async () => {
    const { id, approval } = await request();
    await decide(approval, { decision: 'approve' });
    const path = `/v1/approvals/${approval}/withdraw`;
    const { body } = await call(broker(), 'POST', path, { key: dba, body: { reason: 'Too long' } });
    expect(body).toMatchObject({ code: 'approval_already_used' });
    expect(await stateOf(approval)).toBe('approved');
    await untilState(broker(), id, 'active');
  });

  it('that the policy denies leaves nothing behind, and says why', async () => {
    const { status, body } = await askGrant(broker(), shop.name, { ttlSeconds: 13 });
    expect({ status, body }).toMatchObject({ status: 403, body: { code: 'grant_request_denied' } });
    expect(Reflect.get(body, 'detail')).toContain('Thirteen');
    const ofShop = 'SELECT ttl_seconds FROM grants WHERE target_name = ?';
    expect(JSON.stringify(await source.query(ofShop, [shop.name]))).not.toContain('13');
  });

  it('that the policy holds shows approvers who asks for what, and why it is asked', async () => {
    const { id, approval } = await request();
    const { body } = await call<ApprovalView>(broker(), 'GET', `/v1/approvals/${approval}`, { key: dba });
    expect(body).toMatchObject({
      kind: 'grant',
      state: 'pending',
      grant: id,
      principal: { name: 'test-agent' },
      target: shop.name,
      task: { title: 'Count the orders' },
      approvers: ['dba'],
      warning: 'This is long.',
      policies: ['default#long-grants'],
      statement: null,
      request: { ttlSeconds: 1_200, access: [{ database: shop.database, privileges: ['SELECT'] }] },
      preview: { state: 'none' },
      canDecide: { allowed: true },
    });
    const answer = await decide(approval, { decision: 'approve' }, broker().keys.approver);
    expect(answer.body).toMatchObject({ code: 'approval_not_an_approver' });
    const scoped = await decide(approval, { decision: 'approve', scope: { kind: 'once' } });
    expect(scoped.body).toMatchObject({ code: 'approval_scope_invalid' });
    const early = await call(broker(), 'POST', `/v1/grants/${id}/connection`, { key: broker().keys.agent });
    expect(early.body).toMatchObject({ code: 'connection_not_ready' });
    expect(await lookAt(id)).toMatchObject({ state: 'requested' });
  });
});

describe('a request that people decide', () => {
  it('is opened when they approve: its time counts from then, and its connection works', async () => {
    const { id, approval } = await request();
    const waiting = call<GrantView>(broker(), 'GET', `/v1/grants/${id}?wait=20`, { key: broker().keys.agent });
    const approvedMs = Date.now();
    expect((await decide(approval, { decision: 'approve' })).body).toMatchObject({ state: 'approved' });
    const { body: active } = await waiting;
    expect(active.state).toBe('active');
    expect(Math.abs(Date.parse(active.deadline) - approvedMs - 1_200_000)).toBeLessThan(60_000);
    const fetched = await call<ConnectionView>(broker(), 'POST', `/v1/grants/${id}/connection`, {
      key: broker().keys.agent,
    });
    const { host, port, username: user, password, database } = fetched.body;
    const rows = await withMysql2({ host, port, user, password, database: database ?? '' }, async (connection) => {
      const [found] = await connection.query('SELECT COUNT(*) AS n FROM orders');
      return found;
    });
    expect(rows).toEqual([{ n: 3 }]);
    const closed = await call(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, { key: broker().keys.agent });
    expect(closed.body).toMatchObject({ state: 'sealed', closeReason: 'completed' });
    expect(await stateOf(approval)).toBe('approved');
  });

  it('is refused with the reason when they deny', async () => {
    const { id, approval } = await request();
    await decide(approval, { decision: 'deny', reason: 'Ask for an hour less.' });
    expect(await lookAt(id)).toMatchObject({
      state: 'refused',
      refusal: { code: 'grant_denied', detail: 'Ask for an hour less.' },
    });
  });

  it('may be closed or revoked once it was denied: that changes nothing and says so', async () => {
    const { id, approval } = await request();
    await decide(approval, { decision: 'deny', reason: 'No.' });
    const { agent, operator } = broker().keys;
    for (const [what, key] of [
      ['close', agent],
      ['revoke', operator],
    ] as const) {
      const answer = await call(broker(), 'POST', `/v1/grants/${id}/${what}`, { key });
      expect(answer).toMatchObject({ status: 200, body: { state: 'refused', closedBy: null } });
    }
    expect(await lookAt(id)).toMatchObject({ refusal: { code: 'grant_denied', detail: 'No.' } });
  });

  it('is refused when nobody decides in time', async () => {
    const { id, approval } = await request();
    await source.query('UPDATE approvals SET expires_at = 1 WHERE id = ?', [approval]);
    await untilState(broker(), id, 'refused');
    expect(await lookAt(id)).toMatchObject({ refusal: { code: 'grant_approval_timed_out' } });
    expect(await stateOf(approval)).toBe('timed-out');
    expect((await decide(approval, { decision: 'approve' })).body).toMatchObject({ code: 'approval_timed_out' });
  });

  it.each([
    ['closed by its requester', 'close', 'agent'],
    ['revoked', 'revoke', 'operator'],
  ] as const)('is not asked about any more once it is %s', async (_, what, role) => {
    const { id, approval } = await request();
    const end = () => call(broker(), 'POST', `/v1/grants/${id}/${what}?wait=5`, { key: broker().keys[role] });
    const first = await end();
    expect(first).toMatchObject({ status: 200, body: { id, state: 'refused', closedBy: expect.any(String) } });
    expect(await end()).toMatchObject({ status: 200, body: { ...first.body } });
    expect(await stateOf(approval)).toBe('cancelled');
    expect((await decide(approval, { decision: 'approve' })).body).toMatchObject({ code: 'approval_cancelled' });
  });

  it('is opened by the worker when the api died between the approval and the opening', async () => {
    const { id, approval } = await request();
    // What the api's decision writes, and nothing of what it does afterwards.
    await source.query(
      `UPDATE approvals SET state = 'approved', uses = 1, uses_max = 1, open_key = NULL WHERE id = ?`,
      [approval],
    );
    await source.query('UPDATE grants SET approved_at = ?, deadline_at = ? WHERE id = ?', [
      Date.now() - 4_000,
      Date.now() + 600_000,
      id,
    ]);
    expect(await untilState(broker(), id, 'active')).toMatchObject({ state: 'active' });
  });

  it('is never taken by a gateway that was told to open it before', async () => {
    const { id } = await request();
    const redis = new Redis(servers().redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue('gateway', { connection: redis, prefix: broker().env['QUEUE_PREFIX'] ?? '' });
    const job = await queue.add('open', { name: 'open', grantId: id });
    await expect.poll(() => job.getState()).toMatch(/^(completed|failed)$/);
    await queue.close();
    redis.disconnect();
    expect(await lookAt(id)).toMatchObject({ state: 'requested' });
  });
});
