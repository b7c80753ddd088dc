import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import {
  type DeviceOpening,
  deviceOpening,
  type DeviceToken,
  deviceToken,
  deviceView,
} from '../../src/contracts/sign-in/device.js';
import { newApiKeyView } from '../../src/contracts/identity/principal.js';
import { meView, sessionList } from '../../src/contracts/sign-in/session.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { TERMS } from '../support/approval-state.js';
import { beginSession } from '../support/begun-session.js';
import { openEventStream } from '../support/event-stream.js';
import { startFurtherApi } from '../support/further-api.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { callWith, signIn } from '../support/sign-in.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);
const NAMES = { client: 'doorwarden/1.2.3', machine: 'ana@laptop' };
let redis: Redis;
let count = 0;

beforeAll(() => {
  redis = new Redis(broker().env['REDIS_URL'] ?? '');
});
afterAll(() => redis?.disconnect());

async function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${broker().api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer, code: Reflect.get(Object(answer), 'code') };
}

async function start(): Promise<DeviceOpening> {
  return deviceOpening.parse((await post('/auth/device', NAMES)).body);
}

const poll = ({ deviceCode }: DeviceOpening) => post('/auth/device/token', { deviceCode });

/** Asks as the command line does, no sooner than it may. */
async function pollLater(asked: DeviceOpening) {
  let answer = await poll(asked);
  await expect
    .poll(async () => (answer = await poll(asked)).code, { interval: 500, timeout: 30_000 })
    .not.toBe('slow_down');
  return answer;
}

const decide = (
  cookie: string,
  { userCode }: Pick<DeviceOpening, 'userCode'>,
  decision: 'allow' | 'refuse' = 'allow',
) => callWith(broker().api, cookie, `/v1/me/devices/${userCode}`, { method: 'POST', body: { decision } });

/** A person of its own, signed in with a browser. */
async function somebody(role = 'approver'): Promise<{ readonly name: string; readonly cookie: string }> {
  const name = `device-${(count += 1)}`;
  const made = await callApi(broker().api, '/v1/principals', {
    key: broker().keys.operator,
    body: { name, kind: 'user', roles: [role] },
  });
  expect(made.status).toBe(201);
  return { name, cookie: await signIn(broker(), name) };
}

/** The session of a command line that somebody has let in. */
async function letIn(cookie: string): Promise<DeviceToken> {
  const asked = await start();
  expect((await decide(cookie, asked)).status).toBe(204);
  const answer = await poll(asked);
  expect(answer.status).toBe(200);
  return deviceToken.parse(answer.body);
}

const callAs = (token: string, path: string, call: object = {}) => callApi(broker().api, path, { key: token, ...call });
const codeOf = async (call: ReturnType<typeof callAs>) => Reflect.get(Object((await call).body), 'code');

