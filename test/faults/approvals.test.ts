import type { DataSource } from 'typeorm';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApprovalSignals } from '../../src/messaging/approval-signals.js';
import { Queues } from '../../src/messaging/queues.js';
import type { ApprovalId, GatewayId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { GatewayRepository } from '../../src/persistence/processes/gateway.repository.js';
import { approvalChannel } from '../../src/queue/jobs.js';
import { approve, insertActiveGrant, questionOf } from '../support/approval-state.js';
import { type Broker, startBroker } from '../support/broker.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { call } from '../support/grants.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';
import { startTripwireProxy, type TripwireProxy } from '../support/tripwire-proxy.js';

const LEASE_SECONDS = 3_600;
const LIMITS = { pendingMax: 100, totalMax: 1_000 };
const silent = { warn: () => undefined, debug: () => undefined };

describe('without Redis', () => {
  let redis: RedisServer;
  let broker: Broker;
  let source: DataSource;
  let queues: Queues;
  let listening: Redis;
  let desk: DatabaseApprovalDesk;
  let gatewayId: GatewayId;

  beforeAll(async () => {
    redis = await startRedis();
    broker = await startBroker({ env: { REDIS_URL: redis.url, REAP_EVERY_SECONDS: '1' } });
    source = await createStateSource(broker.stateDatabaseUrl).initialize();
    gatewayId = await new GatewayRepository(source).start('of-this-test', LEASE_SECONDS);
    const prefix = broker.env['QUEUE_PREFIX'] ?? '';
    queues = await Queues.connect({ url: redis.url, prefix, log: silent });
    const signals = new ApprovalSignals(queues, prefix, silent);
    // As a gateway has it.
    desk = new DatabaseApprovalDesk({
      dataSource: source,
      clock: systemClock,
      limits: LIMITS,
      announce: (id, state) => signals.changed(id, state),
      requestJobs: (asked) => signals.asked(asked),
    });
    listening = new Redis(redis.url, { maxRetriesPerRequest: null });
    listening.on('error', () => undefined);
    await listening.subscribe(approvalChannel(prefix));
    listening.on('message', (_channel, message: string) => desk.wake(String(Reflect.get(JSON.parse(message), 'id'))));
  });
  afterAll(async () => {
    listening?.disconnect();
    await queues?.close();
    await source?.destroy();
    await broker?.stop();
    await redis?.stop();
  });

  async function ask(total: number, expiresInMs = 600_000): Promise<ApprovalId> {
    const grant = await insertActiveGrant(source, { gatewayId });
    const text = `UPDATE orders SET total = ${total}`;
    return (await desk.ask(questionOf(grant, { text, expiresAtMs: Date.now() + expiresInMs }))).id;
  }

  async function decide(id: ApprovalId, decision: string): Promise<number> {
    const path = `/v1/approvals/${id}/decisions`;
    return (await call(broker, 'POST', path, { key: broker.keys.approver, body: { decision } })).status;
  }

  async function row(id: ApprovalId) {
    return source.getRepository(approvalEntity).findOneByOrFail({ id });
  }

  it('nothing is missing while it is there: decisions reach who waits without the database being asked again and again', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }); // now the desk never asks by itself
    try {
      for (let round = 0; round < 20; round += 1) {
        const id = await ask(round);
        const waiting = desk.settled(id, AbortSignal.timeout(45_000));
        expect(await decide(id, 'approve')).toBe(200);
        expect(await waiting).toMatchObject({ state: 'approved' });
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('people decide, who waits learns it by asking the database, time runs out, and everything is told', async () => {
    const [before, overdue] = [await ask(1), await ask(2, 3_000)];
    await redis.kill();
    const waiting = [before, overdue].map((id) => desk.settled(id, AbortSignal.timeout(45_000)));
    const asked = await ask(3);
    expect(await decide(before, 'approve')).toBe(200);
    expect(await waiting[0]).toMatchObject({ state: 'approved' });
    expect(await waiting[1]).toMatchObject({ state: 'timed-out' });
    for (const id of [before, overdue]) {
      await expect.poll(async () => (await row(id)).noticeAtMs, { timeout: 45_000 }).toBeNull();
    }
    await expect.poll(async () => (await row(asked)).notifiedAtMs, { timeout: 45_000 }).not.toBeNull();
    await redis.restart(); // with nothing in it: all jobs are lost
    expect(await decide(asked, 'deny')).toBe(200);
    expect(await row(asked)).toMatchObject({ state: 'denied' });
  });

  it.each(['api', 'worker', 'gateway'] as const)('the %s ends in order when it is told to', async (name) => {
    await redis.kill();
    await broker.kill(name, 'SIGTERM');
    expect(await broker.ended(name)).toBe(0);
    await redis.restart();
  });
});

describe('without the state database', () => {
  let database: OwnDatabase;
  let proxy: TripwireProxy;
  let source: DataSource;
  let direct: DataSource;
  let desk: DatabaseApprovalDesk;

  beforeAll(async () => {
    const { mariadb } = servers();
    database = await makeDatabase(mariadb);
    direct = await createStateSource(database.url).initialize();
    await direct.runMigrations();
    proxy = await startTripwireProxy(mariadb);
    const url = new URL(database.url);
    url.port = String(proxy.port);
    source = await createStateSource(url.href).initialize();
    desk = new DatabaseApprovalDesk({
      dataSource: source,
      clock: systemClock,
      limits: LIMITS,
      announce: () => undefined,
      requestJobs: () => undefined,
    });
  });
  afterAll(async () => {
    await source?.destroy();
    await direct?.destroy();
    await proxy?.close();
    await database?.drop();
  });

  async function ask(expiresInMs: number): Promise<ApprovalId> {
    const grant = await insertActiveGrant(direct);
    return (await desk.ask(questionOf(grant, { expiresAtMs: Date.now() + expiresInMs }))).id;
  }

  it('who waits goes on waiting, and gets the decision once it is back', async () => {
    const id = await ask(600_000);
    const waiting = desk.settled(id, AbortSignal.timeout(45_000));
    await expect.poll(async () => source.query('SELECT 1').then(() => true)).toBe(true);
    proxy.cut();
    await new ApprovalRepository(direct).decide(approve(id));
    await expect(desk.use(id)).rejects.toMatchObject({ code: 'state_unavailable' });
    proxy.mend();
    expect(await waiting).toMatchObject({ state: 'approved' });
    expect(await desk.use(id)).toBe(true);
  });

  it('who waits past the time is told that nothing is known: silence is no approval', async () => {
    const id = await ask(1_500);
    const startedMs = Date.now();
    const waiting = desk.settled(id, AbortSignal.timeout(45_000));
    waiting.catch(() => undefined);
    await expect.poll(async () => source.query('SELECT 1').then(() => true)).toBe(true);
    proxy.cut();
    await expect(waiting).rejects.toMatchObject({ code: 'state_unavailable' });
    const tookMs = Date.now() - startedMs;
    proxy.mend();
    expect(tookMs).toBeGreaterThan(3_000);
    await expect(
      desk.ask(questionOf((await direct.getRepository(approvalEntity).findOneByOrFail({ id })).grantId)),
    ).resolves.toMatchObject({ state: 'pending', again: false });
  });
});
