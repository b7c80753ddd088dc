import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApiKeyView } from '../../src/contracts/identity/principal.js';
import { callApi } from '../../src/client/api-call.js';
import { type Permission, permissionsOf, type PrincipalKind, type Role, ROLES } from '../../src/domain/principal.js';
import { OPERATIONS, UNLISTED_CALLS } from '../../src/control/http/operations-table.js';
import { bodyOf, problemOf } from '../support/http.js';
import { startVouching, type VouchedCallers } from '../support/idp/vouched-callers.js';
import { describedCalls, outcomeOf, printedMatrix } from '../support/role-matrix.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** More keys fail here in a minute than anywhere else. */
const broker = useSharedBroker();

const { calls, open } = printedMatrix();
const NEW_KEY_MS = 5_000;
const ASKED_EVERY_MS = 100;
const DENSE_MS = 300;

function asOperator(path: string, body?: unknown, method?: 'DELETE') {
  return callApi(broker().api, path, {
    key: broker().keys.operator,
    body,
    ...(method === undefined ? {} : { method }),
  });
}

async function makePrincipal(name: string, kind: PrincipalKind, roles: readonly Role[]): Promise<void> {
  expect((await asOperator('/v1/principals', { name, kind, roles })).status).toBe(201);
}

async function makeKey(name: string, wanted: object = {}, key?: string) {
  const by = key ?? broker().keys.operator;
  return bodyOf(await callApi(broker().api, `/v1/principals/${name}/keys`, { key: by, body: wanted }), newApiKeyView);
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** What every call of the matrix answers to a caller. */
async function walk(headers: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const outcomes = [];
  for (const { name } of calls) outcomes.push([name, await outcomeOf(broker().api, name, headers)] as const);
  return Object.fromEntries(outcomes);
}

/** What they must answer to somebody with these permissions. */
function expected(has: (call: (typeof calls)[number]) => boolean): Readonly<Record<string, string>> {
  return Object.fromEntries(calls.map((call) => [call.name, has(call) ? 'let in' : 'forbidden']));
}

const ALL_REFUSED = Object.fromEntries(calls.map(({ name }) => [name, 'unauthenticated']));

describe('the matrix of docs/roles.md', () => {
  it('has every call of the running api, and no other', async () => {
    const described = await describedCalls(broker().api);
    expect(described.length).toBeGreaterThan(30);
    const unlisted: readonly string[] = UNLISTED_CALLS;
    const listed = [...calls.map(({ name }) => name), ...open].filter((name) => !unlisted.includes(name));
    expect(listed.toSorted()).toEqual(described.toSorted());
    expect(described.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  });

  it.each(ROLES)('holds for a key of the role %s', async (role) => {
    expect(await walk(bearer(broker().keys[role]))).toEqual(expected(({ roles }) => roles.has(role)));
  });

  it('holds for services, which have what their roles give them and nothing for being one', async () => {
    await makePrincipal('ci-agent', 'service', ['agent']);
    await makePrincipal('auditor', 'service', ['reviewer', 'approver']);
    expect(await walk(bearer((await makeKey('ci-agent')).key))).toEqual(expected(({ roles }) => roles.has('agent')));
    const both = expected(({ roles }) => roles.has('reviewer') || roles.has('approver'));
    expect(await walk(bearer((await makeKey('auditor')).key))).toEqual(both);
  });

  it.each([
    ['no key', {}],
    ['a key that nobody made', bearer(`dw_aaaaaaaa_${'A'.repeat(43)}`)],
    ['another scheme', { authorization: 'Basic dGVzdDp0ZXN0' }],
    ['a token that no provider signed', bearer('eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.')],
  ])('lets nobody in with %s', async (_, headers) => {
    expect(await walk(headers)).toEqual(ALL_REFUSED);
  });

  it('lets nobody in with a key that was revoked, or whose principal is disabled', async () => {
    await makePrincipal('leaver', 'user', ['operator']);
    const { id, key } = await makeKey('leaver');
    expect((await asOperator(`/v1/principals/leaver/keys/${id}`, undefined, 'DELETE')).status).toBe(204);
    expect(await walk(bearer(key))).toEqual(ALL_REFUSED);
    await makePrincipal('resting-operator', 'user', ['operator']);
    const resting = await makeKey('resting-operator');
    const change = { key: broker().keys.operator, method: 'PATCH', body: { disabled: true } } as const;
    expect((await callApi(broker().api, '/v1/principals/resting-operator', change)).status).toBe(200);
    expect(await walk(bearer(resting.key))).toEqual(ALL_REFUSED);
  });

  it('lets everybody see what needs no key', async () => {
    for (const name of open) expect(await outcomeOf(broker().api, name, {}), name).toBe('let in');
  });
});

describe('somebody for whom an identity provider vouches', () => {
  let callers: VouchedCallers;
  beforeAll(async () => {
    const { api, keys, env, stateDatabaseUrl: stateUrl } = broker();
    const [redisUrl, prefix] = [env['REDIS_URL'] ?? '', env['QUEUE_PREFIX'] ?? ''];
    callers = await startVouching({ api, operatorKey: keys.operator, redisUrl, stateUrl, prefix });
  });
  afterAll(() => callers.close());

  /** A session of its own for each call: some of them end it. */
  async function walkSigned(role: Role): Promise<Readonly<Record<string, string>>> {
    const outcomes = [];
    for (const { name } of calls) {
      outcomes.push([name, await outcomeOf(broker().api, name, await callers.session(role))] as const);
    }
    return Object.fromEntries(outcomes);
  }

  it.each(ROLES)('may do with a token what the mapping gives it: %s', async (role) => {
    expect(await walk(await callers.token(role))).toEqual(expected(({ roles }) => roles.has(role)));
  });

  it.each(['approver', 'reviewer', 'operator'] as const)(
    'may do with a session what the mapping gives it, and not what its principal may by itself: %s',
    async (role) => {
      expect(await walkSigned(role)).toEqual(expected(({ roles }) => roles.has(role)));
    },
  );

  it('has with an open session another role from the request on that follows the change', async () => {
    const session = await callers.session('approver');
    const [recordings, policies] = ['GET /v1/recordings', 'POST /v1/policies/try'];
    const both = async () => [
      await outcomeOf(broker().api, recordings, session),
      await outcomeOf(broker().api, policies, session),
    ];
    expect(await both()).toEqual(['forbidden', 'let in']);
    await callers.remap('approver', 'reviewer');
    expect(await both()).toEqual(['let in', 'forbidden']);
    await callers.remap('approver', 'approver');
    expect(await both()).toEqual(['forbidden', 'let in']);
  });

  it('is nobody with a cookie that is no session', async () => {
    const headers = { ...(await callers.session('operator')), cookie: `__Host-doorwarden=${'A'.repeat(43)}` };
    // What sends the cookie is a page, and none may use the MCP server.
    expect(await walk(headers)).toEqual({ ...ALL_REFUSED, 'POST /mcp': 'forbidden' });
  });
});

describe('a key that ends', () => {
  it('works until its time, also for an api that has just used it, and then nowhere', async () => {
    await makePrincipal('ending', 'user', ['operator']);
    const endsAtMs = Date.now() + NEW_KEY_MS;
    const { key, expiresAt } = await makeKey('ending', { expiresAt: new Date(endsAtMs).toISOString() });
    expect(expiresAt).toBe(new Date(endsAtMs).toISOString());
    const statusAt = async () => {
      const { status } = await callApi(broker().api, '/v1/principals?limit=1', { key });
      return { status, atMs: Date.now() };
    };
    let last = await statusAt();
    if (last.atMs < endsAtMs) expect(last.status).toBe(200);
    while (last.status === 200) {
      // Again and again around its end: one that ended too soon, or too late, would be seen.
      if (Date.now() < endsAtMs - DENSE_MS) await pause(ASKED_EVERY_MS);
      last = await statusAt();
    }
    expect(last.status).toBe(401);
    expect(last.atMs).toBeGreaterThanOrEqual(endsAtMs);
    expect(await walk(bearer(key))).toEqual(ALL_REFUSED);
    expect(problemOf(await callApi(broker().api, '/v1/targets', { key }))).toMatchObject({ code: 'unauthenticated' });
  });

  it('cannot have ended before it is made', async () => {
    const answer = await asOperator('/v1/principals/test-agent/keys', { expiresAt: '2020-01-01T00:00:00Z' });
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'key_expiry_invalid' });
  });
});

