import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meView, sessionList, type SessionView } from '../../src/contracts/sign-in/session.js';
import { publicIdOf, hashOfSecret } from '../../src/control/sign-in/sessions/stored-session.js';
import { callApi } from '../../src/client/api-call.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { type EventStream, openEventStream } from '../support/event-stream.js';
import { type FurtherApi, startFurtherApi } from '../support/further-api.js';
import { bodyOf } from '../support/http.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { atState, callWith, cookieIn, FROM_OUR_PAGE, makeLink, signIn } from '../support/sign-in.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);
let other: FurtherApi;
let redis: Redis;
const streams: EventStream[] = [];

beforeAll(async () => {
  other = await startFurtherApi(broker());
  redis = new Redis(broker().env['REDIS_URL'] ?? '');
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  redis?.disconnect();
  await other?.stop();
});

const asOperator = (path: string, method: 'DELETE' | 'PATCH' | 'POST', body?: unknown) =>
  callApi(broker().api, path, { key: broker().keys.operator, method, body });

async function follow(api: string, cookie: string): Promise<EventStream> {
  const stream = await openEventStream(`${api}/v1/approvals/events`, { cookie });
  streams.push(stream);
  expect(stream.status).toBe(200);
  await stream.next();
  return stream;
}

async function sessionsOf(api: string, cookie: string): Promise<readonly SessionView[]> {
  return sessionList.parse((await callWith(api, cookie, '/v1/me/sessions')).body).items;
}

/** A principal of its own, so that a test's sessions are not those of another. */
async function makeApprover(name: string, groups: readonly string[] = []): Promise<void> {
  const body = { name, kind: 'user', roles: ['approver'], groups };
  expect((await asOperator('/v1/principals', 'POST', body)).status).toBe(201);
}

