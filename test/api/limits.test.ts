import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ApiAnswer, callApi } from '../../src/client/api-call.js';
import { bucketAnswer, takeFrom } from '../../src/domain/bucket.js';
import type { Role } from '../../src/domain/principal.js';
import { connectForCounts } from '../../src/messaging/redis.js';
import { RedisBuckets } from '../../src/messaging/redis-buckets.js';
import { decideHeld, seeHeld } from '../support/approvals.js';
import { type Broker, startBroker } from '../support/broker.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { problemOf } from '../support/http.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';
import { stopProcess } from '../support/stopped-process.js';
import { HELD_POLICIES, send, useHeldShop } from '../gateway/held-shop.js';

/** One more every five seconds: none while a test counts, and soon enough for one that waits. */
const UNITS = 12;
const LIMITS = {
  LIMIT_TRIES_PER_MINUTE: String(UNITS),
  LIMIT_CREDENTIAL_FAILURES_PER_MINUTE: String(UNITS),
  LIMIT_PAGES_PER_MINUTE: '40',
};
/** Longer than they take to give one more. */
const UNIT_MS = 20_000;

let broker: Broker;
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
  broker = await startBroker({ apis: 2, policies: HELD_POLICIES, env: { REDIS_URL: redis.url, ...LIMITS } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(broker.logs('api').split('\n').slice(-40).join('\n'));
});
afterAll(async () => {
  await broker.stop();
  await redis.stop();
});
/** Each test begins with full buckets in Redis, and with apis that count there. */
beforeEach(async () => {
  await expect.poll(() => countedInRedis(), { timeout: UNIT_MS }).toBe(true);
  await emptyRedis();
});

const shop = useHeldShop(() => broker, servers().mariadb);

/** Whether what one api counts the other one knows. */
async function countedInRedis(): Promise<boolean> {
  await emptyRedis();
  const [first, second] = [await tryPolicies(), await tryPolicies('api-2')];
  return [first, second].every(({ headers }, index) => leftOf(headers) === UNITS - 1 - index);
}

const leftOf = (headers: Pick<Headers, 'get'>) => Number(/"tries";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);

async function emptyRedis(): Promise<void> {
  const client = new Redis(redis.url);
  try {
    const keys = await client.keys(`${broker.env['QUEUE_PREFIX']}:limit:*`);
    if (keys.length > 0) await client.del(keys);
  } finally {
    client.disconnect();
  }
}

function tryPolicies(name: 'api' | 'api-2' = 'api', role: Role = 'operator'): Promise<ApiAnswer> {
  return callApi(broker.url(name), '/v1/policies/try', { key: broker.keys[role], body: {} });
}

const statusOf = async (answer: Promise<ApiAnswer>) => (await answer).status;

describe('a limit', () => {
  it('is one for all apis, and tells who meets it when to come again', async () => {
    const statuses = await Promise.all(
      Array.from({ length: UNITS }, (_, index) => statusOf(tryPolicies(index % 2 === 0 ? 'api' : 'api-2'))),
    );
    expect(new Set(statuses)).toEqual(new Set([400])); // counted before anything looks at the body
    for (const api of ['api', 'api-2'] as const) {
      const answer = await tryPolicies(api);
      const { retryAfterSeconds, detail } = z
        .looseObject({ retryAfterSeconds: z.int(), detail: z.string() })
        .parse(answer.body);
      expect(problemOf(answer)).toMatchObject({ status: 429, code: 'too_many_requests', limit: 'tries' });
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(5);
      expect(detail).toContain(
        `There may be ${UNITS} trials by one principal in 60 s. Try again in ${retryAfterSeconds} s.`,
      );
      expect(answer.headers.get('retry-after')).toBe(String(retryAfterSeconds));
      expect(answer.headers.get('ratelimit-policy')).toContain(`"tries";q=${UNITS};w=60`);
      expect(answer.headers.get('ratelimit')).toContain(`"tries";r=0;t=${retryAfterSeconds}`);
    }
  });

  it('says in every answer what is left', async () => {
    const { headers } = await tryPolicies();
    expect(headers.get('ratelimit-policy')).toBe(`"calls";q=6000;w=60, "tries";q=${UNITS};w=60`);
    expect(headers.get('ratelimit')).toMatch(/^"calls";r=59\d\d;t=1, "tries";r=11;t=5$/);
  });

  it('of calls is named in the guide for language models', async () => {
    const text = await (await fetch(`${broker.api}/llms.txt`)).text();
    expect(text).toContain('6000 calls in a minute with one credential.');
  });

  it('is the principal’s own, and not that of another route', async () => {
    await Promise.all(Array.from({ length: UNITS + 1 }, () => tryPolicies()));
    expect(await statusOf(tryPolicies())).toBe(429);
    const call = { key: broker.keys.approver, body: {} };
    expect(await statusOf(callApi(broker.api, '/v1/policies/try', call))).toBe(400);
    expect(await statusOf(callApi(broker.api, '/v1/policies', { key: broker.keys.operator }))).toBe(200);
  });

  it('gives a unit at a time, as it fills', async () => {
    await Promise.all(Array.from({ length: UNITS + 1 }, () => tryPolicies()));
    await expect.poll(() => statusOf(tryPolicies()), { timeout: UNIT_MS }).toBe(400);
    expect(await statusOf(tryPolicies())).toBe(429);
  });

  it('lets through what fits when many come at once', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, index) => statusOf(tryPolicies(index % 2 === 0 ? 'api' : 'api-2'))),
    );
    expect(statuses.filter((status) => status === 400)).toHaveLength(UNITS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40 - UNITS);
  });

  it('leaves in Redis only keys that expire', async () => {
    await tryPolicies();
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    const keys = await client.keys('*:limit:*');
    expect(keys).toHaveLength(1);
    const ttl = await client.pttl(keys[0] ?? '');
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });

  it('is counted by the metrics, with its name', async () => {
    await Promise.all(Array.from({ length: UNITS + 1 }, () => tryPolicies()));
    const metrics = await (await fetch(`${broker.api}/metrics`)).text();
    expect(metrics).toMatch(/^doorwarden_requests_limited_total\{limit="tries"\} \d+$/m);
  });
});

