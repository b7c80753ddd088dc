import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newApiKeyView } from '../../src/contracts/identity/principal.js';
import { approveNext, untilHeld, untilLeft } from '../support/decide.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { call, registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { agentOverHttp, MCP_CLIENTS, type McpAgent } from '../support/mcp/agent.js';
import { modernRequest, postMcp } from '../support/mcp/http-messages.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');

const TOOLS = [
  'close_access',
  'describe',
  'explain_refusal',
  'get_connection',
  'list_targets',
  'request_access',
  'run_statement',
  'wait_for_access',
  'wait_for_statement',
];
const CHANGE = 'UPDATE orders SET total = total + 1 WHERE id = 1';

let shop: ShopTarget;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(() => shop?.drop());

const agents: McpAgent[] = [];
afterAll(() => Promise.all(agents.map((agent) => agent.close())));

async function connect(name: (typeof MCP_CLIENTS)[number], key = broker().keys.agent): Promise<McpAgent> {
  const agent = await agentOverHttp(broker().api, key, name);
  agents.push(agent);
  return agent;
}

const WRITES = () => [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }];

/** A grant that is active. */
async function openAccess(agent: McpAgent): Promise<string> {
  const asked = { target: shop.name, task: { title: 'Correct an order' }, access: WRITES(), ttlSeconds: 600 };
  const { isError, text, facts } = await agent.call('request_access', asked);
  expect([isError, facts], text).toMatchObject([false, { state: 'active' }]);
  return z.object({ grant: z.string() }).parse(facts).grant;
}

const rowsOf = (facts: object) => z.looseObject({ rows: z.array(z.array(z.unknown())) }).parse(facts).rows;
const codeOf = (facts: object) => z.looseObject({ error: z.looseObject({ code: z.string() }) }).parse(facts).error.code;

describe.each(MCP_CLIENTS)('an agent with the client %s', (name) => {
  let agent: McpAgent;
  beforeAll(async () => {
    agent = await connect(name);
  });

  it('sees the tools for agents and no other', async () => {
    expect(agent.revision).toBe(name === '2026-07-28' ? '2026-07-28' : '2025-11-25');
    expect((await agent.tools()).map((tool) => tool.name).toSorted()).toEqual(TOOLS);
  });

  it('does a task: asks, reads, looks, connects with its own client, and closes', async () => {
    expect(JSON.stringify((await agent.call('list_targets')).facts)).toContain(`"${shop.name}"`);
    const grant = await openAccess(agent);
    const read = await agent.call('run_statement', { grant, sql: 'SELECT id FROM orders ORDER BY id' });
    expect([read.isError, rowsOf(read.facts)], read.text).toEqual([false, [[1], [2], [3]]]);
    expect(JSON.stringify((await agent.call('describe', { grant })).facts)).toContain('"orders"');
    expect(await agent.read(`doorwarden://grants/${grant}`)).toContain(grant);

    const { facts, text } = await agent.call('get_connection', { grant, as: 'env' });
    const { env } = z.looseObject({ env: z.record(z.string(), z.string()) }).parse(facts);
    const password = env['MYSQL_PWD'] ?? '';
    expect(password, text).toMatch(/^.{20,}$/);
    const { MYSQL_HOST: host = '', MYSQL_TCP_PORT: port, MYSQL_USER: user = '' } = env;
    const login = { host, port: Number(port), user, password, database: shop.database };
    const ca = Object.values(z.looseObject({ files: z.record(z.string(), z.string()) }).parse(facts).files).join('\n');
    const count = await withMysql2(
      login,
      async (connection) => (await connection.query('SELECT COUNT(*) AS number FROM orders'))[0],
      { ssl: { ca } },
    );
    expect(count).toEqual([{ number: 3 }]);
    // The connection is shown once; the server goes on with it.
    const again = await agent.call('get_connection', { grant, as: 'dsn' });
    expect([again.isError, codeOf(again.facts)]).toEqual([true, 'connection_already_fetched']);
    expect(rowsOf((await agent.call('run_statement', { grant, sql: 'SELECT 1' })).facts)).toEqual([[1]]);

    expect((await agent.call('close_access', { grant })).isError).toBe(false);
    await untilState(broker(), grant, 'sealed');
    const late = await agent.call('run_statement', { grant, sql: 'SELECT 1' });
    expect([late.isError, codeOf(late.facts)]).toEqual([true, 'grant_not_active']);
  });
});

