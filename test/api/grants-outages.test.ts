import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import type { EntriesPage, RecordingView } from '../../src/contracts/recordings/recording.js';
import { type Broker, startBroker, type StartedBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines, servers } from '../support/engines.js';
import { askGrant, call, openGrant, registerShop, untilState, type ShopTarget } from '../support/grants.js';
import type { DatabaseAddress } from '../support/servers/database-server.js';
import { startRedis, type RedisServer } from '../support/servers/redis.js';

/** A gateway that has just started may need more than a second for its first grant, where the machine is busy. */
const QUICK = { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1', OPEN_WAIT_SECONDS: '5' };

async function isAccountThere(server: DatabaseAddress, name: string): Promise<boolean> {
  return withMysql2(rootLogin(server), async (root) => {
    const [rows] = await root.query('SELECT User FROM mysql.user WHERE User = ?', [name]);
    return Array.isArray(rows) && rows.length > 0;
  });
}

/** What the sessions of an account run on a server: null for one that runs nothing. */
async function statementsOf(server: DatabaseAddress, name: string): Promise<readonly unknown[]> {
  return withMysql2(rootLogin(server), async (root) => {
    const [rows] = await root.query('SELECT info FROM information_schema.processlist WHERE user = ?', [name]);
    return Array.isArray(rows) ? rows.map((row) => Object.values(row)[0]) : [];
  });
}

function close(broker: Broker, id: string, query = '') {
  return call<GrantView>(broker, 'POST', `/v1/grants/${id}/close${query}`, { key: broker.keys.agent });
}

let redis: RedisServer;
let started: StartedBroker;
const broker = (): Broker => started;
beforeAll(async () => {
  redis = await startRedis();
  started = await startBroker({ env: { ...QUICK, REDIS_URL: redis.url } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') started.printLogs();
});
afterAll(async () => {
  await started?.stop();
  await redis?.stop();
});

describe('without a gateway', () => {
  let shop: ShopTarget;
  beforeAll(async () => {
    shop = await registerShop(broker(), servers().mariadb);
  });
  afterAll(async () => shop?.drop());

  it('a request is refused for good, and the next gateway opens only what is asked of it', async () => {
    await broker().kill('gateway', 'SIGTERM');
    const { status, body } = await askGrant(broker(), shop.name);
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'gateway_unavailable' } });
    const { grantId } = body as unknown as { grantId: string };
    const refused = await call(broker(), 'GET', `/v1/grants/${grantId}`, { key: broker().keys.agent });
    expect(refused.body).toMatchObject({ state: 'refused', refusal: { code: 'gateway_unavailable' } });
    await broker().restart('gateway');
    const { id } = await openGrant(broker(), shop.name);
    expect((await close(broker(), id, '?wait=20')).body.state).toBe('sealed');
    const still = await call(broker(), 'GET', `/v1/grants/${grantId}`, { key: broker().keys.agent });
    expect(still.body).toMatchObject({ state: 'refused' });
  });

  it('what waits for its seal while the worker is away is sealed when it is back', async () => {
    await broker().kill('worker');
    const { id } = await openGrant(broker(), shop.name);
    expect((await close(broker(), id)).status).toBe(200);
    await broker().restart('worker');
    expect(await untilState(broker(), id, 'sealed')).toMatchObject({ closeReason: 'completed' });
  });
});

describe.each(engines())('a gateway that is killed under its grants on $flavour', (server) => {
  let shop: ShopTarget;
  beforeAll(async () => {
    shop = await registerShop(broker(), server);
  });
  afterAll(async () => shop?.drop());

  it.each([
    ['stays dead', false],
    ['starts again', true],
  ])('and %s leaves no account and a sealed recording that says so', async (_, restarts) => {
    const { id, connection } = await openGrant(broker(), shop.name);
    const { host, port, username: user, password } = connection;
    await withMysql2({ host, port, user, password }, async (session) => {
      const lost = session.query('SELECT SLEEP(60)').catch((error: unknown) => error);
      await expect.poll(() => statementsOf(server, user)).toContain('SELECT SLEEP(60)');
      await broker().kill('gateway');
      expect(await lost).toBeInstanceOf(Error);
    });
    expect(await isAccountThere(server, user)).toBe(true);
    if (restarts) await broker().restart('gateway');
    expect(await untilState(broker(), id, 'sealed')).toMatchObject({ closeReason: 'failed', closedBy: null });
    if (!restarts) await broker().restart('gateway');
    expect(await isAccountThere(server, user)).toBe(false);
    expect(await statementsOf(server, user)).toEqual([]);
    const { reviewer } = broker().keys;
    const recording = await call<RecordingView>(broker(), 'GET', `/v1/recordings/${id}`, { key: reviewer });
    expect(recording.body).toMatchObject({ state: 'sealed', interrupted: true });
    expect(await call(broker(), 'GET', `/v1/recordings/${id}/verification`, { key: reviewer })).toMatchObject({
      body: { ok: true, keyTrusted: true },
    });
    const entries = await call<EntriesPage>(broker(), 'GET', `/v1/recordings/${id}/entries`, { key: reviewer });
    expect(JSON.stringify(entries.body)).toContain('SELECT SLEEP(60)');
    expect(entries.body.items.at(-1)).toMatchObject({
      type: 'grant.closed',
      interrupted: true,
      account: { state: 'gone' },
    });
  });
});

describe('without Redis', () => {
  let shop: ShopTarget;
  beforeAll(async () => {
    shop = await registerShop(broker(), servers().mariadb);
  });
  afterAll(async () => shop?.drop());

  it('a request is refused within seconds, closing still works to the end, and all recovers by itself', async () => {
    const open = await openGrant(broker(), shop.name);
    await redis.kill();
    const beganMs = Date.now();
    const { status, body } = await askGrant(broker(), shop.name);
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
    expect(Date.now() - beganMs).toBeLessThan(15_000);
    const { grantId } = body as unknown as { grantId: string };
    const refused = await call(broker(), 'GET', `/v1/grants/${grantId}`, { key: broker().keys.agent });
    expect(refused.body).toMatchObject({ state: 'refused', refusal: { code: 'queue_unavailable' } });

    const waiting = call<GrantView>(broker(), 'GET', `/v1/grants/${open.id}?wait=20`, { key: broker().keys.agent });
    expect(await close(broker(), open.id, '?wait=25')).toMatchObject({ status: 200, body: { state: 'sealed' } });
    expect((await waiting).body.state).not.toBe('active');
    expect(await isAccountThere(servers().mariadb, open.connection.username)).toBe(false);

    await redis.restart();
    await expect.poll(async () => (await askGrant(broker(), shop.name)).status, { timeout: 45_000 }).toBe(201);
  });
});
