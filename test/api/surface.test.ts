import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decisionRequest, withdrawalRequest } from '../../src/contracts/approvals/decision.js';
import { grantOpenedView, grantRequest } from '../../src/contracts/grants/grant.js';
import { policyRequest } from '../../src/contracts/policies/policy.js';
import { principalRequest } from '../../src/contracts/identity/principal.js';
import { settingsView } from '../../src/contracts/broker/setting.js';
import { targetChange, targetRequest } from '../../src/contracts/grants/target.js';
import { PROTOCOL_PLACES } from '../../src/domain/protocol-places.js';
import { OPERATIONS } from '../../src/control/http/operations-table.js';
import { callApi } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

const openApi = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) }))),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

it('a broker without Slack has no routes for it', async () => {
  for (const path of ['interactivity', 'commands']) {
    const response = await fetch(`${broker().api}/slack/${path}`, { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'route_not_found' }]);
  }
});

describe('the description of the API', () => {
  it('lists the calls of the contract, each with its answer and the form of its problems', async () => {
    const { paths, components } = openApi.parse((await callApi(broker().api, '/openapi.json')).body);
    const calls = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls).toEqual(
      expect.arrayContaining([
        'POST /v1/principals',
        'DELETE /v1/principals/{name}/keys/{id}',
        'POST /v1/targets',
        'PATCH /v1/targets/{name}',
        'POST /v1/grants',
        'GET /v1/grants/{id}',
        'GET /v1/recordings/{grantId}/entries',
        'GET /v1/keys',
      ]),
    );
    for (const operation of Object.values(paths).flatMap((operations) => Object.values(operations))) {
      expect(Object.keys(operation.responses)).toHaveLength(2);
      expect(operation.responses).toHaveProperty('default');
    }
    expect(calls.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
    expect(components.schemas).toHaveProperty('Problem');
    expect(JSON.stringify({ paths, components })).not.toContain('$defs');
  });

  it('names each call, says what may go wrong with it, and shows bodies that fit their schemas', async () => {
    const { paths } = openApi.parse((await callApi(broker().api, '/openapi.json')).body);
    const { operationId, requestBody, responses } = z
      .looseObject({ operationId: z.string(), requestBody: z.unknown(), responses: z.record(z.string(), z.unknown()) })
      .parse(paths['/v1/grants']?.['post']);
    expect(operationId).toBe('requestGrant');
    expect(responses['default']).toMatchObject({
      'x-error-codes': expect.arrayContaining(['grant_request_denied', 'idempotency_key_reused', 'unauthenticated']),
    });
    const example = OPERATIONS['POST /v1/grants'];
    expect(requestBody).toMatchObject({ content: { 'application/json': { example: example?.request } } });
    expect(responses['201']).toMatchObject({ content: { 'application/json': { example: example?.response } } });
    for (const [call, schema] of [
      ['POST /v1/grants', grantRequest],
      ['POST /v1/targets', targetRequest],
      ['PATCH /v1/targets/{name}', targetChange],
      ['POST /v1/principals', principalRequest],
      ['PUT /v1/policies/{name}', policyRequest],
      ['POST /v1/approvals/{id}/decisions', decisionRequest],
      ['POST /v1/approvals/{id}/withdraw', withdrawalRequest],
    ] as const) {
      expect(schema.safeParse(OPERATIONS[call]?.request).error, call).toBeUndefined();
    }
    expect(grantOpenedView.safeParse(example?.response).error).toBeUndefined();
  });

  it('says what each protocol has where a value is the protocol’s own', async () => {
    const { components } = openApi.parse((await callApi(broker().api, '/openapi.json')).body);
    for (const place of PROTOCOL_PLACES) {
      expect(components.schemas[place], place).toEqual({ oneOf: [{ $ref: `#/components/schemas/Mysql${place}` }] });
      expect(components.schemas[`Mysql${place}`], place).toMatchObject({ properties: expect.any(Object) });
    }
    expect(components.schemas['MysqlAccessRequest']).toMatchObject({
      properties: { database: { type: 'string' } },
      required: ['database', 'privileges'],
    });
  });

  it('begins at the address itself, without a key', async () => {
    const { status, body } = await callApi(broker().api, '/');
    expect(status).toBe(200);
    const { links } = z.object({ links: z.record(z.string(), z.string()) }).parse(body);
    for (const path of Object.values(links)) expect((await fetch(`${broker().api}${path}`)).status, path).toBe(200);
  });

  it('is there for people too, and explains the errors', async () => {
    expect(await textOf('/docs')).toContain('swagger-ui');
    expect(await textOf('/docs/errors')).toContain('id="grant_not_active"');
  });
});