it('agents with every client wait for people with a change, and are told of it meanwhile', async () => {
  const waited = MCP_CLIENTS.map(async (name) => {
    const agent = await connect(name);
    const grant = await openAccess(agent);
    const told: string[] = [];
    const onProgress = (message: string) => void told.push(message);
    const changing = agent.call('run_statement', { grant, sql: CHANGE }, { onProgress });
    await untilHeld(broker(), grant);
    await expect.poll(() => told.length).toBeGreaterThan(0);
    await approveNext(broker(), grant);
    const { isError, facts, text } = await changing;
    expect([isError, facts], text).toMatchObject([false, { affectedRows: '1' }]);
    expect(told[0]).toContain('waits for');
    await agent.call('close_access', { grant });
  });
  await Promise.all(waited);
});

describe('a call that its agent leaves', () => {
  it.each(MCP_CLIENTS)('ends at once, and the question goes on: %s', async (name) => {
    const agent = await connect(name);
    const grant = await openAccess(agent);
    const gone = new AbortController();
    const left = agent.call('run_statement', { grant, sql: CHANGE }, { signal: gone.signal });
    const [approval = ''] = await untilHeld(broker(), grant);
    gone.abort();
    await expect(left).rejects.toThrow();
    await untilLeft(broker(), approval);

    // The question is still there for people, and for the agent.
    const { state } = bodyOf(
      await callAs(broker(), 'agent', { path: `/v1/approvals/${approval}` }),
      z.looseObject({ state: z.string() }),
    );
    expect(state).toBe('pending');
    const waiting = agent.call('wait_for_statement', { grant, approval, seconds: 45 });
    await approveNext(broker(), grant);
    expect((await waiting).facts).toMatchObject({ state: 'approved' });
    const run = await agent.call('run_statement', { grant, sql: CHANGE });
    expect([run.isError, run.facts], run.text).toMatchObject([false, { affectedRows: '1' }]);
    await agent.call('close_access', { grant });
  });

  it('ends the calls inside the api too', async () => {
    const { api, keys } = broker();
    const agent = await connect('2026-07-28');
    const grant = await openAccess(agent);
    const held = agent.call('run_statement', { grant, sql: CHANGE });
    const [approval = ''] = await untilHeld(broker(), grant);
    const gone = new AbortController();
    const id = `left-${grant}`;
    const { headers, message } = modernRequest('tools/call', {
      name: 'wait_for_statement',
      arguments: { grant, approval, seconds: 45 },
    });
    const left = postMcp(api, {
      key: keys.agent,
      message,
      headers: { ...headers, 'x-request-id': id },
      signal: gone.signal,
    });
    // It has asked whether the question is decided: the api's log has the calls that it makes inside.
    const inside = () =>
      broker()
        .logs('api')
        .split('\n')
        .filter((line) => line.includes(id) && line.includes('/v1/'));
    await expect.poll(() => inside().length).toBeGreaterThan(0);
    gone.abort();
    await expect(left).rejects.toThrow();
    const ended = () =>
      broker()
        .logs('api')
        .split('\n')
        .filter((line) => line.includes(id) && line.includes('"/mcp"'));
    await expect.poll(() => ended().length, { timeout: 30_000 }).toBe(1); // the wait itself would take longer
    await approveNext(broker(), grant);
    expect((await held).isError).toBe(false);
    await agent.call('close_access', { grant });
  });
});

it('two agents wait at once, and both hear of the decision', async () => {
  const [first, second] = [await connect('2025-11-25'), await connect('2026-07-28')];
  const grant = await openAccess(first);
  const gone = new AbortController();
  const left = first.call('run_statement', { grant, sql: CHANGE }, { signal: gone.signal });
  const [approval = ''] = await untilHeld(broker(), grant);
  gone.abort();
  await expect(left).rejects.toThrow();
  await untilLeft(broker(), approval);
  const waits = [first, second, first].map((agent) =>
    agent.call('wait_for_statement', { grant, approval, seconds: 45 }),
  );
  await approveNext(broker(), grant);
  for (const { facts } of await Promise.all(waits)) expect(facts).toMatchObject({ state: 'approved' });
  await first.call('close_access', { grant });
});

describe('a grant of another agent', () => {
  it('does not exist for it: no connection, no statement, no wait, no end', async () => {
    const operator = broker().keys.operator;
    const name = `other-${Date.now().toString(36)}`;
    await call(broker(), 'POST', '/v1/principals', {
      key: operator,
      body: { name, kind: 'agent', roles: ['agent'] },
    });
    const { key } = newApiKeyView.parse(
      (await call(broker(), 'POST', `/v1/principals/${name}/keys`, { key: operator, body: {} })).body,
    );
    const owner = await connect('2026-07-28');
    const other = await connect('2025-11-25', key);
    const grant = await openAccess(owner);
    for (const [tool, args] of [
      ['run_statement', { grant, sql: 'SELECT 1' }],
      ['get_connection', { grant, as: 'env' }],
      ['wait_for_access', { grant, seconds: 1 }],
      ['describe', { grant }],
      ['close_access', { grant }],
    ] as const) {
      const { isError, facts } = await other.call(tool, args);
      expect([isError, codeOf(facts)], tool).toEqual([true, 'grant_not_found']);
    }
    expect((await owner.call('run_statement', { grant, sql: 'SELECT 1' })).isError).toBe(false);
    expect((await other.call('run_statement', { grant, sql: 'SELECT 1' })).isError).toBe(true);
    await owner.call('close_access', { grant });
  });
});

