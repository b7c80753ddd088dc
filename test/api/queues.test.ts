import { randomBytes } from 'node:crypto';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Queues } from '../../src/messaging/queues.js';
import { newGrantId } from '../../src/domain/ids.js';
import { type GatewayJob, jobAnswer, QUEUES } from '../../src/queue/jobs.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';

const prefix = `test-${randomBytes(4).toString('hex')}`;
const silent = { warn: () => undefined };

let server: RedisServer;
let queues: Queues;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startRedis();
  queues = await Queues.connect({ url: server.url, prefix, log: silent });
});
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});
afterAll(async () => {
  await queues.close();
  await server.stop();
});

/** Takes the gateway's jobs; other than a gateway it answers with whatever a test says. */
async function answerWith(answer: (job: GatewayJob) => Promise<unknown>): Promise<void> {
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const worker = new Worker<GatewayJob>(QUEUES.gateway, ({ data }) => answer(data), { connection, prefix });
  worker.on('error', () => undefined);
  closing.push(async () => {
    await worker.close();
    connection.disconnect();
  });
  await worker.waitUntilReady();
}

function ask(waitMs: number, grantId = newGrantId()) {
  return queues.ask({ name: 'open', grantId }, { answer: jobAnswer, waitMs, jobId: `open-${grantId}` });
}

describe('a question', () => {
  it('gets the answer of the one who takes the job', async () => {
    await answerWith(async () => ({ ok: true }));
    expect(await ask(5_000)).toEqual({ kind: 'answered', answer: { ok: true } });
  });

  it('gets a refusal as a value', async () => {
    await answerWith(async () => ({ ok: false, code: 'endpoint_ports_exhausted' }));
    expect(await ask(5_000)).toMatchObject({ kind: 'answered', answer: { code: 'endpoint_ports_exhausted' } });
  });

  it.each([{ ok: 'yes' }, null, { ok: false, code: 'no_such_code' }])(
    'does not take %o for an answer',
    async (value) => {
      await answerWith(async () => value);
      expect(await ask(5_000)).toMatchObject({ kind: 'failed' });
    },
  );

  it('learns that the job failed', async () => {
    await answerWith(async () => {
      throw new Error('out of luck');
    });
    expect(await ask(5_000)).toEqual({ kind: 'failed', reason: 'out of luck' });
  });

  it('that nobody takes in time is taken back', async () => {
    expect(await ask(50)).toEqual({ kind: 'timeout', taken: false });
    const seen: string[] = [];
    await answerWith(async (job) => {
      seen.push(job.name);
      return { ok: true };
    });
    expect(await ask(5_000)).toMatchObject({ kind: 'answered' });
    expect(seen).toHaveLength(1);
  });

  it('that somebody is still working on says so', async () => {
    const release = Promise.withResolvers<unknown>();
    await answerWith(() => release.promise);
    expect(await ask(300)).toEqual({ kind: 'timeout', taken: true });
    release.resolve({ ok: true });
  });

  it('keeps answers apart when many ask at once', async () => {
    await answerWith(async (job) =>
      job.name === 'open' ? { ok: false, code: 'open_failed', detail: job.grantId } : undefined,
    );
    const ids = Array.from({ length: 50 }, () => newGrantId());
    const outcomes = await Promise.all(ids.map((id) => ask(5_000, id)));
    const details = outcomes.map((outcome) => z.object({ answer: z.object({ detail: z.string() }) }).parse(outcome));
    expect(details.map(({ answer }) => answer.detail)).toEqual(ids);
  });
});

describe('without Redis', () => {
  it('nobody waits: those who wait are told, those who come are told', async () => {
    const waiting = ask(30_000);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'queue_unavailable' });
    await expect.poll(async () => (await queues.redis.keys(`${prefix}:gateway:open-*`)).length).toBeGreaterThan(0);
    await server.kill();
    await refused;
    await expect(ask(30_000)).rejects.toMatchObject({ code: 'queue_unavailable' });
    await expect(queues.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
  });

  it('they can be closed, also between two attempts to reach it', async () => {
    const other = await startRedis();
    const there = await Queues.connect({ url: other.url, prefix, log: silent });
    await other.kill();
    await expect.poll(() => there.redis.status).toBe('reconnecting');
    await there.close(); // would otherwise wait for a server that does not come back
    await other.stop();
  });

  it('everything works again when it is back', async () => {
    await server.restart();
    await answerWith(async () => ({ ok: true }));
    await expect.poll(() => ask(2_000).catch(() => undefined)).toMatchObject({ kind: 'answered' });
  });
});