describe('a session', () => {
  it('says who it is, how it was begun and what it may do, on every api', async () => {
    const cookie = await signIn(broker(), 'test-approver', { 'user-agent': 'Test Browser' });
    for (const api of [broker().api, other.api]) {
      const me = meView.parse((await callWith(api, cookie, '/v1/me')).body);
      expect(me).toMatchObject({
        principal: { name: 'test-approver', kind: 'user' },
        roles: ['approver'],
        signIn: { by: 'session', provider: null, key: null, session: expect.stringMatching(/^[0-9a-f]{16}$/) },
        limits: { session: { idleSeconds: 1800, seconds: 36_000 } },
      });
      expect(me.permissions).toContain('approval.decide');
      expect(me.permissions).not.toContain('principal.write');
    }
    const [current] = await sessionsOf(other.api, cookie);
    expect(current).toMatchObject({ current: true, userAgent: 'Test Browser', address: '127.0.0.1', provider: null });
  });

  it('is kept by the hash of its cookie, for thirty minutes, and nowhere by the cookie itself', async () => {
    const cookie = await signIn(broker(), 'test-reviewer');
    const secret = cookie.split('=')[1] ?? '';
    const prefix = broker().env['QUEUE_PREFIX'];
    const key = `${prefix}:sess:${hashOfSecret(secret)}`;
    const left = await redis.pttl(key);
    expect(left).toBeGreaterThan(29 * 60_000);
    expect(left).toBeLessThanOrEqual(30 * 60_000);
    const keys = await redis.keys(`${prefix}:*`);
    expect(keys.join('\n')).not.toContain(secret);
    expect(await redis.get(key)).not.toContain(secret);
    expect(broker().logs('api')).not.toContain(secret);
  });

  it('has a cookie that only this host gets, over TLS or on this machine, and no script', async () => {
    const path = await makeLink(broker(), 'test-approver');
    const response = await fetch(`${broker().api}${path}`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-doorwarden=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ]);
    expect(broker().logs('api')).not.toContain(path.split('/').at(-1));
  });

  it('gets a new id at each sign-in: one that was there before is neither taken over nor left', async () => {
    const before = await signIn(broker(), 'test-approver');
    const fixed = `__Host-doorwarden=${'A'.repeat(43)}`;
    const after = await signIn(broker(), 'test-approver', { cookie: before });
    expect(after).not.toBe(before);
    expect(await callWith(broker().api, before, '/v1/me')).toMatchObject({ status: 401, code: 'session_ended' });
    const unfixed = await signIn(broker(), 'test-approver', { cookie: fixed });
    expect(unfixed).not.toBe(fixed);
    expect(await callWith(broker().api, fixed, '/v1/me')).toMatchObject({ status: 401, code: 'session_ended' });
    expect((await callWith(broker().api, unfixed, '/v1/me')).status).toBe(200);
  });

  it('changes nothing for another site, and works for ours', async () => {
    const cookie = await signIn(broker(), 'test-operator');
    const path = '/v1/principals';
    const body = { name: 'from-elsewhere', kind: 'agent', roles: ['agent'] };
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site', 'x-doorwarden': '1' }, { 'x-doorwarden': '1' }]) {
      const refused = await callWith(broker().api, cookie, path, { method: 'POST', body, headers });
      expect(refused).toMatchObject({ status: 403, code: 'cross_site_refused' });
    }
    const older = { origin: broker().api, 'x-doorwarden': '1' };
    expect((await callWith(broker().api, cookie, path, { method: 'POST', body, headers: older })).status).toBe(201);
    expect((await callWith(broker().api, cookie, '/v1/principals/from-elsewhere', { headers: {} })).status).toBe(200);
  });

  it('ends with sign-out, for a thief of its cookie too', async () => {
    const cookie = await signIn(broker(), 'test-approver');
    const answer = await callWith(broker().api, cookie, '/auth/sign-out', { method: 'POST' });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-doorwarden=; .*Max-Age=0$/)]);
    for (const api of [broker().api, other.api]) {
      expect(await callWith(api, cookie, '/v1/me')).toMatchObject({ status: 401, code: 'session_ended' });
    }
    expect((await callWith(broker().api, cookie, '/auth/sign-out', { method: 'POST' })).status).toBe(204);
  });

  it('is not ended by another site', async () => {
    const cookie = await signIn(broker(), 'test-approver');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const headers of [
      form,
      { ...form, 'sec-fetch-site': 'cross-site' },
      { ...form, origin: broker().api },
      { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'same-origin' },
    ]) {
      const refused = await callWith(broker().api, cookie, '/auth/sign-out', { method: 'POST', headers });
      expect(refused, JSON.stringify(headers)).toMatchObject({ status: 403, code: 'cross_site_refused' });
    }
    expect((await callWith(broker().api, cookie, '/v1/me')).status).toBe(200);
  });

  it('is one of ten at most: an eleventh ends the oldest', async () => {
    await makeApprover('ten-sessions');
    const cookies: string[] = [];
    for (let n = 0; n < 11; n += 1) cookies.push(await signIn(broker(), 'ten-sessions'));
    const statuses = await Promise.all(
      cookies.map(async (cookie) => (await callWith(broker().api, cookie, '/v1/me')).status),
    );
    expect(statuses).toEqual([401, ...Array.from({ length: 10 }, () => 200)]);
    expect(await sessionsOf(broker().api, cookies[10] ?? '')).toHaveLength(10);
  });
});

describe('one who is signed in', () => {
  it('ends one of their sessions, or all others, and no session of others', async () => {
    await makeApprover('three-sessions');
    const cookies = await Promise.all([1, 2, 3].map(() => signIn(broker(), 'three-sessions')));
    const [first = '', second = '', third = ''] = cookies;
    const strange = await signIn(broker(), 'test-approver');
    const idOf = (cookie: string): string => publicIdOf(hashOfSecret(cookie.split('=')[1] ?? ''));
    const end = (path: string) => callWith(broker().api, first, `/v1/me/sessions${path}`, { method: 'DELETE' });
    expect(await end(`/${idOf(strange)}`)).toMatchObject({ status: 404, code: 'session_not_found' });
    expect((await end(`/${idOf(second)}`)).status).toBe(204);
    expect((await callWith(other.api, second, '/v1/me')).code).toBe('session_ended');
    expect((await end('?keepCurrent=true')).status).toBe(204);
    expect((await callWith(other.api, third, '/v1/me')).code).toBe('session_ended');
    expect((await callWith(other.api, first, '/v1/me')).status).toBe(200);
    expect((await callWith(other.api, strange, '/v1/me')).status).toBe(200);
  });

  it('signs out everywhere by one api, and the stream on the other ends within a second', async () => {
    await makeApprover('everywhere');
    const channel = new Redis(broker().env['REDIS_URL'] ?? '');
    const tookMs: number[] = [];
    await channel.subscribe(`${broker().env['QUEUE_PREFIX']}:access`);
    for (let round = 0; round < 3; round += 1) {
      const [here, there] = await Promise.all([signIn(broker(), 'everywhere'), signIn(broker(), 'everywhere')]);
      const stream = await follow(other.api, there);
      let publishedMs = Infinity;
      channel.once('message', () => (publishedMs = performance.now()));
      const answer = await callWith(broker().api, here, '/v1/me/sessions', { method: 'DELETE' });
      expect(answer.status).toBe(204);
      expect(answer.headers.getSetCookie()[0]).toContain('Max-Age=0');
      await stream.ended();
      tookMs.push(performance.now() - publishedMs);
      for (const cookie of [here, there]) {
        expect((await callWith(other.api, cookie, '/v1/me')).code).toBe('session_ended');
      }
    }
    channel.disconnect();
    // Without the message it would be five seconds each time; a machine that is busy may be late once.
    expect(Math.min(...tookMs)).toBeLessThan(1_000);
  });
});