it('a connection that was shown elsewhere runs no statements here', async () => {
  const agent = await connect('2026-07-28');
  const grant = await openAccess(agent);
  const shown = await callAs(broker(), 'agent', { method: 'POST', path: `/v1/grants/${grant}/connection` });
  expect(shown.status).toBe(200);
  const { isError, facts } = await agent.call('run_statement', { grant, sql: 'SELECT 1' });
  expect([isError, codeOf(facts)]).toEqual([true, 'connection_already_fetched']);
  await agent.call('close_access', { grant });
});

it('a connection is shown to one of several calls that ask for it at once', async () => {
  const agent = await connect('2026-07-28');
  const grant = await openAccess(agent);
  const calls = [
    ...Array.from({ length: 4 }, () => agent.call('run_statement', { grant, sql: 'SELECT 1' })),
    ...Array.from({ length: 4 }, () => agent.call('get_connection', { grant, as: 'dsn' })),
  ];
  const answers = await Promise.all(calls);
  const shown = answers.filter(({ isError, facts }) => !isError && 'dsn' in facts);
  expect(shown).toHaveLength(1);
  expect((await agent.call('run_statement', { grant, sql: 'SELECT 1' })).isError).toBe(false);
  await agent.call('close_access', { grant });
});

describe('a task of the newer revision', () => {
  const TASKS = 'io.modelcontextprotocol/tasks';
  const send = (method: string, params: Readonly<Record<string, unknown>>, key = broker().keys.agent) =>
    postMcp(broker().api, { key, ...modernRequest(method, params, { [TASKS]: {} }) });

  it('is asked for by its id, in the header as well, from any message to the next', async () => {
    const access = { access: WRITES(), onHold: 'error', ttlSeconds: 600 };
    const body = { target: shop.name, task: { title: 'As a task' }, ...access };
    const path = '/v1/grants?connection=later';
    const { id: grant } = bodyOf(await callAs(broker(), 'agent', { path, body }), z.looseObject({ id: z.string() }));
    await untilState(broker(), grant, 'active');
    const asked = await send('tools/call', { name: 'run_statement', arguments: { grant, sql: CHANGE } });
    expect(asked.body).toMatchObject({ result: { resultType: 'task', status: 'working' } });
    const { result } = z.looseObject({ result: z.looseObject({ taskId: z.string() }) }).parse(asked.body);
    const { taskId } = result;
    const got = await send('tasks/get', { taskId });
    expect([got.status, got.body]).toMatchObject([200, { id: 7, result: { taskId, status: 'working' } }]);
    const misnamed = modernRequest('tasks/get', { taskId }, { [TASKS]: {} });
    const headers = { ...misnamed.headers, 'mcp-name': `${taskId}x` };
    const refused = await postMcp(broker().api, { key: broker().keys.agent, message: misnamed.message, headers });
    expect([refused.status, refused.body]).toMatchObject([400, { id: 7, error: { code: -32020 } }]);
    await approveNext(broker(), grant);
    const done = await send('tasks/get', { taskId });
    expect(done.body).toMatchObject({
      result: { taskId, status: 'completed', result: { structuredContent: { state: 'approved' } } },
    });
    await callAs(broker(), 'agent', { method: 'POST', path: `/v1/grants/${grant}/close` });
  });
});

describe('what is wrong is said so', () => {
  const ID = '01m7ytqm8g9xt6m7ken4f6b9rz';

  it.each<[string, string, Readonly<Record<string, unknown>>, string, RegExp]>([
    ['an argument that no tool has', 'list_targets', { principal: 'somebody' }, '', /principal/],
    ['a form that is not there over HTTP', 'get_connection', { grant: ID, as: 'file' }, 'as', /env/],
    ['no form', 'get_connection', { grant: ID }, 'as', /env/],
  ])('%s', async (_, tool, args, path, message) => {
    const { isError, facts } = await (await connect('2026-07-28')).call(tool, args);
    const errors = [{ path, message: expect.stringMatching(message) }];
    expect([isError, facts]).toMatchObject([true, { error: { code: 'request_invalid', fields: { errors } } }]);
  });

  it('a tool that does not exist', async () => {
    const agent = await connect('2026-07-28');
    await expect(agent.call('approve', { approval: ID })).rejects.toThrow('approve');
  });
});