describe('health and metrics', () => {
  const readiness = z.strictObject({
    status: z.literal('ok'),
    troubles: z.tuple([]),
    info: z.record(z.string(), z.looseObject({ status: z.literal('up') })),
    error: z.strictObject({}),
    details: z.record(z.string(), z.looseObject({ status: z.literal('up') })),
  });
  const common = ['database', 'queue'];

  it.each([
    ['api', [...common, 'gateways', 'workers']],
    ['worker', [...common, 'gateways', 'workers']],
    ['gateway', [...common, 'recordings']],
  ] as const)('of the %s have one form', async (name, conditions) => {
    const at = (path: string) => fetch(`${broker().url(name)}${path}`);
    expect(await (await at('/health/live')).json()).toEqual({ status: 'ok' });
    const { info, details } = readiness.parse(await (await at('/health/ready')).json());
    expect([Object.keys(info), Object.keys(details)]).toEqual([conditions, conditions]);
    const metrics = await at('/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
  });

  it('of the worker count its jobs and seals', async () => {
    const text = await (await fetch(`${broker().url('worker')}/metrics`)).text();
    for (const name of ['worker_jobs_total', 'reaper_grants_total', 'seal_duration_seconds_count']) {
      expect(text, name).toContain(`doorwarden_${name}`);
    }
  });
});

describe('a request', () => {
  it.each([
    ['PUT', '/v1/grants', 'GET, HEAD, POST'],
    ['DELETE', '/v1/grants/01m7ytqm8g9xt6m7ken4f6b9rz', 'GET, HEAD'],
    ['GET', '/V1/grants/01m7ytqm8g9xt6m7ken4f6b9rz/close/?why=', 'POST'],
    ['POST', '/health/ready', 'GET, HEAD'],
    ['DELETE', '/', 'GET, HEAD'],
    ['PUT', '/docs/errors', 'GET, HEAD'],
    ['PUT', '/v1/approvals/events', 'GET, HEAD'],
  ])('%s %s is told which methods the path takes', async (method, path, allow) => {
    const response = await fetch(`${broker().api}${path}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });

  it.each(['/v1/none', '/v1/grants/x/none', '/v1//close', '/v1'])(
    'at the path %s, which takes no method, is not found',
    async (path) => {
      for (const method of ['GET', 'PUT']) {
        const response = await fetch(`${broker().api}${path}`, { method });
        expect([response.status, response.headers.get('allow')], method).toEqual([404, null]);
        expect(await response.json(), method).toMatchObject({ code: 'route_not_found' });
      }
    },
  );

  it('keeps the name that its caller gave it, and gets one otherwise', async () => {
    const given = await fetch(`${broker().api}/health/live`, { headers: { 'x-request-id': 'ci-42.a' } });
    expect(given.headers.get('x-request-id')).toBe('ci-42.a');
    const unsound = await fetch(`${broker().api}/v1/none`, { headers: { 'x-request-id': 'a b' } });
    const id = unsound.headers.get('x-request-id');
    expect(id).toMatch(/^[0-9a-z]{26}$/);
    expect(await unsound.json()).toMatchObject({ requestId: id, code: 'route_not_found', instance: '/v1/none' });
  });

  it('that is larger than the limit is refused as such', async () => {
    const body = { name: 'x'.repeat(1024 * 1024) };
    const answer = await callApi(broker().api, '/v1/principals', { key: broker().keys.operator, body });
    expect(problemOf(answer)).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it.each([
    ['application/json', '{"name": '],
    ['application/json', '"text"'],
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'name=x'],
  ])('of the type %s with the body %j is refused as not well formed', async (type, body) => {
    const headers = { authorization: `Bearer ${broker().keys.operator}`, 'content-type': type };
    const response = await fetch(`${broker().api}/v1/principals`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ status: 400, code: 'request_invalid' });
  });

  it('is measured by its route, not by its path', async () => {
    await callApi(broker().api, '/v1/targets/some-name', { key: broker().keys.operator });
    const metrics = await textOf('/metrics');
    expect(metrics).toContain('route="/v1/targets/:name"');
    expect(metrics).not.toContain('some-name');
  });

  it('leaves a line in the log, and no key in it', async () => {
    const { key } = { key: broker().keys.agent };
    await callApi(broker().api, '/v1/targets?limit=7', { key });
    await expect.poll(() => broker().logs('api')).toContain('"path":"/v1/targets"');
    expect(broker().logs('api')).not.toContain(key);
  });
});

describe('the settings', () => {
  it('are told to operators with where each comes from, and without a secret', async () => {
    const { status, body } = await callApi(broker().api, '/v1/settings', { key: broker().keys.operator });
    expect(status).toBe(200);
    const { version, publicUrl, settings, limits } = settingsView.parse(body);
    expect(version).toMatch(/^\d+\.\d+/);
    expect(publicUrl).toBe(broker().api);
    const known = new Map(settings.map((setting) => [setting.name, setting]));
    expect(known.get('API_PORT')).toMatchObject({ source: 'environment', isSecret: false });
    expect(known.get('DATABASE_URL')).toMatchObject({ source: 'environment', isSecret: true, value: null });
    expect(known.get('SESSION_HOURS')).toMatchObject({ source: 'default', value: '10' });
    const { DATABASE_URL, REDIS_URL } = broker().env;
    for (const secret of [DATABASE_URL, REDIS_URL]) expect(JSON.stringify(body)).not.toContain(secret);
    expect(limits).toContainEqual(
      expect.objectContaining({ name: 'provider-starts', units: 1_200, seconds: 60, isShared: true }),
    );
  });
});

describe('the public keys', () => {
  it('are a key set of Ed25519 keys, without their private halves', async () => {
    const { status, body } = await callApi(broker().api, '/v1/keys', { key: broker().keys.agent });
    expect(status).toBe(200);
    expect(body).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), use: 'sig', alg: 'EdDSA' }],
    });
  });
});

async function textOf(path: string): Promise<string> {
  return (await fetch(`${broker().api}${path}`)).text();
}
