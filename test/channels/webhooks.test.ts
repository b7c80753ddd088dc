import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventPayload } from '../../src/contracts/channels/event.js';
import {
  deliveryPage,
  type DeliveryPage,
  type NewWebhookView,
  type WebhookList,
  type WebhookView,
} from '../../src/contracts/channels/webhook.js';
import { CHOSEN_TYPES, EVENT_TYPES, isEventType } from '../../src/domain/event.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { decide, outcomeOf, seeHeld } from '../support/approvals.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { type Answer, call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { answerStatus, type Arrived, OK, useReceivers, type WebhookReceiver } from '../support/webhooks/receiver.js';
import { until } from '../support/webhooks/webhook-state.js';

/** The address of a webhook often holds one. */
const SECRET_IN_URL = 'token-in-the-address';

const broker = useBroker({
  policies: 'default',
  env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_INCLUDE: 'statement' },
});
const receiver = useReceivers();
let shop: ShopTarget;
let state: StateSource;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb, { privileges: ['SELECT', 'UPDATE'] });
  state = await createStateSource(broker().stateDatabaseUrl).initialize();
});
afterAll(async () => {
  await state?.destroy();
  await shop?.drop();
});

function ask<Body = Record<string, unknown>>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  return call<Body>(broker(), method, `/v1/webhooks${path}`, {
    key: broker().keys.operator,
    ...(body === undefined ? {} : { body }),
  });
}

let made = 0;
async function make(url: string, change: object = {}): Promise<NewWebhookView> {
  const { status, body } = await ask<NewWebhookView>('POST', '', { name: `hook-${(made += 1)}`, url, ...change });
  expect(status).toBe(201);
  return body;
}

const payload = z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) });
const typeOf = ({ body }: Arrived): string => payload.parse(JSON.parse(body)).type;
const came = (hook: WebhookReceiver, type: string): Promise<void> =>
  until(`${type} comes`, () => hook.arrived.some((one) => typeOf(one) === type));

/** A task that changes a row once somebody has approved, from its request to its seal. */
async function workTask(): Promise<string> {
  const access = [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }];
  const { id, connection } = await openGrant(broker(), shop.name, { access });
  const { host, port, username: user, password, database } = connection;
  const running = outcomeOf(
    withMysql2({ host, port, user, password }, (client) =>
      client.query(`UPDATE ${database}.orders SET total = 1471147114 WHERE id = 1`),
    ),
  );
  const held = await Promise.race([seeHeld(broker(), id), running]);
  if (!('id' in held)) throw new Error(`It was not held: ${held.error?.message ?? 'it ran'}`);
  const { id: approval } = held;
  await decide(broker(), approval, { decision: 'approve', reason: 'it is right' });
  expect((await running).error).toBeUndefined();
  const closed = await call(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, { key: broker().keys.agent });
  expect(closed.body['state']).toBe('sealed');
  return id;
}