describe('an operator', () => {
  it('sees and ends the sessions of a principal; others do neither', async () => {
    await makeApprover('watched');
    const cookie = await signIn(broker(), 'watched', { 'user-agent': 'Seen' });
    const path = '/v1/principals/watched/sessions';
    const listed = bodyOf(await callApi(broker().api, path, { key: broker().keys.operator }), sessionList);
    expect(listed.items).toMatchObject([{ current: false, userAgent: 'Seen' }]);
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      for (const method of ['GET', 'DELETE'] as const) {
        expect((await callApi(broker().api, path, { key: broker().keys[role], method })).status).toBe(403);
      }
    }
    expect((await asOperator(`${path}/0123456789abcdef`, 'DELETE')).status).toBe(404);
    expect((await asOperator(`${path}/${listed.items[0]?.id}`, 'DELETE')).status).toBe(204);
    expect((await callWith(other.api, cookie, '/v1/me')).code).toBe('session_ended');
    const again = await signIn(broker(), 'watched');
    expect((await asOperator(path, 'DELETE')).status).toBe(204);
    expect((await callWith(other.api, again, '/v1/me')).code).toBe('session_ended');
  });

  it('ends the streams and sessions of a principal by disabling it, for good', async () => {
    await makeApprover('disabled-soon');
    const [cookie, unused] = await Promise.all([signIn(broker(), 'disabled-soon'), signIn(broker(), 'disabled-soon')]);
    const stream = await follow(other.api, cookie);
    expect((await asOperator('/v1/principals/disabled-soon', 'PATCH', { disabled: true })).status).toBe(200);
    await stream.ended();
    expect((await callWith(other.api, cookie, '/v1/me')).code).toBe('session_ended');
    await asOperator('/v1/principals/disabled-soon', 'PATCH', { disabled: false });
    expect((await callWith(other.api, unused, '/v1/me')).code).toBe('session_ended');
  });

  it('takes somebody out of a group, which counts at the next request', async () => {
    await makeApprover('grouped', ['dba']);
    const cookie = await signIn(broker(), 'grouped');
    const groups = async () => meView.parse((await callWith(other.api, cookie, '/v1/me')).body).groups;
    expect(await groups()).toEqual(['dba']);
    const stream = await follow(other.api, cookie);
    await asOperator('/v1/principals/grouped', 'PATCH', { groups: [] });
    await expect.poll(groups).toEqual([]);
    await stream.ended(); // what it said before was said to somebody of that group
  });
});

describe('somebody who can write to Redis', () => {
  it('makes no session, and puts none under another name', async () => {
    const cookie = await signIn(broker(), 'test-operator');
    const prefix = broker().env['QUEUE_PREFIX'];
    const keyOf = (secret: string): string => `${prefix}:sess:${hashOfSecret(secret)}`;
    const kept = (await redis.get(keyOf(cookie.split('=')[1] ?? ''))) ?? '';
    const own = 'B'.repeat(43);
    for (const value of [kept, kept.slice(43), kept.replace(/"epoch":\d+/, '"epoch":99')]) {
      await redis.set(keyOf(own), value);
      expect((await callWith(broker().api, `__Host-doorwarden=${own}`, '/v1/me')).code).toBe('session_ended');
    }
    expect((await callWith(broker().api, cookie, '/v1/me')).status).toBe(200);
  });
});

