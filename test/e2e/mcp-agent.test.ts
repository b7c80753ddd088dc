import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { grantView } from '../../src/contracts/grants/grant.js';
import { runAsRoot } from '../support/databases.js';
import { untilHeld, untilLeft } from '../support/decide.js';
import { servers } from '../support/engines.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { agentOverHttp, type McpAgent, type ToolResult } from '../support/mcp/agent.js';
import { agentOverStdio, mcpCommand } from '../support/mcp/stdio-agent.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');

let shop: ShopTarget;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb, { ttlSecondsMax: 900 });
  await runAsRoot(servers().mariadb, [
    `CREATE TABLE ${shop.database}.order_notes (id INT PRIMARY KEY AUTO_INCREMENT, order_id INT NOT NULL, note TEXT)`,
  ]);
});
afterAll(() => shop.drop());

const WAYS = [
  { way: 'stdio', client: '2025-11-25' },
  { way: 'HTTP', client: '2026-07-28' },
] as const;

describe.each(WAYS)('an agent with nothing but the MCP server over $way', ({ way, client }) => {
  let agent: McpAgent;
  let grant = '';

  beforeAll(async () => {
    const { api, keys } = broker();
    agent = await (way === 'stdio'
      ? agentOverStdio(mcpCommand({ DOORWARDEN_API: api, DOORWARDEN_API_KEY: keys.agent }), { client })
      : agentOverHttp(api, keys.agent, client));
  });
  afterAll(() => agent?.close());

  it('learns where to begin, what it may ask for, and what will wait', async () => {
    expect(agent.instructions).not.toBe('');
    const { facts } = await told('list_targets');
    const { targets } = z
      .object({
        targets: z.array(z.looseObject({ name: z.string(), asking: z.looseObject({ words: z.string() }) })),
      })
      .parse(facts);
    const words = targets.find(({ name }) => name === shop.name)?.asking.words;
    expect(words).toContain(`Runs at once: SELECT on ${shop.database}.`);
    expect(words).toContain(`UPDATE, DELETE on ${shop.database}.`);
  });

  it('asks for access once and reads', async () => {
    const { facts } = await told('request_access', {
      target: shop.name,
      task: { title: 'Refund the order of a customer', reference: 'https://example.com/tickets/4711' },
      access: [
        { database: shop.database, privileges: ['SELECT'] },
        { database: shop.database, tables: ['orders'], privileges: ['UPDATE'] },
        { database: shop.database, tables: ['order_notes'], privileges: ['INSERT', 'DELETE'] },
      ],
      ttlSeconds: 600,
    });
    expect(facts).toMatchObject({ state: 'active' });
    grant = z.string().parse(facts['grant']);
    const read = await told('run_statement', { grant, sql: 'SELECT id, total FROM orders ORDER BY id' });
    expect(read.facts).toMatchObject({
      rows: [
        [1, expect.anything()],
        [2, 20],
        [3, 30],
      ],
    });
    const bound = await told('run_statement', { grant, sql: 'SELECT total FROM orders WHERE id = ?', values: [2] });
    expect(bound.facts).toMatchObject({ rows: [[20]] });
  });

  it('makes a change that a person approves while it waits', async () => {
    const running = told('run_statement', { grant, sql: `UPDATE orders SET total = total + 1 WHERE id = 1` });
    const [changed] = await Promise.all([running, decideNext('approve')]);
    expect(changed.facts).toMatchObject({ affectedRows: '1' });
  });

  it('hangs up in the middle of a wait, waits again by the approval, and sends the same once it is approved', async () => {
    const statement = {
      grant,
      sql: 'INSERT INTO order_notes (order_id, note) VALUES (?, ?)',
      values: [1, `over ${way}`],
    };
    const leaves = new AbortController();
    const left = agent.call('run_statement', statement, { signal: leaves.signal }).catch((error: unknown) => error);
    const [approval = ''] = await untilHeld(broker(), grant);
    leaves.abort();
    expect(await left).toBeInstanceOf(Error);
    await untilLeft(broker(), approval);
    const waiting = told('wait_for_statement', { grant, approval, seconds: 30 });
    const [waited] = await Promise.all([waiting, decideNext('approve')]);
    expect(waited.facts).toMatchObject({ state: 'approved' });
    expect((await told('run_statement', statement)).facts).toMatchObject({ affectedRows: '1' });
  });

  it('is denied, learns why and what to do, and is not asked about again', async () => {
    const statement = { grant, sql: 'DELETE FROM order_notes' };
    const [first] = await Promise.all([agent.call('run_statement', statement), decideNext('deny', 'Notes are kept')]);
    for (const denied of [first, await agent.call('run_statement', statement)]) {
      expect(denied).toMatchObject({ isError: true, facts: { error: { code: 'statement_denied_by_approver' } } });
      expect(denied.text).toContain('Notes are kept');
    }
    const { text } = await told('explain_refusal', { code: 'statement_denied_by_approver' });
    expect(text).toContain('Do not send it in another form');
  });

  it('meets what nobody is asked about, several statements in one text, and arguments that do not exist', async () => {
    const dropped = await agent.call('run_statement', { grant, sql: 'DROP TABLE order_notes' });
    expect(dropped).toMatchObject({ isError: true, facts: { error: { code: 'statement_denied' } } });
    const several = await agent.call('run_statement', { grant, sql: 'SELECT 1; SELECT 2' });
    expect(several.isError).toBe(true);
    const unknown = await agent.call('run_statement', { grant, sql: 'SELECT 1', approve: true });
    expect(unknown).toMatchObject({ isError: true, facts: { error: { code: 'request_invalid' } } });
  });

  it('closes the access; its recording is sealed, and has all of it', async () => {
    const { facts } = await told('close_access', { grant });
    expect(facts).toMatchObject({ state: 'sealed', closeReason: 'completed', recording: grant });
    const path = `/v1/recordings/${grant}`;
    const check = await callAs(broker(), 'reviewer', { path: `${path}/verification` });
    expect(bodyOf(check, z.looseObject({ ok: z.boolean() }))).toMatchObject({ ok: true });
    const texts = await callAs(broker(), 'reviewer', { path: `${path}/entries?limit=200` });
    const recorded = JSON.stringify(texts.body);
    for (const text of [
      'UPDATE orders SET total',
      'INSERT INTO order_notes',
      'DELETE FROM order_notes',
      'DROP TABLE',
    ]) {
      expect(recorded).toContain(text);
    }
    const late = await agent.call('run_statement', { grant, sql: 'SELECT 1' });
    expect(late).toMatchObject({ isError: true, facts: { error: { code: 'grant_not_active' } } });
  });

  it('waits for access that people must give, and is told that they gave it, or denied it and why', async () => {
    await holdGrants();
    const ask = (title: string) => agent.call('request_access', { target: shop.name, task: { title }, ttlSeconds: 60 });
    const [active, given] = await Promise.all([ask('Approved'), decideOnGrant('Approved', 'approve')]);
    expect(active.facts).toMatchObject({ grant: given, state: 'active' });
    await told('close_access', { grant: given });
    const [denied] = await Promise.all([ask('Denied'), decideOnGrant('Denied', 'deny', 'Not on a Friday')]);
    expect(denied.text).toContain('Not on a Friday');
    expect(denied.text).toContain('grant_denied');
    await dropPolicy();
  });

  /** What a tool answers that must not fail. */
  async function told(tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<ToolResult> {
    const answer = await agent.call(tool, args);
    if (answer.isError) throw new Error(`${tool} was refused: ${answer.text}`);
    return answer;
  }

  async function decideNext(decision: 'approve' | 'deny', reason?: string): Promise<void> {
    for (const id of await untilHeld(broker(), grant)) await decideOn(id, decision, reason);
  }
});

async function decideOn(id: string, decision: 'approve' | 'deny', reason?: string): Promise<void> {
  const body = { decision, ...(reason === undefined ? {} : { reason }) };
  const answer = await callAs(broker(), 'approver', { path: `/v1/approvals/${id}/decisions`, body });
  bodyOf(answer, z.looseObject({}));
}

/** Decides about the request of that title; gives the grant's id. */
async function decideOnGrant(title: string, decision: 'approve' | 'deny', reason?: string): Promise<string> {
  const { id, approval } = await grantThatWaits(title);
  await decideOn(approval, decision, reason);
  return id;
}

const POLICY_PATH = '/v1/policies/held-requests';

async function holdGrants(): Promise<void> {
  const text = `@id("ask") forbid (principal, action == Action::"requestGrant", resource in Target::"${shop.name}")
unless { context.approved };`;
  bodyOf(await callAs(broker(), 'operator', { path: POLICY_PATH, method: 'PUT', body: { text } }), z.looseObject({}));
}

async function dropPolicy(): Promise<void> {
  const { status } = await callAs(broker(), 'operator', { path: POLICY_PATH, method: 'DELETE' });
  expect(status).toBeLessThan(300);
}

/** The grant of that title, once people are asked about it. */
function grantThatWaits(title: string): Promise<{ readonly id: string; readonly approval: string }> {
  return vi.waitFor(
    async () => {
      const page = await callAs(broker(), 'agent', { path: `/v1/grants?target=${shop.name}&state=requested` });
      const { items } = bodyOf(page, z.looseObject({ items: z.array(grantView) }));
      const found = items.find(({ task }) => task.title === title);
      if (!found?.approval) throw new Error(`No request "${title}" waits`);
      return { id: found.id, approval: found.approval.id };
    },
    { timeout: 45_000, interval: 50 },
  );
}