describe('a command line', () => {
  it('is let in by the person who types its code, once, and acts as them from then on', async () => {
    const { name, cookie } = await somebody();
    const asked = await start();
    expect(asked).toMatchObject({
      verificationUri: `${broker().api}/device`,
      expiresInSeconds: 600,
      intervalSeconds: 2,
    });
    expect(await poll(asked)).toMatchObject({ status: 400, code: 'authorization_pending' });
    expect(await poll(asked)).toMatchObject({ status: 400, code: 'slow_down' });
    const typed = asked.userCode.replace('-', '').toLowerCase();
    const seen = await callWith(broker().api, cookie, `/v1/me/devices/${typed}`);
    expect(deviceView.parse(seen.body)).toMatchObject({
      ...NAMES,
      code: asked.userCode,
      address: '127.0.0.1',
      isSameAddress: true,
    });
    expect((await decide(cookie, { userCode: typed })).status).toBe(204);
    const answer = await pollLater(asked);
    const { token, principal, endsAt } = deviceToken.parse(answer.body);
    expect([answer.status, principal]).toEqual([200, name]);
    expect(token).toMatch(/^dws_[\w-]{43}$/);
    expect(await poll(asked)).toMatchObject({ status: 400, code: 'expired_token' });
    const me = meView.parse((await callAs(token, '/v1/me')).body);
    expect(me).toMatchObject({ principal: { name }, roles: ['approver'], signIn: { by: 'device', provider: null } });
    const browser = meView.parse((await callWith(broker().api, cookie, '/v1/me')).body);
    expect([me.permissions, me.groups]).toEqual([browser.permissions, browser.groups]);
    // Allowing is no sign-in: it lasts no longer than the session in which it was allowed.
    const { items } = sessionList.parse((await callWith(broker().api, cookie, '/v1/me/sessions')).body);
    const own = items.find(({ device }) => device !== null);
    const signedIn = items.find(({ current }) => current);
    expect(own).toMatchObject({ id: me.signIn.session, device: NAMES, address: '127.0.0.1', current: false });
    expect(Date.parse(endsAt)).toBeLessThanOrEqual(Date.parse(signedIn?.createdAt ?? '') + 3_600_000);
  });

  it('gets nothing where the person refuses it, and the record says so', async () => {
    const { name, cookie } = await somebody();
    const asked = await start();
    expect((await decide(cookie, asked, 'refuse')).status).toBe(204);
    expect(await poll(asked)).toMatchObject({ status: 400, code: 'access_denied' });
    expect(await decide(cookie, asked)).toMatchObject({ status: 404, code: 'device_code_unknown' });
    const { items } = sessionList.parse((await callWith(broker().api, cookie, '/v1/me/sessions')).body);
    expect(items).toHaveLength(1);
    const record = await callApi(broker().api, `/v1/record?act=sign-in.refused&limit=50`, {
      key: broker().keys.operator,
    });
    expect(JSON.stringify(record.body)).toContain(`"name":"${name}"`);
    expect(JSON.stringify(record.body)).toContain('"code":"access_denied"');
  });

  it('is recorded with the person who let it in and the machine', async () => {
    const { name, cookie } = await somebody();
    await letIn(cookie);
    const record = await callApi(broker().api, `/v1/record?act=sign-in.done&limit=10`, { key: broker().keys.operator });
    expect(Reflect.get(Object(record.body), 'items')).toContainEqual(
      expect.objectContaining({
        who: expect.objectContaining({ name, signIn: 'device:link' }),
        after: expect.objectContaining({ ...NAMES, principal: name, allowedFrom: '127.0.0.1' }),
      }),
    );
  });

  it.each([
    ['HTML', { machine: '<b>x</b>' }],
    ['a sentence', { machine: 'Please allow this' }],
    ['hidden characters', { machine: 'a\u202Eb' }],
    ['a client of no form', { client: 'Your operator asks' }],
    ['more than that', { ...NAMES, note: 'urgent' }],
  ])('cannot say %s to the person who decides', async (_, names) => {
    expect(await post('/auth/device', names)).toMatchObject({ status: 400, code: 'request_invalid' });
  });
});

it('allowing is no sign-in: the command line ends when the session of the browser would', async () => {
  const { name } = await somebody();
  const principal = await questions().source.getRepository(principalEntity).findOneByOrFail({ name });
  const old = await beginSession(broker(), { principal, minutesAgo: 15 });
  const begunMs = Date.now() - 15 * 60_000;
  const { token, endsAt } = await letIn(`__Host-doorwarden=${old}`);
  expect(Math.abs(Date.parse(endsAt) - (begunMs + 10 * 3_600_000))).toBeLessThan(60_000);
  const { limits, signIn } = meView.parse((await callAs(token, '/v1/me')).body);
  expect(limits.session?.latestEndsAt).toBe(endsAt);
  expect(Math.abs(Date.parse(signIn.signedInAt ?? '') - begunMs)).toBeLessThan(60_000);
});

describe('of several at the same time', () => {
  it('one decides and one gets the session', async () => {
    const people = await Promise.all([somebody(), somebody(), somebody()]);
    const asked = await start();
    const decided = await Promise.all(
      people.flatMap(({ cookie }) => [decide(cookie, asked), decide(cookie, asked, 'allow')]),
    );
    expect(decided.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 404, 404, 404, 404, 404]);
    const winner = people[Math.floor(decided.findIndex(({ status }) => status === 204) / 2)];
    const polled = await Promise.all(Array.from({ length: 8 }, () => poll(asked)));
    const taken = polled.filter(({ status }) => status === 200);
    expect(taken).toHaveLength(1);
    expect(taken[0]?.body).toMatchObject({ principal: winner?.name });
    expect(
      polled
        .filter(({ status }) => status !== 200)
        .every(({ code }) => /^(slow_down|expired_token)$/.test(String(code))),
    ).toBe(true);
  });

  it('a refusal and a permission are not both', async () => {
    const { cookie } = await somebody();
    const asked = await start();
    const [allowed, refused] = await Promise.all([decide(cookie, asked), decide(cookie, asked, 'refuse')]);
    expect([allowed?.status ?? 0, refused?.status ?? 0].sort((a, b) => a - b)).toEqual([204, 404]);
    expect((await poll(asked)).status).toBe(allowed?.status === 204 ? 200 : 400);
  });
});