describe('when Redis has lost', () => {
  it('to whom sessions belong, the number of the principal ends them all the same', async () => {
    await makeApprover('forgotten');
    const cookie = await signIn(broker(), 'forgotten');
    const row = await atState(broker(), (source) => new PrincipalRepository(source).findByName('forgotten'));
    await redis.del(`${broker().env['QUEUE_PREFIX']}:sess-of:${row?.id}`);
    expect((await asOperator('/v1/principals/forgotten/sessions', 'DELETE')).status).toBe(204);
    await expect.poll(async () => (await callWith(other.api, cookie, '/v1/me')).code).toBe('session_ended');
  });

  it('everything, everybody signs in again and nothing opens', async () => {
    const cookie = await signIn(broker(), 'test-approver');
    const stream = await follow(other.api, cookie);
    const keys = await redis.keys(`${broker().env['QUEUE_PREFIX']}:sess*`);
    await redis.del(...keys);
    for (const api of [broker().api, other.api]) {
      expect(await callWith(api, cookie, '/v1/me')).toMatchObject({ status: 401, code: 'session_ended' });
    }
    await stream.ended(); // at the latest when it is looked at again
    expect((await callWith(other.api, await signIn(broker(), 'test-approver'), '/v1/me')).status).toBe(200);
  });
});

it('a session that ends while its owner decides: the decision counts or is refused, never both', async () => {
  await makeApprover('deciding');
  for (let round = 0; round < 5; round += 1) {
    const cookie = await signIn(broker(), 'deciding');
    const id = await questions().ask();
    const [decided, ended] = await Promise.all([
      callWith(other.api, cookie, `/v1/approvals/${id}/decisions`, { method: 'POST', body: { decision: 'approve' } }),
      callWith(broker().api, cookie, '/v1/me/sessions', { method: 'DELETE' }),
    ]);
    expect([204, 401]).toContain(ended.status);
    const seen = await callApi(broker().api, `/v1/approvals/${id}`, { key: broker().keys.approver });
    const state = Reflect.get(Object(seen.body), 'state');
    expect([decided.status, state]).toEqual(decided.status === 200 ? [200, 'approved'] : [401, 'pending']);
  }
});

it('everything that happens with sessions is in the administrative record', async () => {
  await makeApprover('recorded');
  const cookie = await signIn(broker(), 'recorded');
  await callWith(broker().api, cookie, '/auth/sign-out', { method: 'POST' });
  const id = publicIdOf(hashOfSecret(cookie.split('=')[1] ?? ''));
  const lines = await atState(broker(), async (source) =>
    JSON.stringify(await source.query('SELECT * FROM record_entries')),
  );
  for (const act of ['link.made', 'link.used', 'sign-in.done', 'session.ended']) expect(lines).toContain(act);
  expect(lines).toContain(id);
  expect(lines).not.toContain(cookie.split('=')[1]);
});

it('the operator of a broker ends the sessions of everybody', async () => {
  const cookies = await Promise.all(
    ['test-approver', 'test-reviewer', 'test-operator'].map((name) => signIn(broker(), name)),
  );
  expect((await asOperator('/v1/sessions', 'DELETE')).status).toBe(204);
  for (const cookie of cookies) {
    await expect.poll(async () => (await callWith(other.api, cookie, '/v1/me')).code).toBe('session_ended');
  }
});

it('a form of our own page signs out without script', async () => {
  const cookie = await signIn(broker(), 'test-approver');
  const headers = { ...FROM_OUR_PAGE, 'x-doorwarden': '', 'content-type': 'application/x-www-form-urlencoded', cookie };
  const answer = await fetch(`${broker().api}/auth/sign-out`, { method: 'POST', headers, redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/sign-in?out=here']);
  expect(cookieIn(answer, '__Host-doorwarden')).toBe('');
  expect((await callWith(broker().api, cookie, '/v1/me')).code).toBe('session_ended');
});
