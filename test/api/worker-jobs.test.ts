import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newGrantId } from '../../src/domain/ids.js';
import { QUEUES } from '../../src/queue/jobs.js';
import { retryPolicyOf } from '../../src/queue/retry.js';
import { useBroker } from '../support/broker.js';
import { servers } from '../support/engines.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';

const broker = useBroker();
let redis: Redis;
let queue: Queue;
let shop: ShopTarget;

beforeAll(async () => {
  redis = new Redis(servers().redis.url, { maxRetriesPerRequest: null });
  queue = new Queue(QUEUES.worker, { connection: redis, prefix: broker().env['QUEUE_PREFIX'] ?? '' });
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => {
  await queue?.close();
  redis?.disconnect();
  await shop?.drop();
});

/** Adds a job as it is, and waits until it ended. */
async function run(name: string, data: object): Promise<{ state: string; attempts: number; reason: string }> {
  const job = await queue.add(name, data, { ...retryPolicyOf('seal') });
  await expect.poll(() => job.getState(), { timeout: 10_000 }).toMatch(/^(completed|failed)$/);
  const ended = await queue.getJob(job.id ?? '');
  return {
    state: await job.getState(),
    attempts: ended?.attemptsMade ?? 0,
    reason: ended?.failedReason ?? '',
  };
}

describe("the worker's queue", () => {
  it.each([
    ['an unknown name', 'tidy', { name: 'tidy' }],
    ['a payload of another shape', 'seal', { name: 'seal', grantId: '../x' }],
  ])('fails a job with %s at once and for good', async (_, name, data) => {
    expect(await run(name, data)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  it.each(['expire', 'seal'])('does nothing in a job %s for a grant that is not there', async (name) => {
    expect(await run(name, { name, grantId: newGrantId() })).toMatchObject({ state: 'completed' });
  });

  it('seals and expires a grant once, however often it is told to', async () => {
    const { id } = await openGrant(broker(), shop.name);
    expect(await run('seal', { name: 'seal', grantId: id })).toMatchObject({ state: 'completed' });
    const path = `/v1/grants/${id}`;
    const { agent } = broker().keys;
    expect((await call(broker(), 'GET', path, { key: agent })).body).toMatchObject({ state: 'active' });
    const sealed = await call(broker(), 'POST', `${path}/close?wait=20`, { key: agent });
    expect(sealed.body).toMatchObject({ state: 'sealed' });
    for (const name of ['seal', 'expire', 'seal']) {
      expect(await run(name, { name, grantId: id })).toMatchObject({ state: 'completed' });
    }
    expect((await call(broker(), 'GET', path, { key: agent })).body).toEqual(sealed.body);
  });
});
