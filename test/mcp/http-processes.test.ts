import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { approveNext, untilHeld, untilLeft } from '../support/decide.js';
import { servers } from '../support/engines.js';
import { type FurtherApi, startFurtherApi } from '../support/further-api.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { agentOverHttp, type McpAgent } from '../support/mcp/agent.js';
import { modernRequest } from '../support/mcp/http-messages.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');
const CHANGE = 'UPDATE orders SET total = total + 1 WHERE id = 1';

let shop: ShopTarget;
let another: FurtherApi;
const agents: McpAgent[] = [];
beforeAll(async () => {
  another = await startFurtherApi(broker());
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await Promise.all([shop?.drop(), another?.stop()]);
});

async function agentAt({ api }: { readonly api: string }): Promise<McpAgent> {
  const agent = await agentOverHttp(api, broker().keys.agent);
  agents.push(agent);
  return agent;
}

async function openAccess(agent: McpAgent): Promise<string> {
  const access = [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }];
  const asked = { target: shop.name, task: { title: 'Correct an order' }, access, ttlSeconds: 600 };
  const { facts, text } = await agent.call('request_access', asked);
  expect(facts, text).toMatchObject({ state: 'active' });
  return z.looseObject({ grant: z.string() }).parse(facts).grant;
}

it('any api goes on with what another began: a grant, its connection, a question', async () => {
  const [first, second] = [await agentAt(broker()), await agentAt(another)];
  const grant = await openAccess(first);
  for (const agent of [first, second, first]) {
    const { facts, text } = await agent.call('run_statement', { grant, sql: 'SELECT 1' });
    expect(facts, text).toMatchObject({ rows: [[1]] });
  }
  const shown = await second.call('get_connection', { grant, as: 'dsn' });
  expect([shown.isError, shown.facts]).toMatchObject([false, { dsn: expect.stringMatching(/^mysql:/) }]);
  expect(await first.call('get_connection', { grant, as: 'dsn' })).toMatchObject({
    isError: true,
    facts: { error: { code: 'connection_already_fetched' } },
  });

  const gone = new AbortController();
  const left = first.call('run_statement', { grant, sql: CHANGE }, { signal: gone.signal });
  const [approval = ''] = await untilHeld(broker(), grant);
  gone.abort();
  await expect(left).rejects.toThrow();
  await untilLeft(broker(), approval);
  const waits = [first, second].map((agent) => agent.call('wait_for_statement', { grant, approval, seconds: 45 }));
  await approveNext(broker(), grant);
  for (const { facts } of await Promise.all(waits)) expect(facts).toMatchObject({ state: 'approved' });
  const ran = await second.call('run_statement', { grant, sql: CHANGE });
  expect(ran.facts, ran.text).toMatchObject({ affectedRows: '1' });
  expect((await second.call('close_access', { grant })).isError).toBe(false);
});

it('an answer that waits sends something every ten seconds', async () => {
  const agent = await agentAt(broker());
  const grant = await openAccess(agent);
  const gone = new AbortController();
  const left = agent.call('run_statement', { grant, sql: CHANGE }, { signal: gone.signal });
  const [approval = ''] = await untilHeld(broker(), grant);
  gone.abort();
  await expect(left).rejects.toThrow();
  await untilLeft(broker(), approval);

  // Nobody asked for progress: what comes is there for the proxies on the way.
  const asked = modernRequest('tools/call', {
    name: 'wait_for_statement',
    arguments: { grant, approval, seconds: 45 },
  });
  const response = await fetch(`${broker().api}/mcp`, {
    method: 'POST',
    headers: {
      ...asked.headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${broker().keys.agent}`,
    },
    body: JSON.stringify(asked.message),
  });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  expect(first?.value).toMatch(/^:/); // a comment, before there is an answer
  await approveNext(broker(), grant);
  let rest = '';
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) rest += read.value;
  expect(rest).toContain('"state":"approved"');
  await agent.call('close_access', { grant });
});

it('an api that stops ends the calls that wait in it, and another goes on with them', async () => {
  const [stopping, staying] = [await agentAt(another), await agentAt(broker())];
  const grant = await openAccess(stopping);
  const gone = new AbortController();
  const left = staying.call('run_statement', { grant, sql: CHANGE }, { signal: gone.signal });
  const [approval = ''] = await untilHeld(broker(), grant);
  gone.abort();
  await expect(left).rejects.toThrow();
  await untilLeft(broker(), approval);
  const arguments_ = { grant, approval, seconds: 45 };
  const begun = another.log().length;
  const waiting = stopping.call('wait_for_statement', arguments_).then(
    ({ isError, facts }) => ({ isError, facts }),
    (error: unknown) => ({ isError: true, error }),
  );
  await expect.poll(() => another.log().slice(begun)).toContain('/v1/');
  await another.stop();
  // It is told so, unless the machine is so slow that the stream is broken off first.
  const told = await waiting;
  expect(told.isError).toBe(true);
  const stoppingAnswer = { facts: { error: { code: 'api_stopping' } } };
  expect('facts' in told ? told : stoppingAnswer).toMatchObject(stoppingAnswer);

  const again = staying.call('wait_for_statement', arguments_);
  await approveNext(broker(), grant);
  expect((await again).facts).toMatchObject({ state: 'approved' });
  another = await startFurtherApi(broker());
  const after = await (await agentAt(another)).call('run_statement', { grant, sql: CHANGE });
  expect(after.facts, after.text).toMatchObject({ affectedRows: '1' });
  await staying.call('close_access', { grant });
});
