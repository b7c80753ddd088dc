import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { SESSION_COOKIE } from '../../src/control/sign-in/browser/cookies.js';
import { type FurtherApi, startFurtherApi } from '../support/further-api.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { AGENT_CLIENT, type RealProvider, startOidcProvider } from '../support/idp/oidc-provider.js';
import { agentOf } from '../support/mcp/agent.js';
import { shellTexts } from '../support/mcp/snippets.js';
import { modernRequest, PING, PONG, postMcp, statusWithHost } from '../support/mcp/http-messages.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

const METADATA = '/.well-known/oauth-protected-resource';
const PAGE = 'https://agents.example.com';
const MESSAGES_MAX = 4;

const metadataOf = (api: string) => `resource_metadata="${api}${METADATA}/mcp", scope="doorwarden.agent"`;
const ping = (key: string | undefined, headers: Record<string, string> = {}, api = broker().api) =>
  postMcp(api, { key, headers, message: PING });

describe('the MCP server over HTTP lets in', () => {
  it('an agent with its key, in both revisions, and keeps nothing between two messages', async () => {
    const { api, keys } = broker();
    const old = await ping(keys.agent);
    expect([old.status, old.body]).toEqual([200, PONG]);
    expect(old.headers.get('mcp-session-id')).toBeNull();
    expect(old.headers.get('x-accel-buffering')).toBe('no');
    const { status, body } = await postMcp(api, { key: keys.agent, ...modernRequest('server/discover') });
    expect([status, body]).toMatchObject([200, { id: 7, result: { supportedVersions: ['2026-07-28'] } }]);
  });

  it('nobody without a credential, whatever cookie comes along, and says where to learn more', async () => {
    const { api } = broker();
    const cookie = { cookie: `${SESSION_COOKIE}=${'A'.repeat(43)}` };
    for (const headers of [{}, cookie]) {
      const { status, headers: said, body } = await ping(undefined, headers);
      expect([status, body]).toMatchObject([401, { code: 'unauthenticated' }]);
      expect(said.get('www-authenticate')).toBe(`Bearer ${metadataOf(api)}`);
    }
    const wrong = await ping(`dw_aaaaaaaa_${'A'.repeat(43)}`);
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer error="invalid_token", ${metadataOf(api)}`,
    ]);
  });

  it.each(['approver', 'reviewer', 'operator'] as const)('no person: a key of the role %s', async (role) => {
    const { api, keys } = broker();
    const { status, headers, body } = await ping(keys[role]);
    expect([status, body]).toMatchObject([403, { code: 'mcp_agents_only' }]);
    expect(headers.get('www-authenticate')).toBe(`Bearer error="insufficient_scope", ${metadataOf(api)}`);
  });

  it('no page in a browser, with whatever key, and answers none of its questions', async () => {
    const { api, keys } = broker();
    for (const origin of [PAGE, api, 'null', 'http://localhost']) {
      const { status, headers, body } = await ping(keys.agent, { origin });
      expect([status, body], origin).toMatchObject([403, { code: 'mcp_origin_refused' }]);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const preflight = await fetch(`${api}/mcp`, { method: 'OPTIONS', headers: { origin: PAGE } });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});

it('the MCP server over HTTP answers the command that the documents have for a first look', async () => {
  const { api, keys } = broker();
  const [command = ''] = shellTexts('When it does not work');
  const text = command.replaceAll('https://doorwarden.example', api);
  const { stdout } = await promisify(execFile)('sh', ['-c', text], {
    env: { PATH: process.env['PATH'], DOORWARDEN_API_KEY: keys.agent },
  });
  expect(stdout).toContain('"request_access"');
});

it('the MCP server over HTTP answers curl in the newer revision, with a message and its headers and nothing before', async () => {
  const { api, keys } = broker();
  const { headers, message } = modernRequest('tools/list');
  const types = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const said = { authorization: `Bearer ${keys.agent}`, ...types, ...headers };
  const args = Object.entries(said).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const { stdout } = await promisify(execFile)('curl', [
    '-sS',
    ...args,
    '--data',
    JSON.stringify(message),
    `${api}/mcp`,
  ]);
  expect(stdout).toContain('"request_access"');
  expect(stdout).toContain('"id":7');
});

describe('the MCP server over HTTP takes', () => {
  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('messages by POST alone, not %s', async (method) => {
    const { api, keys } = broker();
    const response = await fetch(`${api}/mcp`, { method, headers: { authorization: `Bearer ${keys.agent}` } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each<[string, number, number, unknown, Record<string, string>]>([
    ['more than 100 KiB', 413, -32000, { ...PING, params: { filler: 'x'.repeat(100 * 1024) } }, {}],
    ['no JSON', 400, -32700, '{"jsonrpc": "2.0", ', {}],
    ['nothing', 400, -32700, '', {}],
    ['no message', 400, -32600, { hello: 'there' }, {}],
    ['a batch', 400, -32600, [PING, { ...PING, id: 2 }], {}],
    ['another type', 415, -32000, PING, { 'content-type': 'text/plain' }],
    ['a revision that is none', 400, -32000, PING, { 'mcp-protocol-version': '1999-01-01' }],
  ])('no message that is %s', async (_, status, code, message, headers) => {
    const { api, keys } = broker();
    const answer = await postMcp(api, { key: keys.agent, message, headers });
    expect([answer.status, answer.body]).toMatchObject([status, { jsonrpc: '2.0', error: { code } }]);
  });

  it('no message whose headers say another method or tool than its body', async () => {
    const { api, keys } = broker();
    const { headers, message } = modernRequest('tools/call', { name: 'list_targets', arguments: {} });
    for (const change of [{ 'mcp-method': 'tools/list' }, { 'mcp-name': 'close_access' }]) {
      const answer = await postMcp(api, { key: keys.agent, message, headers: { ...headers, ...change } });
      expect([answer.status, answer.body]).toMatchObject([400, { id: 7, error: { code: -32020 } }]);
    }
  });

  it('a Host that is none like any other, since it reads nothing in it', async () => {
    const { api, keys } = broker();
    for (const host of ['evil.example', '[', 'a b', '%']) expect(await statusWithHost(api, keys.agent, host)).toBe(200);
  });
});

describe('an api with limits and pages of its own', () => {
  let further: FurtherApi;
  beforeAll(async () => {
    const env = { LIMIT_MCP_PER_MINUTE: String(MESSAGES_MAX), MCP_ORIGINS: PAGE };
    further = await startFurtherApi(broker(), { env });
  });
  afterAll(() => further.stop());

  it('answers a page that the operator named, and its browser, and no other', async () => {
    const asked = { origin: PAGE, 'access-control-request-headers': 'authorization,mcp-method' };
    const preflight = await fetch(`${further.api}/mcp`, { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': 'authorization,mcp-method',
      'access-control-allow-methods': 'GET, POST',
    });
    const refused = await ping(undefined, { origin: PAGE }, further.api);
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, PAGE]);
    expect((await fetch(`${further.api}${METADATA}/mcp`, { headers: { origin: PAGE } })).status).toBe(200);
    expect((await ping(undefined, { origin: `${PAGE}.evil.example` }, further.api)).status).toBe(403);
  });

  it('takes so many messages of a principal in a minute, and then says when the next may come', async () => {
    const { keys } = broker();
    const statuses = [];
    for (let count = 0; count < MESSAGES_MAX; count += 1)
      statuses.push((await ping(keys.agent, {}, further.api)).status);
    expect(statuses).toEqual(Array.from({ length: MESSAGES_MAX }, () => 200));
    const { status, headers, body } = await ping(keys.agent, {}, further.api);
    expect([status, body]).toMatchObject([429, { code: 'too_many_requests', limit: 'mcp' }]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an agent with a token of its issuer', () => {
  const metadata = async (path: string) => (await callApi(broker().api, path)).body;
  let issuer: LyingIssuer;
  afterAll(() => issuer.close());

  it('finds nobody to ask while the broker trusts no issuer', async () => {
    const { api } = broker();
    expect(await metadata(`${METADATA}/mcp`)).toEqual({
      resource: `${api}/mcp`,
      resource_name: 'Doorwarden',
      scopes_supported: ['doorwarden.agent'],
      bearer_methods_supported: ['header'],
    });
    issuer = await startLyingIssuer();
    const put = (path: string, body: object) =>
      callApi(api, path, { method: 'PUT', key: broker().keys.operator, body });
    const use = { for: ['agents'], allowPrivateAddresses: true };
    const provider = { kind: 'oidc', issuer: issuer.issuer, audience: `${api}/mcp`, ...use };
    expect((await put('/v1/identity-providers/agents', provider)).status).toBe(200);
    const rule = {
      provider: 'agents',
      when: { sub: 'build-7' },
      principal: 'agents/{sub}',
      kind: 'agent',
      roles: ['agent'],
      groups: [],
    };
    expect((await put('/v1/identity-mapping', { rules: [rule] })).status).toBe(200);
  });

  it('finds its issuer at both addresses', async () => {
    const found = await metadata(`${METADATA}/mcp`);
    expect(found).toMatchObject({ resource: `${broker().api}/mcp`, authorization_servers: [issuer.issuer] });
    expect(await metadata(METADATA)).toEqual(found);
  });

  it('is let in with a token for the MCP server, and with no other', async () => {
    const { api } = broker();
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer.issuer, aud: `${api}/mcp`, sub: 'build-7', iat: now, exp: now + 600, jti: 'j1' };
    expect((await ping(await issuer.sign(claims))).body).toEqual(PONG);
    for (const [check, change] of [
      ['audience', { aud: 'https://another.example/mcp' }],
      ['audience', { aud: api }],
      ['other_audience', { aud: [`${api}/mcp`, 'https://another.example'] }],
      ['expired', { iat: now - 700, exp: now - 100 }],
    ] as const) {
      const { status, headers, body } = await ping(await issuer.sign({ ...claims, ...change }));
      expect([status, body]).toMatchObject([401, { code: 'token_refused', check }]);
      expect(headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", ${metadataOf(api)}`);
    }
  });
});

