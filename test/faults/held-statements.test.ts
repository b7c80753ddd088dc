import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { HELD_POLICIES, send, useHeldShop } from '../gateway/held-shop.js';
import { decide, decideHeld, seeHeld, tryDecide, untilApproval } from '../support/approvals.js';
import { useBroker } from '../support/broker.js';
import { RawClient } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { problemOf } from '../support/http.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';
import { NOTHING_LEFT, tracesOf } from '../support/task.js';

let redis: RedisServer | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
const broker = useBroker({
  policies: HELD_POLICIES,
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1' },
  envOf: () => {
    const REDIS_URL = redis?.url ?? '';
    return Promise.resolve({ api: { REDIS_URL }, worker: { REDIS_URL }, gateway: { REDIS_URL } });
  },
});
afterAll(() => redis?.stop());

const UPDATE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';

// The state and the gateway are the same for every target.
describe('while a statement is held', () => {
  const shop = useHeldShop(broker, servers().mariadb);

  test('api and worker are killed: it goes on waiting, and runs when it is approved', async () => {
    const task = await shop().newTask();
    const sent = send(task, UPDATE);
    const { id } = await seeHeld(broker(), task.id);
    await Promise.all([broker().kill('api'), broker().kill('worker')]);
    await Promise.all([broker().restart('api'), broker().restart('worker')]);
    expect((await seeHeld(broker(), task.id)).id).toBe(id);
    await decide(broker(), id, { decision: 'approve' });
    expect(await sent).toEqual({ result: 1 });
    expect(await shop().runs('orders')).toBe(1);
  });

  test('Redis is killed, and is empty when it comes back: the decision is learnt all the same', async () => {
    const task = await shop().newTask();
    const sent = send(task, UPDATE);
    const { id } = await seeHeld(broker(), task.id);
    await redis?.kill();
    await decide(broker(), id, { decision: 'approve' });
    expect(await sent).toEqual({ result: 1 });
    expect(await shop().runs('orders')).toBe(1);
    await redis?.restart();
    const again = send(task, UPDATE);
    await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await again).error?.errno).toBe(1227);
  });

  test('the gateway is killed: its client is cut off, the question is cancelled, and nothing runs', async () => {
    const task = await shop().newTask();
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, UPDATE);
    const { id } = await seeHeld(broker(), task.id);
    await broker().kill('gateway');
    await client.closed();
    expect(client.unread).toHaveLength(0);
    await broker().restart('gateway');
    const recorded = await task.sealed();
    await untilApproval(broker(), id, 'cancelled');
    expect(problemOf(await tryDecide(broker(), id, { decision: 'approve' })).code).toBe('approval_cancelled');
    expect(recorded.texts).toEqual([UPDATE]);
    expect(recorded.of('forwarded')).toEqual([]);
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(await tracesOf(shop().target, task.login.user)).toEqual(NOTHING_LEFT);
    expect(await shop().runs('orders')).toBe(0);
  });
});
