import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { stopProcess } from '../support/stopped-process.js';
import { type Broker, startBroker } from '../support/broker.js';
import { makeDatabase } from '../support/databases.js';
import type { DatabaseServer } from '../support/servers/database-server.js';
import { startMariadb } from '../support/servers/mariadb.js';
import { type RedisServer, startRedis } from '../support/servers/redis.js';

/**
 * No caller waits longer to be told that something is away, however busy the machine is. What has stopped answering would
 * never answer.
 */
const ANSWER_MS_MAX = 20_000;
const RECOVERY_MS_MAX = 15_000;

let broker: Broker;
let database: DatabaseServer;
let redis: RedisServer;

beforeAll(async () => {
  [database, redis] = await Promise.all([startMariadb(), startRedis()]);
  const state = await makeDatabase(database);
  broker = await startBroker({ env: { DATABASE_URL: state.url, REDIS_URL: redis.url } });
});
afterAll(async () => {
  await broker.stop();
  await Promise.all([database.stop(), redis.stop()]);
});

describe('while the state database is away', () => {
  it('every call says so in time, and works again when it is back', async () => {
    await database.kill();
    await expectProblem('/v1/principals', 'state_unavailable');
    await expectNotReady('database');
    await database.restart();
    await untilWorks('/v1/principals');
  });

  it('it may also have stopped answering', async () => {
    await stopProcess(database.pid);
    try {
      await expectProblem('/v1/principals', 'state_unavailable');
      await expectProblem('/v1/principals', 'state_unavailable');
    } finally {
      process.kill(database.pid, 'SIGCONT');
    }
    await untilWorks('/v1/principals');
  });
});

describe('while Redis is away', () => {
  const target = { name: 'any', host: '127.0.0.1', port: 1, username: 'x', password: 'y' };

  it('calls that need a gateway say so in time, the others work', async () => {
    await redis.kill();
    await expectProblem('/v1/targets', 'queue_unavailable', target);
    await expectNotReady('queue');
    expect((await callApi(broker.api, '/v1/targets', { key: broker.keys.operator })).status).toBe(200);
    await redis.restart();
    await untilWorks('/health/ready');
  });
});

async function expectProblem(path: string, code: string, body?: unknown): Promise<void> {
  const beganMs = performance.now();
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await callApi(broker.api, path, { key: broker.keys.operator, method, body });
  expect(problemOf(answer)).toMatchObject({ status: 503, code });
  expect(performance.now() - beganMs).toBeLessThan(ANSWER_MS_MAX);
}

async function expectNotReady(what: string): Promise<void> {
  const { status, body } = await callApi(broker.api, '/health/ready');
  expect({ status, body }).toMatchObject({ status: 503, body: { error: { [what]: { status: 'down' } } } });
  expect((await callApi(broker.api, '/health/live')).status).toBe(200);
}

async function untilWorks(path: string): Promise<void> {
  const untilMs = performance.now() + RECOVERY_MS_MAX;
  for (;;) {
    const { status } = await callApi(broker.api, path, { key: broker.keys.operator });
    if (status === 200) return;
    if (performance.now() > untilMs) throw new Error(`${path} still answers ${status}`);
    await pause(100);
  }
}