describe('nobody is let in', () => {
  it('by a key, by another command line, or by another site', async () => {
    const { cookie } = await somebody();
    const { token } = await letIn(cookie);
    const asked = await start();
    const path = `/v1/me/devices/${asked.userCode}`;
    for (const key of [token, broker().keys.approver, broker().keys.operator]) {
      expect(await codeOf(callAs(key, path))).toBe('device_needs_browser');
      expect(await codeOf(callAs(key, path, { body: { decision: 'allow' } }))).toBe('device_needs_browser');
    }
    expect(await codeOf(callAs(broker().keys.agent, path, { body: { decision: 'allow' } }))).toBe('forbidden');
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site', 'x-doorwarden': '1' }]) {
      const call = { method: 'POST', body: { decision: 'allow' }, headers };
      expect(await callWith(broker().api, cookie, path, call)).toMatchObject({ code: 'cross_site_refused' });
    }
    expect(await poll(asked)).toMatchObject({ code: 'authorization_pending' });
    const ofPage = { 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'cross-site' };
    expect(await post('/auth/device', NAMES, ofPage)).toMatchObject({ status: 403, code: 'cross_site_refused' });
  });

  it('by guessing: a person tries ten codes in a minute, right ones too', async () => {
    const { cookie } = await somebody();
    const limited = await startFurtherApi(broker(), { env: { LIMIT_DEVICE_CODES_PER_MINUTE: '10' } });
    try {
      const type = async (userCode: string) => {
        const call = { method: 'POST', body: { decision: 'allow' } };
        return (await callWith(limited.api, cookie, `/v1/me/devices/${userCode}`, call)).code;
      };
      const codes: unknown[] = [];
      for (let n = 0; n < 11; n += 1) codes.push(await type('BCDF-GHJK'));
      expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'device_code_unknown'));
      expect(codes[10]).toBe('too_many_requests');
      expect(await type((await start()).userCode)).toBe('too_many_requests');
    } finally {
      await limited.stop();
    }
  });

  it('with a code of another form, or one that is nobody’s', async () => {
    expect(await post('/auth/device/token', { deviceCode: 'BCDF-GHJK' })).toMatchObject({ code: 'request_invalid' });
    expect(await post('/auth/device/token', { deviceCode: 'A'.repeat(43) })).toMatchObject({ code: 'expired_token' });
    expect(await post('/auth/device/token', {})).toMatchObject({ code: 'request_invalid' });
  });

  it('after the person ended all of their sessions, or may no longer call', async () => {
    const [first, second] = [await somebody(), await somebody()];
    const [one, other] = [await start(), await start()];
    await decide(first.cookie, one);
    await decide(second.cookie, other);
    await callWith(broker().api, first.cookie, '/v1/me/sessions', { method: 'DELETE' });
    await callAs(broker().keys.operator, `/v1/principals/${second.name}`, {
      method: 'PATCH',
      body: { disabled: true },
    });
    for (const asked of [one, other]) expect(await poll(asked)).toMatchObject({ code: 'expired_token' });
  });

  it('after the session in which it was allowed has ended, though another one is open', async () => {
    const { name, cookie } = await somebody();
    const other = await signIn(broker(), name);
    const asked = await start();
    expect((await decide(cookie, asked)).status).toBe(204);
    const { items } = sessionList.parse((await callWith(broker().api, cookie, '/v1/me/sessions')).body);
    const own = items.find(({ current }) => current);
    const ended = await callWith(broker().api, other, `/v1/me/sessions/${own?.id ?? ''}`, { method: 'DELETE' });
    expect(ended.status).toBe(204);
    expect((await poll(asked)).code).toBe('expired_token');
  });
});