describe('an agent that has nothing but an address, and what its issuer gave it', () => {
  let issuer: RealProvider;
  beforeAll(async () => {
    issuer = await startOidcProvider([]);
    const { api, keys } = broker();
    const change = (method: 'PUT' | 'DELETE', path: string, body?: object) =>
      callApi(api, path, { method, key: keys.operator, body });
    const who = { principal: '{sub}', kind: 'agent', roles: ['agent'], groups: [] };
    const rule = { provider: 'machines', when: { sub: AGENT_CLIENT.id }, ...who };
    const use = { for: ['agents'], requiredClaims: { scope: 'doorwarden.agent' }, allowPrivateAddresses: true };
    const provider = { kind: 'oidc', issuer: issuer.issuer, audience: `${api}/mcp`, ...use };
    await change('PUT', '/v1/identity-mapping', { rules: [] });
    await change('DELETE', '/v1/identity-providers/agents');
    expect(await change('PUT', '/v1/identity-providers/machines', provider)).toMatchObject({ status: 200 });
    expect(await change('PUT', '/v1/identity-mapping', { rules: [rule] })).toMatchObject({ status: 200 });
  });
  afterAll(() => issuer.close());

  function transportFor(clientSecret: string): StreamableHTTPClientTransport {
    const known = { clientId: AGENT_CLIENT.id, clientSecret, expectedIssuer: issuer.issuer };
    const authProvider = new ClientCredentialsProvider(known);
    return new StreamableHTTPClientTransport(new URL(`${broker().api}/mcp`), { authProvider });
  }

  it.each(['legacy', { pin: '2026-07-28' }] as const)('gets its token where the broker says: %j', async (mode) => {
    const client = new Client({ name: 'agent-7', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(transportFor(AGENT_CLIENT.secret));
    const agent = agentOf(client);
    const { isError, text } = await agent.call('list_targets');
    expect(isError, text).toBe(false);
    await agent.close();
    const { body } = await callApi(broker().api, '/v1/principals', { key: broker().keys.operator });
    expect(JSON.stringify(body)).toContain(`"machines:${AGENT_CLIENT.id}"`);
  });

  it('is not let in where its issuer does not know it, or gives it a token for less', async () => {
    const wrong = new Client({ name: 'agent-7', version: '1' });
    await expect(wrong.connect(transportFor('not-its-secret'))).rejects.toThrow();
    const token = await issuer.agentToken(`${broker().api}/mcp`);
    expect(await ping(token)).toMatchObject({ status: 401, body: { code: 'token_refused', check: 'required_claim' } });
  });
});