describe('credentials that do not work', () => {
  const made = (letter: string) => `dw_${letter.repeat(8)}_${letter.repeat(43)}`;
  const attempt = (letter: string, api: 'api' | 'api-2' = 'api') =>
    callApi(broker.url(api), '/v1/targets', { key: made(letter) });

  it('are limited for their address and by all apis; who calls with a key that works goes on', async () => {
    expect(await statusOf(callApi(broker.api, '/v1/targets', { key: broker.keys.agent }))).toBe(200);
    const statuses = [];
    for (const letter of 'abcdefghijkl') statuses.push(await statusOf(attempt(letter, 'api-2')));
    expect(new Set(statuses)).toEqual(new Set([401]));
    const refused = await attempt('m');
    expect(problemOf(refused)).toMatchObject({ status: 429, code: 'too_many_requests', limit: 'credential-failures' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await statusOf(callApi(broker.api, '/v1/targets', { key: broker.keys.agent }))).toBe(200);
    await expect.poll(() => statusOf(attempt('n')), { timeout: UNIT_MS }).toBe(401);
  });
});

describe('pages without a key', () => {
  it('are limited for their address; probes and metrics are not', async () => {
    const statuses = await Promise.all(Array.from({ length: 60 }, () => statusOf(callApi(broker.api, '/'))));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(40);
    const probes = await Promise.all(Array.from({ length: 60 }, () => statusOf(callApi(broker.api, '/health/live'))));
    expect(new Set(probes)).toEqual(new Set([200]));
  });
});

describe('while Redis has stopped answering or is away', () => {
  // Different principals: what an api counted for itself in the first outage still stands in the second.
  const outages = [
    {
      what: 'has stopped answering',
      role: 'operator',
      begin: () => stopProcess(redis.pid),
      end: () => process.kill(redis.pid, 'SIGCONT'),
    },
    { what: 'is away', role: 'approver', begin: () => redis.kill(), end: () => redis.restart() },
  ] as const;

  it.each(outages)('($what) people go on deciding, and each api keeps the limits for itself', async (outage) => {
    const { role, begin, end } = outage;
    const task = await shop().newTask();
    const held = send(task, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
    await seeHeld(broker, task.id);
    await begin();
    try {
      await decideHeld(broker, task.id, { decision: 'approve' });
      expect(await held).toEqual({ result: 1 });
      const statuses = [];
      for (let count = 0; count < UNITS + 3; count += 1) statuses.push(await statusOf(tryPolicies('api', role)));
      expect(new Set(statuses.slice(0, UNITS))).toEqual(new Set([400]));
      expect(statuses).toContain(429);
      expect(await statusOf(tryPolicies('api-2', role))).toBe(400);
    } finally {
      await end();
    }
    await expect.poll(() => countedInRedis(), { timeout: UNIT_MS }).toBe(true);
    await task.end('close');
  });
});

describe('buckets in Redis', () => {
  it('answer as those in a process', async () => {
    const client = connectForCounts(redis.url, { warn: () => undefined });
    onTestFinished(() => client.disconnect());
    await client.connect();
    const buckets = new RedisBuckets(client, 'compared');
    for (const units of [1, 3, 7, 600]) {
      const size = { units, periodMs: units * 600_000 };
      let full: number | undefined;
      for (let count = 0; count < Math.min(units, 20) + 2; count += 1) {
        const { isTaken, fullAtUs } = takeFrom(full, size, { nowUs: 1_000_000, wanted: 1 });
        full = fullAtUs;
        const expected = bucketAnswer(isTaken, fullAtUs - 1_000_000, size);
        const found = await buckets.take(`of-${units}`, size, 1);
        // Redis's clock goes on meanwhile: seconds of the ten minutes that a unit takes.
        expect(found).toMatchObject({ isTaken: expected.isTaken });
        expect(found.left - expected.left).toBeLessThanOrEqual(1);
        expect(Math.abs(found.nextMs - expected.nextMs)).toBeLessThan(600_000);
      }
      expect(await buckets.take(`of-${units}`, size, 0)).toMatchObject({ isTaken: true });
    }
  });
});

describe('what is too large', () => {
  it('in headers is refused before anything reads it', async () => {
    const { port } = new URL(broker.api);
    const status = await new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/', headers: { 'x-long': 'x'.repeat(17_000) } });
      sent.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject);
      sent.end();
    });
    expect(status).toBe(431);
  });
});

it('docs/operations.md lists the limits with what they are by default', async () => {
  const { ALLOWANCES, ALLOWANCE_NAMES, sizeOf } = await import('../../src/control/limits/allowances.js');
  const { limitVariables } = await import('../../src/config/limits.js');
  const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| ([^|]+?) +\| +(\d+) in (\d+) s +\| `(LIMIT_\w+)` +\|$/gm)];
  const listed = rows.map(([, name, , units, seconds, setting]) => [name, Number(units), Number(seconds), setting]);
  const defaults = z.object(limitVariables).parse({});
  const known = ALLOWANCE_NAMES.map((name) => {
    const size = sizeOf(name, defaults);
    return [name, size?.units, (size?.periodMs ?? 0) / 1000, ALLOWANCES[name].setting];
  });
  expect(listed).toEqual(known);
});