describe('a task', () => {
  it('is told of to its end, signed, in the published form, and without its statement', async () => {
    const hook = await receiver();
    const { signingSecret } = await make(`${hook.url}?${SECRET_IN_URL}`);
    const grant = await workTask();
    const payloads = () =>
      hook.verified(signingSecret).map((one) => {
        const { type } = payload.parse(one);
        return eventPayload(isEventType(type) ? type : 'webhook.test').parse(one);
      });
    const own = () => payloads().filter(({ data }) => 'grant' in data && data.grant === grant);
    const acts = () => payloads().flatMap(({ data }) => ('act' in data ? [data.act] : []));
    // Events are sent beside each other: the last one may come before others.
    await expect
      .poll(() =>
        own()
          .map(({ type }) => type)
          .toSorted(),
      )
      .toEqual([
        'approval.asked',
        'approval.decided',
        'grant.active',
        'grant.closed',
        'grant.requested',
        'grant.sealed',
        'recording.sealed',
      ]);
    await expect.poll(acts).toEqual(expect.arrayContaining(['webhook.made', 'approval.decided']));
    const bodies = hook.arrived.map(({ body }) => body).join('\n');
    expect(bodies).not.toContain('1471147114');
    expect(bodies).not.toContain('SET total');
    expect(bodies).toContain('"answer":{"by":"test-approver","decision":"approve","reason":"it is right"}');
    // Who reads logs or the record does not learn what an address holds.
    const record = await call(broker(), 'GET', '/v1/record?limit=100', { key: broker().keys.operator });
    for (const text of [JSON.stringify(record.body), bodies, broker().logs('worker'), broker().logs('api')]) {
      expect(text).not.toContain(SECRET_IN_URL);
      expect(text).not.toContain(signingSecret);
    }
  });

  it('is told of with its statement where the webhook includes it, and the environment lets it', async () => {
    const hook = await receiver();
    const { signingSecret } = await make(hook.url, { types: ['approval.asked'], include: ['statement'] });
    await workTask();
    await came(hook, 'approval.asked');
    const [asked] = hook.verified(signingSecret);
    const { data } = eventPayload('approval.asked').parse(asked);
    expect(data).toMatchObject({ statement: { text: expect.stringContaining('SET total = 1471147114') } });
    expect(data).not.toHaveProperty('preview');
    expect(data).not.toHaveProperty('statement.context');
    expect(hook.arrived).toHaveLength(1);
  });
});

describe('a worker that is killed between sending and noting', () => {
  it('leaves the event to the next one, which sends it with the same id', async () => {
    const hook = await receiver();
    const { id, signingSecret } = await make(hook.url, { types: ['grant.sealed'] });
    let killed: Promise<void> | undefined;
    hook.answer = () => {
      killed ??= broker().kill('worker');
    };
    expect((await ask('POST', `/${id}/test`)).status).toBe(202);
    await until('it was sent, and the worker killed', () => killed !== undefined);
    await killed;
    hook.answer = OK;
    await state.query('UPDATE webhook_deliveries SET claim_until = 1 WHERE webhook_id = ?', [id]);
    await broker().restart('worker');
    await until('it is delivered', async () => {
      const { items } = deliveryPage.parse((await ask('GET', `/${id}/deliveries`)).body);
      return items[0]?.state === 'delivered';
    });
    expect(hook.verified(signingSecret)).toHaveLength(2);
    expect(new Set(hook.arrived.map((one) => one.id)).size).toBe(1);
  });
});

