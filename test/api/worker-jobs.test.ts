import { once } from 'node:events';
import { createServer } from 'node:net';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newGrantId } from '../../src/domain/ids.js';
import { QUEUES } from '../../src/queue/jobs.js';
import { retryPolicyOf } from '../../src/queue/retry.js';
import { servers } from '../support/engines.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
let redis: Redis;
let queue: Queue;
let gatewayQueue: Queue;
let shop: ShopTarget;

beforeAll(async () => {
  redis = new Redis(servers().redis.url, { maxRetriesPerRequest: null });
  queue = new Queue(QUEUES.worker, { connection: redis, prefix: broker().env['QUEUE_PREFIX'] ?? '' });
  gatewayQueue = new Queue(QUEUES.gateway, { connection: redis, prefix: broker().env['QUEUE_PREFIX'] ?? '' });
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => {
  await queue?.close();
  await gatewayQueue?.close();
  redis?.disconnect();
  await shop?.drop();
});

/** Adds a job as it is, and waits until it ended. */
async function run(
  name: string,
  data: object,
  at = queue,
): Promise<{ state: string; attempts: number; reason: string }> {
  const job = await at.add(name, data, { ...retryPolicyOf('seal') });
  await expect.poll(() => job.getState()).toMatch(/^(completed|failed)$/);
  const ended = await at.getJob(job.id ?? '');
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

  it('closes no grant before its deadline, no matter who says that it expired', async () => {
    const { id } = await openGrant(broker(), shop.name);
    expect(await run('expire', { name: 'expire', grantId: id })).toMatchObject({ state: 'completed' });
    const path = `/v1/grants/${id}`;
    const { agent } = broker().keys;
    expect((await call(broker(), 'GET', path, { key: agent })).body).toMatchObject({
      state: 'active',
      closeReason: null,
    });
    await call(broker(), 'POST', `${path}/close`, { key: agent });
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
    expect((await call(broker(), 'GET', path, { key: agent })).body).toMatchObject(sealed.body);
  });
});

describe("the gateway's queue", () => {
  it('looks at no target but for a request in the state database: a forged job has nobody log in anywhere', async () => {
    const attempts = await countConnections(async (port) => {
      const forged = {
        name: 'inspect',
        targetId: newGrantId(),
        endpoint: { host: '127.0.0.1', port, tls: { mode: 'off' } },
        username: 'root',
        sealedPassword: 'a JWE',
        credentials: 'dynamic',
        privileges: [],
        databases: [],
      };
      expect(await run('inspect', forged, gatewayQueue)).toMatchObject({ state: 'failed', attempts: 1 });
      const unasked = { ...forged, inspectionId: newGrantId() };
      expect(await run('inspect', unasked, gatewayQueue)).toMatchObject({ state: 'completed' });
    });
    expect(attempts).toBe(0);
  });

  it('opens a grant once, however often it is told to', async () => {
    const { id } = await openGrant(broker(), shop.name);
    expect(await run('open', { name: 'open', grantId: id }, gatewayQueue)).toMatchObject({ state: 'completed' });
    const { body } = await call(broker(), 'GET', `/v1/grants/${id}`, { key: broker().keys.agent });
    expect(body).toMatchObject({ state: 'active' });
    await call(broker(), 'POST', `/v1/grants/${id}/close`, { key: broker().keys.agent });
  });

  it('keeps no finished job, and no sealed password was ever in Redis', async () => {
    const { id } = await openGrant(broker(), shop.name);
    await call(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, { key: broker().keys.agent });
    const prefix = broker().env['QUEUE_PREFIX'] ?? '';
    const jobKeys = async (): Promise<readonly string[]> => {
      const ofGateway = await redis.keys(`${prefix}:gateway:*`);
      return [
        ...ofGateway.filter((key) => /:(inspect|open)-[0-9a-z]{26}$/.test(key)),
        ...(await redis.keys(`${prefix}:worker:seal-${id}`)),
      ];
    };
    // The grant is sealed a moment before its job is over.
    await expect.poll(jobKeys).toEqual([]);
    const dumped = await Promise.all((await redis.keys(`${prefix}:*`)).map((key) => redis.dumpBuffer(key)));
    const all = Buffer.concat(dumped.map((bytes) => bytes ?? Buffer.alloc(0))).toString('latin1');
    expect(all).not.toContain('ECDH-ES');
    expect(all).not.toContain(Buffer.from('{"alg":"ECDH').toString('base64url'));
  });
});

/** How many connections come to a port of this machine while `work` goes on. */
async function countConnections(work: (port: number) => Promise<void>): Promise<number> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a listener has an address');
  try {
    await work(address.port);
  } finally {
    server.close();
  }
  return count;
}