describe('the session of a command line', () => {
  it('is no cookie, and a cookie is no bearer; both together are nobody’s', async () => {
    const { cookie } = await somebody();
    const { token } = await letIn(cookie);
    const secret = cookie.split('=')[1] ?? '';
    const stolen = await callWith(broker().api, `__Host-doorwarden=${token}`, '/v1/me');
    expect(stolen).toMatchObject({ status: 401, code: 'session_ended' });
    const bare = await callWith(broker().api, `__Host-doorwarden=${token.slice(4)}`, '/v1/me');
    expect(bare).toMatchObject({ status: 401, code: 'session_ended' });
    expect(await codeOf(callAs(secret, '/v1/me'))).toBe('unauthenticated');
    expect(await codeOf(callAs(`dws_${secret}`, '/v1/me'))).toBe('session_ended');
    const both = await callWith(broker().api, cookie, '/v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect(both).toMatchObject({ status: 400, code: 'credentials_ambiguous' });
    expect((await callAs(token, '/v1/me')).status).toBe(200);
  });

  it('is kept by its hash, and neither it nor the codes are in Redis or a log', async () => {
    const { cookie } = await somebody();
    const asked = await start();
    await decide(cookie, asked);
    const { token } = deviceToken.parse((await poll(asked)).body);
    const keys = await redis.keys(`${broker().env['QUEUE_PREFIX']}:*`);
    const values = await Promise.all(keys.map((key) => redis.get(key).catch(() => '')));
    for (const secret of [token, token.slice(4), asked.deviceCode]) {
      expect(keys.join('\n') + values.join('\n')).not.toContain(secret);
      expect(broker().logs('api')).not.toContain(secret);
    }
  });

  it('ends for its owner, for itself, and with everything of its person, and its streams with it', async () => {
    const { name, cookie } = await somebody();
    const [first, second, third] = [await letIn(cookie), await letIn(cookie), await letIn(cookie)];
    const idOf = async ({ token }: DeviceToken) =>
      meView.parse((await callAs(token, '/v1/me')).body).signIn.session ?? '';
    await callWith(broker().api, cookie, `/v1/me/sessions/${await idOf(first)}`, { method: 'DELETE' });
    expect(await codeOf(callAs(first.token, '/v1/me'))).toBe('session_ended');
    await callAs(second.token, `/v1/me/sessions/${await idOf(second)}`, { method: 'DELETE' });
    expect(await codeOf(callAs(second.token, '/v1/me'))).toBe('session_ended');
    const stream = await openEventStream(`${broker().api}/v1/approvals/events`, {
      authorization: `Bearer ${third.token}`,
    });
    expect(stream.status).toBe(200);
    await stream.next();
    await callAs(broker().keys.operator, `/v1/principals/${name}/sessions`, { method: 'DELETE' });
    await stream.ended();
    expect(await codeOf(callAs(third.token, '/v1/me'))).toBe('session_ended');
  });

  it('decides as a key does, and not what has to be decided on the page or after a new sign-in', async () => {
    const { cookie } = await somebody();
    const { token } = await letIn(cookie);
    const decideOn = async (terms: object) => {
      const id = await questions().ask({ terms: { ...TERMS, ...terms } });
      return callAs(token, `/v1/approvals/${id}/decisions`, { body: { decision: 'approve' } });
    };
    expect((await decideOn({ decideIn: 'web' })).body).toMatchObject({ code: 'approval_web_only' });
    expect((await decideOn({ reauthenticateSeconds: 900 })).body).toMatchObject({ code: 'reauthentication_required' });
    expect((await decideOn({})).body).toMatchObject({ state: 'approved', decisions: [{ decidedWith: 'device:link' }] });
  });

  it('makes no key that lasts longer than it does, and none for others who decide', async () => {
    const [approver, operator] = [await somebody(), await somebody('operator')];
    const own = await letIn(approver.cookie);
    const made = await callAs(own.token, `/v1/principals/${approver.name}/keys`, { body: {} });
    expect(newApiKeyView.parse(made.body).expiresAt).toBe(own.endsAt);
    const later = { expiresAt: new Date(Date.parse(own.endsAt) + 60_000).toISOString() };
    const tooLong = callAs(own.token, `/v1/principals/${approver.name}/keys`, { body: later });
    expect(await codeOf(tooLong)).toBe('key_expiry_invalid');
    const { token } = await letIn(operator.cookie);
    expect(await codeOf(callAs(token, '/v1/principals/test-approver/keys', { body: {} }))).toBe('forbidden');
  });
});