describe('a key with a scope', () => {
  const roles = ['approver', 'reviewer', 'operator'] as const;
  const all = [...permissionsOf(roles)];
  let wide: string;

  beforeAll(async () => {
    await makePrincipal('everything', 'user', roles);
    wide = (await makeKey('everything')).key;
  });

  it.each(all)('of %s alone has that permission and no other', async (permission) => {
    const { key, scope } = await makeKey('everything', { scope: [permission] }, wide);
    expect(scope).toEqual([permission]);
    expect(await walk(bearer(key))).toEqual(expected((call) => call.permission === permission));
  });

  it('has nothing that its principal does not have', async () => {
    const wanted = { scope: ['grant.read', 'approval.decide'] satisfies Permission[] };
    const answer = await asOperator('/v1/principals/test-agent/keys', wanted);
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'key_scope_invalid', beyond: ['approval.decide'] });
  });

  it('makes no key that is wider or ends later', async () => {
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    const scope = ['key.make', 'grant.read'] satisfies Permission[];
    const narrow = await makeKey('everything', { scope, expiresAt }, wide);
    expect(await makeKey('everything', {}, narrow.key)).toMatchObject({ scope, expiresAt });
    expect(await makeKey('everything', { scope: ['grant.read'] }, narrow.key)).toMatchObject({ scope: ['grant.read'] });
    const make = (body: object) => callApi(broker().api, '/v1/principals/everything/keys', { key: narrow.key, body });
    expect(problemOf(await make({ scope: ['policy.write'] }))).toMatchObject({ code: 'key_scope_invalid' });
    const later = new Date(Date.now() + 700_000).toISOString();
    expect(problemOf(await make({ expiresAt: later }))).toMatchObject({ code: 'key_expiry_invalid' });
  });

  it('makes keys of other principals for agents only', async () => {
    const scope = ['key.make', 'principal.write'] satisfies Permission[];
    const { key } = await makeKey('everything', { scope }, wide);
    await makePrincipal('new-operator', 'user', ['operator']);
    const answer = await callApi(broker().api, '/v1/principals/new-operator/keys', { key, body: {} });
    expect(problemOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await makeKey('test-agent', {}, key)).toMatchObject({ scope: null, expiresAt: null });
  });

  it('says so to anyone whom it refuses, and in the list of keys, with the name of the one who revoked it', async () => {
    const { id, key } = await makeKey('everything', { scope: ['grant.read'] }, wide);
    const refused = problemOf(await callApi(broker().api, '/v1/policies', { key }));
    expect(refused.detail).toContain('the key that was used is narrowed');
    await asOperator(`/v1/principals/everything/keys/${id}`, undefined, 'DELETE');
    const list = await asOperator('/v1/principals/everything/keys');
    const shown = { id, scope: ['grant.read'], revokedBy: 'test-operator', revokedAt: expect.any(String) };
    expect(list.body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining(shown)]) });
  });
});
