import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionView, GrantOpenedView, GrantView } from '../../src/contracts/grants/grant.js';
import { askGrant, call, openGrant, registerShop, untilState, type ShopTarget } from '../support/grants.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
let shop: ShopTarget;
/** A second agent, who must not see what the first one does. */
let stranger: string;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb, { ttlSecondsMax: 900 });
  const { operator } = broker().keys;
  await call(broker(), 'POST', '/v1/principals', {
    key: operator,
    body: { name: 'stranger', kind: 'agent', roles: ['agent'] },
  });
  const made = await call<{ key: string }>(broker(), 'POST', '/v1/principals/stranger/keys', {
    key: operator,
    body: {},
  });
  stranger = made.body.key;
});
afterAll(async () => shop?.drop());

function close(id: string, key = broker().keys.agent, query = '') {
  return call<GrantView>(broker(), 'POST', `/v1/grants/${id}/close${query}`, { key });
}

describe('asking for a grant', () => {
  it('answers with an active grant and a connection that an ordinary client can use', async () => {
    const grant = await openGrant(broker(), shop.name);
    expect(grant).toMatchObject({
      state: 'active',
      target: shop.name,
      access: [{ database: shop.database, privileges: ['SELECT'] }],
      task: { title: 'Count the orders', reference: null },
      closeReason: null,
      refusal: null,
    });
    expect(Date.parse(grant.deadline) - Date.parse(grant.requestedAt)).toBe(600_000);
    const { host, port, username: user, password, database } = grant.connection;
    const [rows] = await withMysql2({ host, port, user, password }, (connection) =>
      connection.query(`SELECT COUNT(*) AS orders FROM ${database}.orders`),
    );
    expect(rows).toEqual([{ orders: 3 }]);
    const url = new URL(grant.connection.dsn);
    expect([url.hostname, Number(url.port), url.username, url.pathname]).toEqual([host, port, user, `/${database}`]);
    await close(grant.id);
  });

  it.each([
    ['no key', undefined, {}, 401, 'unauthenticated'],
    ['a wrong key', 'dw_abcdefgh_wrong', {}, 401, 'unauthenticated'],
    ['an unknown target', 'agent', { target: 'nowhere' }, 404, 'target_not_found'],
    ['a time over the limit', 'agent', { ttlSeconds: 901 }, 422, 'grant_ttl_over_limit'],
    [
      'privileges over the limit',
      'agent',
      { access: [{ database: 'shop', privileges: ['DROP'] }] },
      422,
      'grant_privileges_over_limit',
    ],
    [
      'a database of the server itself',
      'agent',
      { access: [{ database: 'mysql', privileges: ['SELECT'] }] },
      422,
      'grant_privileges_over_limit',
    ],
    ['a field that nobody knows', 'agent', { admin: true }, 400, 'request_invalid'],
    ['a title of two lines', 'agent', { task: { title: 'a\nb' } }, 400, 'request_invalid'],
    ['no task', 'agent', { task: undefined }, 400, 'request_invalid'],
    ['a role that may not ask', 'operator', {}, 403, 'forbidden'],
    ['an approver', 'approver', {}, 403, 'forbidden'],
  ] as const)('with %s is refused', async (_, who, changed, status, code) => {
    const { keys } = broker();
    const key = who === 'agent' || who === 'operator' || who === 'approver' ? keys[who] : who;
    const answer = await call(broker(), 'POST', '/v1/grants', {
      ...(key === undefined ? {} : { key }),
      body: { target: shop.name, task: { title: 'x' }, ttlSeconds: 60, ...changed },
    });
    expect(answer).toMatchObject({ status, body: { code, status, next: expect.any(String) } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe("a grant's connection", () => {
  it('is shown once: with the answer, and then no more', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const again = await call(broker(), 'POST', `/v1/grants/${id}/connection`, { key: broker().keys.agent });
    expect(again).toMatchObject({ status: 409, body: { code: 'connection_already_fetched' } });
    const looked = await call<GrantOpenedView>(broker(), 'GET', `/v1/grants/${id}`, { key: broker().keys.agent });
    expect(looked.body.connection).toBeUndefined();
    await close(id);
    const closed = await call<ConnectionView>(broker(), 'POST', `/v1/grants/${id}/connection`, {
      key: broker().keys.agent,
    });
    expect(closed).toMatchObject({ status: 409, body: { code: 'grant_not_active' } });
  });

  it('is for the requester alone', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const others = await call(broker(), 'POST', `/v1/grants/${id}/connection`, { key: stranger });
    expect(others).toMatchObject({ status: 404, body: { code: 'grant_not_found' } });
    await close(id);
  });
});

it('shows no connection with the answer where the caller wants it later, and shows it then, once', async () => {
  const path = '/v1/grants?connection=later';
  const body = { target: shop.name, task: { title: 'Count the orders' }, ttlSeconds: 600 };
  const key = broker().keys.agent;
  const asked = await call<GrantOpenedView>(broker(), 'POST', path, { key, body });
  expect(asked).toMatchObject({ status: 201, body: { state: 'active' } });
  expect(asked.body.connection).toBeUndefined();
  const fetched = `/v1/grants/${asked.body.id}/connection`;
  const { body: shown } = await call<ConnectionView>(broker(), 'POST', fetched, { key });
  const [rows] = await withMysql2(
    { host: shown.host, port: shown.port, user: shown.username, password: shown.password },
    (connection) => connection.query(`SELECT COUNT(*) AS orders FROM ${shop.database}.orders`),
  );
  expect(rows).toEqual([{ orders: 3 }]);
  const again = await call(broker(), 'POST', fetched, { key });
  expect(again).toMatchObject({ status: 409, body: { code: 'connection_already_fetched' } });
  await close(asked.body.id);
});

describe('an Idempotency-Key', () => {
  const ask = async (key: string, over: object = {}, apiKey = broker().keys.agent) => {
    const response = await fetch(`${broker().api}/v1/grants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ target: shop.name, task: { title: 'Once' }, ttlSeconds: 60, ...over }),
    });
    const body = (await response.json()) as GrantOpenedView & { code?: string };
    return { status: response.status, headers: response.headers, body };
  };

  it('gives the same grant to the same request, and its connection the first time only', async () => {
    const first = await ask('one');
    expect(first).toMatchObject({ status: 201, body: { state: 'active', connection: { host: '127.0.0.1' } } });
    expect(first.headers.get('location')).toBe(`/v1/grants/${first.body.id}`);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const again = await ask('one');
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, state: 'active' } });
    expect(again.body.connection).toBeUndefined();
    expect([again.headers.get('idempotency-replayed'), again.headers.get('location')]).toEqual([
      'true',
      `/v1/grants/${first.body.id}`,
    ]);
    await close(first.body.id);
    expect((await ask('one')).body.id).toBe(first.body.id);
  });

  it('makes one grant of many requests in the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('together')));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    expect(made.filter(({ body }) => body.connection !== undefined)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.code]).toEqual([409, 'idempotency_key_in_use']);
    }
    await close(made[0]?.body.id ?? '');
  });

  it('is refused with another request, and is somebody else\u2019s own', async () => {
    const { id } = (await ask('mine')).body;
    expect(await ask('mine', { ttlSeconds: 61 })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    const other = await ask('mine', {}, stranger);
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(id);
    await Promise.all([close(id), close(other.body.id, stranger)]);
  });

  it('is free again after a request that failed and made nothing', async () => {
    expect(await ask('retried', { target: 'nowhere' })).toMatchObject({ status: 404 });
    const { status, body } = await ask('retried');
    expect(status).toBe(201);
    await close(body.id);
    expect((await ask('not allowed')).body).toMatchObject({ status: 400, code: 'request_invalid' });
  });
});

describe('closing a grant', () => {
  it('is no error for the one who comes second: all of twenty who close it at the same time see that it closes', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const answers = await Promise.all(Array.from({ length: 20 }, () => close(id)));
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { closeReason: 'completed', closedBy: 'test-agent' },
      });
    }
    expect((await close(id, broker().keys.agent, '?wait=20')).body).toMatchObject({ state: 'sealed' });
  });

  it('ends in a sealed grant that waits can see, and in a database account that is gone', async () => {
    const { id, connection } = await openGrant(broker(), shop.name);
    const sealed = await close(id, broker().keys.agent, '?wait=20');
    expect(sealed.body).toMatchObject({ state: 'sealed', closeReason: 'completed', closedBy: 'test-agent' });
    expect(sealed.body.sealedAt).not.toBeNull();
    const { mariadb } = servers();
    await withMysql2({ host: mariadb.host, port: mariadb.port, ...mariadb.root }, async (root) => {
      const [accounts] = await root.query('SELECT User FROM mysql.user WHERE User = ?', [connection.username]);
      expect(accounts).toEqual([]);
    });
  });

  it('is for the requester; an operator or an approver revokes, an agent cannot', async () => {
    const { id } = await openGrant(broker(), shop.name);
    expect(await close(id, stranger)).toMatchObject({ status: 404 });
    expect(await close(id, broker().keys.operator)).toMatchObject({ status: 403 });
    const path = `/v1/grants/${id}/revoke`;
    expect(await call(broker(), 'POST', path, { key: broker().keys.agent })).toMatchObject({ status: 403 });
    expect(await call(broker(), 'POST', path, { key: broker().keys.reviewer })).toMatchObject({ status: 403 });
    const revoked = await call(broker(), 'POST', path, { key: broker().keys.approver });
    expect(revoked).toMatchObject({ status: 200, body: { closeReason: 'revoked', closedBy: 'test-approver' } });
    expect(await call(broker(), 'POST', path, { key: broker().keys.approver })).toMatchObject({ status: 200 });
  });
});

describe('looking at grants', () => {
  it('shows an agent its own only, and others all', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const path = `/v1/grants/${id}`;
    expect(await call(broker(), 'GET', path, { key: stranger })).toMatchObject({ status: 404 });
    expect(await call(broker(), 'GET', path, { key: broker().keys.reviewer })).toMatchObject({ status: 200 });
    const listed = async (key: string) =>
      (await call<{ items: GrantView[] }>(broker(), 'GET', `/v1/grants?target=${shop.name}`, { key })).body.items;
    expect((await listed(stranger)).map((grant) => grant.id)).not.toContain(id);
    expect((await listed(broker().keys.operator)).map((grant) => grant.id)).toContain(id);
    await close(id);
  });

  it('pages through a list without gaps', async () => {
    const { agent } = broker().keys;
    const seen = [];
    let cursor = '';
    do {
      const { body } = await call<{ items: GrantView[]; next: string | null }>(
        broker(),
        'GET',
        `/v1/grants?target=${shop.name}&limit=2${cursor}`,
        { key: agent },
      );
      seen.push(...body.items.map((grant) => grant.id));
      cursor = body.next === null ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    const path = `/v1/grants?target=${shop.name}&limit=200`;
    const { body } = await call<{ items: GrantView[] }>(broker(), 'GET', path, { key: agent });
    expect(seen).toEqual(body.items.map((grant) => grant.id));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('with a wait answers as soon as the state changes, and when the time is up without a change', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const unchanged = await call<GrantView>(broker(), 'GET', `/v1/grants/${id}?wait=1`, { key: broker().keys.agent });
    expect(unchanged.body.state).toBe('active');
    const waiting = call<GrantView>(broker(), 'GET', `/v1/grants/${id}?wait=30`, { key: broker().keys.agent });
    await close(id);
    expect(['closing', 'sealed']).toContain((await waiting).body.state);
  });

  it('with a wait while it has a state answers at once when it has another', async () => {
    const { id } = await openGrant(broker(), shop.name);
    const path = `/v1/grants/${id}?wait=60&while=requested`;
    // The caller gives up before the wait would be over.
    const signal = AbortSignal.timeout(30_000);
    const answer = await call<GrantView>(broker(), 'GET', path, { key: broker().keys.agent, signal });
    expect(answer.body.state).toBe('active');
    await close(id);
  });

  it.each(['wait=61', 'wait=x', 'wait=1&while=open', 'limit=0', 'state=open', 'from=yesterday', 'more=1'])(
    'refuses ?%s',
    async (query) => {
      const path = query.startsWith('wait') ? `/v1/grants/01arz3ndektsv4rrffq69g5fav?${query}` : `/v1/grants?${query}`;
      const answer = await call(broker(), 'GET', path, { key: broker().keys.agent });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    },
  );
});

describe('the deadline', () => {
  it('closes a grant without anybody asking', async () => {
    const { body } = await askGrant(broker(), shop.name, { ttlSeconds: 5 });
    const sealed = await untilState(broker(), body.id, 'sealed');
    expect(sealed).toMatchObject({ closeReason: 'expired', closedBy: null });
    const late = Date.parse(sealed.closingAt ?? '') - Date.parse(sealed.deadline);
    expect(late).toBeGreaterThan(-50);
    expect(late).toBeLessThan(15_000);
  });
});

describe("a grant's target", () => {
  it('keeps its endpoint and account until the grant is sealed, and may change its password meanwhile', async () => {
    const { operator } = broker().keys;
    const path = `/v1/targets/${shop.name}`;
    const grant = await openGrant(broker(), shop.name);
    for (const body of [{ host: 'localhost' }, { username: 'someone' }, { credentials: 'static' }]) {
      const refused = await call(broker(), 'PATCH', path, { key: operator, body });
      expect([refused.status, refused.body['code']]).toEqual([409, 'target_in_use']);
    }
    const relabelled = await call(broker(), 'PATCH', path, { key: operator, body: { labels: { team: 'shop' } } });
    expect(relabelled.status).toBe(200);
    await close(grant.id, undefined, '?wait=20');
    const moved = await call(broker(), 'PATCH', path, { key: operator, body: { labels: {} } });
    expect(moved.status).toBe(200);
  });
});
