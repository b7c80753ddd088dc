import { readFile, rm } from 'node:fs/promises';
import type { LookupAddress } from 'node:dns';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lowestIdAt } from '../../src/domain/ids.js';
import { eventEntity } from '../../src/persistence/entities/channels/event.js';
import { webhookDeliveryEntity, webhookEntity } from '../../src/persistence/entities/channels/webhook.js';
import { RecordReader } from '../../src/persistence/record/record-reader.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { NOW_MS_SQL } from '../../src/persistence/state/state-clock.js';
import { WAITING_MAX, WebhookOutbox } from '../../src/persistence/webhooks/webhook-outbox.js';
import { WebhookRepository } from '../../src/persistence/webhooks/webhook.repository.js';
import { WebhookDeliveryRepository } from '../../src/persistence/webhooks/webhook-delivery.repository.js';
import { makeServerCertificate } from '../support/certificates.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { answerStatus, OK, useReceivers } from '../support/webhooks/receiver.js';
import { until, WebhookBench } from '../support/webhooks/webhook-state.js';

const DAY_MS = 86_400_000;
/** Failed attempts come again at once, so often. */
const AT_ONCE = { retryAfterMs: Array.from({ length: 50 }, () => 10) };

const receiver = useReceivers();
let database: OwnDatabase;
let source: DataSource;
let bench: WebhookBench;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  bench = await WebhookBench.of(source);
});
afterEach(async () => {
  await bench.stopAll();
  await source.query('DELETE FROM webhooks');
  await source.query('DELETE FROM webhook_deliveries');
  await source.query('DELETE FROM events');
  bench.notes.sent.splice(0);
  bench.notes.warned.splice(0);
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

const numbersIn = (payloads: readonly unknown[]): readonly number[] =>
  payloads.map((payload) => z.object({ data: z.object({ seq: z.number() }) }).parse(payload).data.seq);
const sortedIn = (payloads: readonly unknown[]): readonly number[] =>
  numbersIn(payloads).toSorted((one, other) => one - other);

const stateOf = async (id: string) => (await bench.deliveries(id)).map(({ state }) => state);
const settled = (id: string, count: number) =>
  until('all are delivered', async () => {
    const states = await stateOf(id);
    return states.length === count && states.every((state) => state === 'delivered');
  });
const failing = (id: string, fault: string) =>
  until(`the last fault is ${fault}`, async () => (await bench.row(id)).lastFault === fault);

describe('events', () => {
  it('come signed to anyone who wants them, and verify with the library of the standard', async () => {
    const [all, some] = [await receiver(), await receiver()];
    const first = await bench.webhook(all.url);
    const second = await bench.webhook(some.url, { types: ['grant.sealed'] });
    bench.start();
    await bench.happen(1, 2, 3);
    await settled(first.id, 3);
    expect(sortedIn(all.verified(first.secret))).toEqual([1, 2, 3]);
    expect(() => all.verified(second.secret)).toThrow('No matching signature');
    expect(await bench.deliveries(second.id)).toEqual([]);
    expect(some.arrived).toEqual([]);
    const [one] = all.arrived;
    expect(one?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(one?.body ?? '')).toEqual({
      type: 'act.recorded',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: { seq: expect.any(Number) },
    });
    expect((await bench.row(first.id)).lastSuccessAtMs).not.toBeNull();
  });

  it('of before a webhook was made do not come to it', async () => {
    const hook = await receiver();
    await bench.happen(1);
    await source.query('UPDATE events SET at = at - 1000');
    const { id, secret } = await bench.webhook(hook.url);
    await bench.happen(2);
    bench.start();
    await settled(id, 1);
    expect(numbersIn(hook.verified(secret))).toEqual([2]);
  });

  it('are delivered once each by two workers', async () => {
    const hook = await receiver();
    const { id, secret } = await bench.webhook(hook.url);
    bench.start();
    bench.start();
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    for (const number of numbers) await bench.happen(number);
    await settled(id, 60);
    expect(sortedIn(hook.verified(secret))).toEqual(numbers);
    expect((await bench.deliveries(id)).every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it('of a worker that died after sending and before noting come again with the same id', async () => {
    const hook = await receiver();
    const { id, secret } = await bench.webhook(hook.url);
    await bench.happen(1);
    const outbox = new WebhookOutbox(source);
    await outbox.route();
    const [dead] = await outbox.claim(id, 8); // and it never notes what became of it
    bench.start();
    await until('somebody looked', async () => (await outbox.due()).length === 0);
    expect(hook.arrived).toEqual([]);
    await source.query(`UPDATE webhook_deliveries SET claim_until = ${NOW_MS_SQL} - 1`);
    await settled(id, 1);
    expect(numbersIn(hook.verified(secret))).toEqual([1]);
    expect(hook.arrived[0]?.id).toBe(dead?.event.id);
    // What the dead one would say now changes nothing.
    if (dead !== undefined) {
      await outbox.note(dead.delivery, { fault: 'status', status: 500, tookMs: 1, againInMs: 1 });
    }
    expect(await stateOf(id)).toEqual(['delivered']);
  });

  it('are signed with two secrets while one is replaced, and with the new one alone afterwards', async () => {
    const hook = await receiver();
    const { id, secret: old } = await bench.webhook(hook.url);
    const next = await bench.rotate(id, 3_600_000);
    bench.start();
    await bench.happen(1);
    await settled(id, 1);
    expect(numbersIn(hook.verified(old))).toEqual([1]);
    expect(numbersIn(hook.verified(next))).toEqual([1]);
    await source.query(`UPDATE webhooks SET previous_until = ${NOW_MS_SQL}`);
    await bench.happen(2);
    await settled(id, 2);
    expect(() => hook.verified(old)).toThrow('No matching signature');
    expect(sortedIn(hook.verified(next))).toEqual([1, 2]);
    const third = await bench.rotate(id, 0);
    await bench.happen(3);
    await settled(id, 3);
    expect(() => hook.verified(next)).toThrow('No matching signature');
    expect(hook.arrived[2]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    expect(third).not.toBe(next);
  });

  it('may come in any order: what failed comes after what did not', async () => {
    const hook = await receiver();
    const { id, secret } = await bench.webhook(hook.url);
    hook.answer = (response, one) => (hook.arrived.length === 1 ? answerStatus(503) : OK)(response, one);
    bench.start({ retryAfterMs: [1_000] });
    await bench.happen(1);
    await until('the first was refused', () => hook.arrived.length === 1);
    await bench.happen(2);
    await settled(id, 2);
    expect(numbersIn(hook.verified(secret))).toEqual([1, 2, 1]);
    expect(hook.arrived[0]?.id).toBe(hook.arrived[2]?.id);
  });

  it('that are seven days old are forgotten, with their deliveries', async () => {
    const { id } = await bench.webhook((await receiver()).url);
    const outbox = new WebhookOutbox(source);
    await bench.happen(1, 2);
    await outbox.route();
    const [old, kept] = await source.getRepository(eventEntity).find({ order: { id: 'ASC' } });
    const oldId = lowestIdAt(Date.now() - 8 * DAY_MS);
    await source.getRepository(eventEntity).update({ id: old?.id ?? '' }, { id: oldId });
    await source.getRepository(webhookDeliveryEntity).update({ eventId: old?.id ?? '' }, { eventId: oldId });
    await outbox.forget(7 * DAY_MS);
    expect((await source.getRepository(eventEntity).find()).map(({ id: left }) => left)).toEqual([kept?.id]);
    expect((await bench.deliveries(id)).map(({ eventId }) => eventId)).toEqual([kept?.id]);
  });
});

describe('a receiver', () => {
  it('that is away gets them once it is back', async () => {
    const gone = await receiver();
    const { id, secret } = await bench.webhook(gone.url);
    await gone.close();
    bench.start(AT_ONCE);
    await bench.happen(1, 2);
    await failing(id, 'connection_failed');
    const back = await receiver({ port: Number(new URL(gone.url).port) });
    await settled(id, 2);
    expect(sortedIn(back.verified(secret))).toEqual([1, 2]);
    expect((await bench.row(id)).failingSinceMs).toBeNull();
    expect(bench.notes.sent).toContain('repeated');
  });

  it('that is slow keeps no other from its events', async () => {
    const [slow, quick] = [await receiver(), await receiver()];
    slow.answer = () => undefined;
    const stuck = await bench.webhook(slow.url);
    const { id } = await bench.webhook(quick.url);
    bench.start({ attemptMsMax: 5_000 });
    await bench.happen(1);
    await until('the slow one has it', () => slow.arrived.length === 1);
    await bench.happen(2, 3);
    await settled(id, 3);
    expect(await stateOf(stuck.id)).toContain('waiting');
    await failing(stuck.id, 'too_slow');
  });

  it.each([
    ['says 500', answerStatus(500), 'status'],
    ['says 404', answerStatus(404), 'status'],
    ['leads elsewhere', answerStatus(302, { location: 'http://169.254.169.254/' }), 'redirect'],
    ['leads to itself', answerStatus(307, { location: '/hook' }), 'redirect'],
  ] as const)('that %s is sent it again', async (_, answer, fault) => {
    const hook = await receiver();
    hook.answer = answer;
    const { id, secret } = await bench.webhook(hook.url);
    bench.start(AT_ONCE);
    await bench.happen(1);
    await failing(id, fault);
    hook.answer = OK;
    await settled(id, 1);
    expect(new Set(numbersIn(hook.verified(secret)))).toEqual(new Set([1]));
    expect(new Set(hook.arrived.map(({ id: message }) => message)).size).toBe(1);
    expect((await bench.deliveries(id))[0]?.attempts).toBe(hook.arrived.length);
  });

  it('that answers without an end is cut off', async () => {
    const hook = await receiver();
    let written = 0;
    hook.answer = (response) => {
      response.writeHead(200);
      const fill = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384;
      };
      response.on('drain', fill);
      fill();
    };
    const { id } = await bench.webhook(hook.url);
    bench.start({ retryAfterMs: [] });
    await bench.happen(1);
    await failing(id, 'too_large');
    expect(written).toBeLessThan(64 * 1_048_576);
  });

  it('that asks for more time gets it', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(429, { 'retry-after': '600' });
    const { id } = await bench.webhook(hook.url);
    bench.start(AT_ONCE);
    await bench.happen(1);
    await failing(id, 'status');
    const [row] = await source.query(
      `SELECT next_at - ${NOW_MS_SQL} AS ms FROM webhook_deliveries WHERE state = 'waiting'`,
    );
    expect(Number(row.ms)).toBeGreaterThan(500_000);
    expect((await bench.row(id)).lastStatus).toBe(429);
  });

  it('that never takes it is given up on; asked for, it is sent again with the same id', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(500);
    const { id, secret } = await bench.webhook(hook.url);
    bench.start({ retryAfterMs: [10, 10] });
    await bench.happen(1);
    await until('it is given up', async () => (await stateOf(id)).includes('failed'));
    expect(hook.arrived).toHaveLength(3);
    // It is counted a moment after the state database has it.
    await expect.poll(() => bench.notes.sent).toEqual(['repeated', 'repeated', 'given-up']);
    hook.answer = OK;
    const [delivery] = await bench.deliveries(id);
    expect(delivery).toMatchObject({ lastStatus: 500, lastFault: 'status', nextAtMs: null });
    const deliveries = new WebhookDeliveryRepository(source);
    expect(await deliveries.resend(id, delivery?.id ?? '')).toBe(true);
    await settled(id, 1);
    expect(new Set(hook.arrived.map(({ id: message }) => message)).size).toBe(1);
    expect(hook.verified(secret)).toHaveLength(4);
    expect(await deliveries.resend(id, 'nobody')).toBe(false);
  });

  it('that fails for a day is paused, with an entry of the record; resumed, it gets what waited', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(500);
    const { id, secret } = await bench.webhook(hook.url);
    bench.start(AT_ONCE);
    await bench.happen(1);
    await failing(id, 'status');
    expect((await bench.row(id)).state).toBe('enabled');
    await source.query(`UPDATE webhooks SET failing_since = failing_since - ${DAY_MS}`);
    await until('it is paused', async () => (await bench.row(id)).state === 'paused');
    const { pauseReason, name } = await bench.row(id);
    expect(pauseReason).toBe('failing');
    const [entry] = await new RecordReader(source).list({ act: 'webhook.paused', limit: 10 });
    expect(JSON.parse(entry?.line ?? '')).toMatchObject({
      who: { name: null, signIn: null },
      subject: { kind: 'webhook', name },
      after: { reason: 'failing' },
    });
    await until('nothing is on its way', async () => (await bench.deliveries(id)).every(({ claim }) => claim === null));
    const tried = hook.arrived.length;
    hook.answer = OK;
    await bench.happen(2);
    await until('it was routed', async () => (await bench.deliveries(id)).length >= 2);
    expect(hook.arrived).toHaveLength(tried);
    expect(await new WebhookRepository(source).resume(id, 'ana')).toBe(true);
    // The pause itself is an event, too.
    await settled(id, 3);
    expect(hook.verified(secret).length).toBe(tried + 3);
  });

  it('that says that it is gone is paused at once', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(410);
    const { id } = await bench.webhook(hook.url, { types: ['act.recorded'] });
    bench.start(AT_ONCE);
    await bench.happen(1);
    await until('it is paused', async () => (await bench.row(id)).state === 'paused');
    expect((await bench.row(id)).pauseReason).toBe('gone');
    expect(hook.arrived).toHaveLength(1);
  });

  it('for whom too much waits is sent nothing further, and that is counted', async () => {
    const { id } = await bench.webhook('http://127.0.0.1:9/');
    const values = Array.from(
      { length: WAITING_MAX - 1 },
      (_, index) =>
        `('w${String(index).padStart(25, '0')}', '${id}', 'e${String(index).padStart(25, '0')}', 'waiting', 0, 1, 1)`,
    );
    await source.query(
      `INSERT INTO webhook_deliveries (id, webhook_id, event_id, state, attempts, next_at, made_at) VALUES ${values.join(',')}`,
    );
    await bench.happen(1, 2, 3);
    await new WebhookOutbox(source).route();
    expect((await bench.row(id)).dropped).toBe(2);
    expect(await source.getRepository(webhookDeliveryEntity).countBy({ state: 'waiting' })).toBe(WAITING_MAX);
  });

  it('whose secret this worker cannot open is sent nothing unsigned', async () => {
    const hook = await receiver();
    const { id } = await bench.webhook(hook.url);
    await source.getRepository(webhookEntity).update({ id }, { sealedSecret: 'of another key' });
    bench.start({ retryAfterMs: [] });
    await bench.happen(1);
    await failing(id, 'secret_unreadable');
    expect(hook.arrived).toEqual([]);
  });
});

describe('addresses', () => {
  const strict = { env: { WEBHOOK_ALLOWED_NETWORKS: '', WEBHOOK_ALLOW_HTTP: 'true' } };

  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
  ])('that are private get nothing: %s', async (address) => {
    const hook = await receiver();
    const { id } = await bench.webhook(address.replace('PORT', new URL(hook.url).port));
    bench.start({ retryAfterMs: [] }, strict);
    await bench.happen(1);
    await failing(id, 'private_address');
    expect(hook.arrived).toEqual([]);
  });

  it('of names that lead to a private address get nothing, whatever else the name has', async () => {
    const hook = await receiver();
    const resolve = async (): Promise<readonly LookupAddress[]> => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const { id } = await bench.webhook(hook.url.replace('127.0.0.1', 'hooks.example.com'));
    bench.start({ retryAfterMs: [], resolve }, strict);
    await bench.happen(1);
    await failing(id, 'private_address');
    expect(hook.arrived).toEqual([]);
  });

  it('of a name that leads to a private address from some time on get nothing from then on', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(500);
    let asked = 0;
    const resolve = async (): Promise<readonly LookupAddress[]> => [
      { address: (asked += 1) === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 },
    ];
    const { id } = await bench.webhook(hook.url.replace('127.0.0.1', 'hooks.example.com'));
    bench.start({ retryAfterMs: [10, 10], resolve });
    await bench.happen(1);
    await until('it is given up', async () => (await stateOf(id)).includes('failed'));
    expect((await bench.row(id)).lastFault).toBe('private_address');
    expect(asked).toBe(3);
    expect(hook.arrived).toHaveLength(1);
  });

  it('of a name are judged and used by one look-up: what it means later does not count', async () => {
    const hook = await receiver();
    const asked: string[] = [];
    const resolve = async (host: string): Promise<readonly LookupAddress[]> => {
      asked.push(host);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const { id } = await bench.webhook(hook.url.replace('127.0.0.1', 'hooks.example.com'));
    bench.start({ retryAfterMs: [], resolve });
    await bench.happen(1);
    await settled(id, 1);
    expect(asked).toEqual(['hooks.example.com']);
    expect(hook.arrived[0]?.headers['host']).toContain('hooks.example.com');
  });

  it('without TLS get nothing unless it is allowed; over TLS the certificate must be trusted', async () => {
    const folder = makeTemporaryFolder();
    try {
      const files = await makeServerCertificate(folder);
      const tls = { cert: await readFile(files.certificateFile, 'utf8'), key: await readFile(files.keyFile, 'utf8') };
      const [plain, secure] = [await receiver(), await receiver({ tls })];
      const [first, second] = [await bench.webhook(plain.url), await bench.webhook(secure.url)];
      bench.start({ retryAfterMs: [] }, { env: { WEBHOOK_ALLOW_HTTP: 'false' } });
      await bench.happen(1);
      await failing(first.id, 'not_encrypted');
      await failing(second.id, 'tls_untrusted');
      expect([...plain.arrived, ...secure.arrived]).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
