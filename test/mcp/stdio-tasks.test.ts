import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvalsOf, decide, decideHeld } from '../support/approvals.js';
import { servers } from '../support/engines.js';
import { call, registerShop, type ShopTarget } from '../support/grants.js';
import { type RawMcp, startRawMcp } from '../support/mcp/stdio-messages.js';
import { useSharedBroker } from '../support/shared-broker.js';

const POLICIES = `
@id("short") permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= 900 };
@id("long") @hold("10m") permit (principal, action == Action::"requestGrant", resource) when { context.approved };
@id("reads") permit (principal, action in [Action::"read", Action::"session"], resource);
@id("updates") @hold("10m") permit (principal, action == Action::"update", resource) when { context.approved };
`;
const TASKS = 'io.modelcontextprotocol/tasks';
const NOBODYS = '01m7ytqm8g9xt6m7ken4f6b9rz';

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
let folder: string;
let server: RawMcp;
let lastId = 0;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  folder = await mkdtemp(join(tmpdir(), 'doorwarden-mcp-'));
  const { api, keys } = broker();
  server = startRawMcp({ HOME: folder, DOORWARDEN_API: api, DOORWARDEN_API_KEY: keys.agent });
});
afterAll(async () => {
  server?.child.stdin.end();
  await rm(folder, { recursive: true, force: true });
  await shop?.drop();
});

/** A request of the newer revision, of a client that takes tasks or one that does not. */
async function ask(
  method: string,
  params: object,
  extensions: object = { [TASKS]: {} },
): Promise<Record<string, unknown>> {
  lastId += 1;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': { extensions },
  };
  server.send({ jsonrpc: '2.0', id: lastId, method, params: { ...params, _meta } });
  return server.answer(lastId);
}

async function resultOf(method: string, params: object): Promise<Record<string, unknown>> {
  const { result, error } = await ask(method, params);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return result as Record<string, unknown>;
}

function toolCall(name: string, args: object): Promise<Record<string, unknown>> {
  return resultOf('tools/call', { name, arguments: args });
}

const requested = (title: string) =>
  toolCall('request_access', { target: shop.name, task: { title }, ttlSeconds: 1_200 });

it('a request that waits for people is a task at once, which is completed with what the tool would have answered', async () => {
  expect(await resultOf('server/discover', {})).toMatchObject({ capabilities: { extensions: { [TASKS]: {} } } });
  const task = await requested('As a task');
  const { taskId, ...rest } = task;
  expect(rest).toMatchObject({
    resultType: 'task',
    status: 'working',
    pollIntervalMs: 5_000,
    ttlMs: expect.any(Number),
  });
  expect(await resultOf('tasks/get', { taskId })).toMatchObject({
    resultType: 'complete',
    taskId,
    status: 'working',
    statusMessage: expect.stringContaining('Waits for a person'),
  });
  const grant = String(taskId).replace('access-', '');
  const [question] = await approvalsOf(broker(), grant, 'pending');
  await decide(broker(), question?.id ?? '', { decision: 'approve' });
  await expect
    .poll(() => resultOf('tasks/get', { taskId }))
    .toMatchObject({ status: 'completed', result: { structuredContent: { grant, state: 'active' } } });
  await toolCall('close_access', { grant });
});

it('the task of a request that is cancelled closes its grant', async () => {
  const { taskId } = await requested('To be cancelled');
  expect(await resultOf('tasks/cancel', { taskId })).toMatchObject({ resultType: 'complete' });
  await expect.poll(() => resultOf('tasks/get', { taskId })).toMatchObject({ taskId, status: 'cancelled' });
});

it('a statement that waits for people is a task, which is completed by their decision and not by the end of the waiting', async () => {
  const access = [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }];
  const body = { target: shop.name, task: { title: 'Change' }, ttlSeconds: 600, onHold: 'error', access };
  const path = '/v1/grants?connection=later';
  const { body: made } = await call<{ id: string }>(broker(), 'POST', path, { key: broker().keys.agent, body });
  const grant = made.id;
  await toolCall('wait_for_access', { grant });
  const { taskId, ...task } = await toolCall('run_statement', {
    grant,
    sql: 'UPDATE orders SET total = 7 WHERE id = 1',
  });
  expect(task).toMatchObject({ resultType: 'task', status: 'working' });
  await resultOf('tasks/cancel', { taskId });
  expect(await resultOf('tasks/get', { taskId })).toMatchObject({ status: 'working' });
  await decideHeld(broker(), grant, { decision: 'deny', reason: 'Not on a Monday' });
  expect(await resultOf('tasks/get', { taskId })).toMatchObject({
    status: 'completed',
    result: { structuredContent: { state: 'denied', reason: 'Not on a Monday' } },
  });
  await toolCall('close_access', { grant });
});

it('nobody gets a task who did not say that they take one, and no task is there that nobody asked for', async () => {
  const { taskId } = await requested('Of the one who takes tasks');
  const refused = await ask('tasks/get', { taskId }, {});
  expect(refused['error']).toMatchObject({
    code: -32_021,
    data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
  });
  for (const unknown of [`access-${NOBODYS}`, `statement-${NOBODYS}`, 'access-../me', '']) {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      expect((await ask(method, { taskId: unknown }))['error'], unknown).toMatchObject({ code: -32_602 });
    }
  }
  const closed = await toolCall('close_access', { grant: String(taskId).replace('access-', '') });
  expect(closed).toMatchObject({ structuredContent: { state: 'refused', recording: null } });
});