describe('the API', () => {
  it('shows a secret once, and gives another whose predecessor signs too for a while', async () => {
    const hook = await receiver();
    const { id, signingSecret: old, ...view } = await make(hook.url, { types: ['grant.sealed'] });
    expect(old).toMatch(/^whsec_/);
    expect(view).toMatchObject({ state: 'enabled', waiting: 0, dropped: 0, lastSuccessAt: null, revision: 1 });
    const rotated = await ask<NewWebhookView>('POST', `/${id}/rotate-secret`, { keepHours: 1, reason: 'yearly' });
    const { signingSecret: next, secret } = rotated.body;
    expect(Date.parse(secret.previousUntil ?? '') - Date.now()).toBeGreaterThan(3_000_000);
    expect((await ask('POST', `/${id}/test`)).status).toBe(202);
    await came(hook, 'webhook.test');
    expect(hook.verified(old)).toEqual(hook.verified(next));
    const looks = [await ask('GET', `/${id}`), await ask('GET', '')];
    for (const { body } of looks) expect(JSON.stringify(body)).not.toContain('whsec_');
  });

  it('lists what became of events, pauses, resumes and sends again', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(500);
    const { id } = await make(hook.url, { types: ['grant.sealed'] });
    const deliveries = async () => (await ask<DeliveryPage>('GET', `/${id}/deliveries`)).body.items;
    await ask('POST', `/${id}/test`);
    await until('it was refused', async () => (await deliveries())[0]?.lastAttempt?.status === 500);
    const [failed] = await deliveries();
    expect(failed).toMatchObject({
      state: 'waiting',
      event: { type: 'webhook.test' },
      lastAttempt: { status: 500, fault: 'status' },
    });
    expect(Date.parse(failed?.nextAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect((await ask<WebhookView>('GET', `/${id}`)).body).toMatchObject({
      waiting: 1,
      failingSince: expect.any(String),
      lastFailure: { fault: 'status', status: 500 },
    });
    expect((await ask('POST', `/${id}/deliveries/${failed?.id}/resend`)).body['code']).toBe('webhook_delivery_waits');
    const paused = await ask<WebhookView>('PATCH', `/${id}`, { paused: true, reason: 'it moves' });
    expect(paused.body).toMatchObject({ state: 'paused', pause: { reason: 'operator' } });
    expect((await ask('POST', `/${id}/test`)).body['code']).toBe('webhook_paused');
    hook.answer = OK;
    await ask('PATCH', `/${id}`, { paused: false });
    await until('it is delivered', async () => (await deliveries())[0]?.state === 'delivered');
    const again = await ask('POST', `/${id}/deliveries/${failed?.id}/resend`);
    expect(again.status).toBe(202);
    const before = hook.arrived.length;
    await until('it comes again', () => hook.arrived.length > before || hook.arrived.length >= 3);
    expect(new Set(hook.arrived.map((one) => one.id)).size).toBe(1);
    const { body } = await call(broker(), 'GET', '/v1/record?limit=50', { key: broker().keys.operator });
    const text = JSON.stringify(body);
    for (const act of ['webhook.tested', 'webhook.paused', 'webhook.resumed', 'webhook.resent']) {
      expect(text).toContain(act);
    }
  });

  it('changes a webhook over the revision that was read, and deletes it', async () => {
    const hook = await receiver();
    const { id, name } = await make(hook.url);
    const change = (body: object) => ask<WebhookView & { readonly code: string }>('PATCH', `/${id}`, body);
    expect((await change({ types: ['grant.sealed'], revision: 1 })).body).toMatchObject({
      types: ['grant.sealed'],
      revision: 2,
    });
    expect((await change({ types: [], revision: 1 })).body.code).toBe('webhook_changed');
    const other = await make(hook.url);
    expect((await change({ name: other.name })).body.code).toBe('webhook_exists');
    expect((await ask('POST', '', { name, url: hook.url })).body['code']).toBe('webhook_exists');
    expect((await ask('DELETE', `/${id}?reason=unused`)).status).toBe(204);
    expect((await ask('GET', `/${id}`)).body['code']).toBe('webhook_not_found');
    expect((await ask('DELETE', `/${id}`)).body['code']).toBe('webhook_not_found');
  });

  it.each([
    ['http://10.0.0.1/', {}, 'webhook_invalid'],
    ['https://[fd00::1]/', {}, 'webhook_invalid'],
    ['ftp://hooks.example.com/', {}, 'webhook_invalid'],
    ['https://me:secret@hooks.example.com/', {}, 'webhook_invalid'],
    ['https://hooks.example.com/', { include: ['rows'] }, 'webhook_invalid'],
    ['https://hooks.example.com/', { types: ['webhook.test'] }, 'request_invalid'],
    ['https://hooks.example.com/', { name: 'No Name' }, 'request_invalid'],
    [`https://hooks.example.com/${'x'.repeat(2_000)}`, {}, 'request_invalid'],
  ])('refuses %s with %o', async (url, change, code) => {
    const { body } = await ask('POST', '', { name: 'refused', url, ...change });
    expect(body['code']).toBe(code);
  });

  it('says what there is and what is allowed, and is for operators alone', async () => {
    const { body } = await ask<WebhookList>('GET', '');
    expect(body.types).toEqual(CHOSEN_TYPES.map((type) => ({ type, about: EVENT_TYPES[type] })));
    expect(body.allowed).toEqual({ include: ['statement'], http: true, networks: ['127.0.0.0/8'] });
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      const answer = await call(broker(), 'GET', '/v1/webhooks', { key: broker().keys[role] });
      expect(answer.status).toBe(403);
    }
  });
});
