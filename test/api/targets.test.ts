import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { targetPage, targetSummaryView, targetView } from '../../src/contracts/grants/target.js';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { runAsRoot } from '../support/databases.js';
import { engines, servers } from '../support/engines.js';
import { openGrant } from '../support/grants.js';
import { freePort } from '../support/ports.js';
import type { DatabaseAddress } from '../support/servers/database-server.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

function call(path: string, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: broker().keys.operator, ...options });
}

function register(body: object) {
  return call('/v1/targets', { method: 'POST', body });
}

function change(name: string, body: object) {
  return call(`/v1/targets/${name}`, { method: 'PATCH', body });
}

interface Shop {
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

/** A database with a provisioning account that has what `grants` says. */
async function makeShop(engine: DatabaseAddress, grants: readonly string[]): Promise<Shop> {
  const database = `shop_${randomBytes(4).toString('hex')}`;
  const username = `prov_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(9).toString('hex');
  await runAsRoot(engine, [
    `CREATE DATABASE ${database}`,
    `CREATE TABLE ${database}.items (id INT PRIMARY KEY)`,
    `CREATE USER ${username}@'%' IDENTIFIED BY '${password}'`,
    ...grants.map((grant) => `GRANT ${grant} TO ${username}@'%' WITH GRANT OPTION`),
  ]);
  return { database, username, password };
}

describe.each(engines())('a target on $flavour $version', (engine) => {
  const name = `shop-${engine.flavour}`;
  let shop: Shop;

  beforeAll(async () => {
    shop = await makeShop(engine, ['ALL PRIVILEGES ON *.*']);
  });

  function body(over: object = {}) {
    const { database: defaultDatabase, username, password } = shop;
    return { name, host: engine.host, port: engine.port, username, password, defaultDatabase, ...over };
  }

  it('is registered after a gateway has looked at it, and its password never comes out', async () => {
    const answer = await register(body());
    expect(answer.body).toMatchObject({
      name,
      tls: { mode: 'off' },
      credentials: 'dynamic',
      username: shop.username,
      hasCredential: true,
      limits: { ttlSecondsMax: 3600, privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'], sessionsMax: 16 },
      report: { flavour: engine.flavour },
    });
    expect(answer.status).toBe(201);
    expect(targetView.parse((await call(`/v1/targets/${name}`)).body)).toEqual(answer.body);
    expect(JSON.stringify(answer.body)).not.toContain(shop.password);
    expect(broker().logs('api') + broker().logs('gateway')).not.toContain(shop.password);
  });

  it('keeps its name to itself', async () => {
    expect(problemOf(await register(body()))).toMatchObject({ status: 409, code: 'target_exists' });
  });

  it('shows agents how to ask, and nothing of where it is', async () => {
    const { agent } = broker().keys;
    const answer = await call(`/v1/targets/${name}`, { key: agent });
    expect(targetSummaryView.strict().parse(answer.body).name).toBe(name);
    const page = targetPage.parse((await call('/v1/targets', { key: agent })).body);
    expect(JSON.stringify(page)).not.toContain(shop.username);
  });

  it('is changed in its limits and labels without being looked at', async () => {
    const answer = await change(name, { labels: { team: 'shop' }, limits: { ttlSecondsMax: 60 } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      labels: { team: 'shop' },
      limits: { ttlSecondsMax: 60, sessionsMax: 16 },
      hasCredential: true,
    });
  });

  it('is refused a password that the database does not take, and keeps the one it has', async () => {
    const answer = await change(name, { password: 'wrong' });
    expect(problemOf(answer)).toMatchObject({ status: 502, code: 'target_login_refused' });
    // The server's own sentence, with the user and the host that it saw.
    expect(problemOf(answer)['detail']).toMatch(new RegExp(`Access denied for user '${shop.username}'@'[^']+'`));
    expect((await call(`/v1/targets/${name}`)).body).toMatchObject({ hasCredential: true });
    expect((await change(name, { username: shop.username, password: shop.password })).status).toBe(200);
  });

  it('loses its password with its endpoint, unless a new one comes along', async () => {
    const moved = await change(name, { host: 'localhost' });
    expect(moved.body).toMatchObject({ host: 'localhost', hasCredential: false, report: null });
    const back = await change(name, { host: engine.host, password: shop.password });
    expect(back.body).toMatchObject({ hasCredential: true, report: { flavour: engine.flavour } });
  });

  it('is refused a default database that is not there, or that its limits do not allow', async () => {
    for (const over of [{ defaultDatabase: 'not-there' }, { limits: { databases: ['elsewhere'] } }]) {
      const refused = problemOf(await change(name, over));
      expect(refused).toMatchObject({ status: 422, code: 'target_database_missing' });
      expect(problemOf(await register(body({ name: 'nowhere', ...over })))['code']).toBe('target_database_missing');
    }
    expect((await call(`/v1/targets/${name}`)).body).toMatchObject({ defaultDatabase: shop.database });
  });

  it('is told which privileges its account lacks, as statements to run', async () => {
    const { username, password } = await makeShop(engine, []);
    const problem = problemOf(await register(body({ name: 'poor', username, password })));
    expect(problem).toMatchObject({ status: 422, code: 'target_privileges_missing' });
    expect(problem['missing']).toEqual(expect.arrayContaining([expect.stringMatching(/^GRANT /)]));
    expect((await call('/v1/targets/poor')).status).toBe(404);
  });

  it('is not deleted while a grant needs it', async () => {
    const grant = await openGrant(broker(), name, { ttlSeconds: 30 });
    const refused = await call(`/v1/targets/${name}`, { method: 'DELETE' });
    expect(problemOf(refused)).toMatchObject({ status: 409, code: 'target_in_use' });
    const closed = await call(`/v1/grants/${grant.id}/close?wait=10`, { method: 'POST', key: broker().keys.agent });
    expect(closed.body).toMatchObject({ state: 'sealed' });
  });

  it('is deleted when no grant needs it any more', async () => {
    expect((await call(`/v1/targets/${name}`, { method: 'DELETE' })).status).toBe(204);
    expect(problemOf(await call(`/v1/targets/${name}`))).toMatchObject({ status: 404, code: 'target_not_found' });
    expect((await call(`/v1/targets/${name}`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('a target', () => {
  it('that nobody answers for is not registered', async () => {
    const port = await freePort();
    const answer = await register({ name: 'void', host: '127.0.0.1', port, username: 'x', password: 'y' });
    expect(problemOf(answer)).toMatchObject({ status: 502, code: 'target_unreachable' });
    expect(problemOf(answer)['detail']).toContain(
      'It refused the connection: nothing listens on that port (ECONNREFUSED).',
    );
  });

  it('whose host name nobody knows is not registered, and the name is what is told', async () => {
    const answer = await register({ name: 'void', host: 'nowhere.invalid', username: 'x', password: 'y' });
    expect(problemOf(answer)).toMatchObject({ status: 502, code: 'target_unreachable' });
    expect(problemOf(answer)['detail']).toMatch(/Its host name (is not known|cannot be looked up now) \(E\w+\)\./);
  });

  it('that takes connections and says nothing, or something else, is no MySQL server', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const chatty = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 Debian\r\n')).listen(0, '127.0.0.1');
    try {
      const [quiet, ssh] = await Promise.all(
        [silent, chatty].map(async (server) => {
          if (!server.listening) await once(server, 'listening');
          const { port } = z.object({ port: z.number() }).parse(server.address());
          return problemOf(await register({ name: 'void', host: '127.0.0.1', port, username: 'x', password: 'y' }));
        }),
      );
      expect(quiet).toMatchObject({ code: 'target_unreachable' });
      expect(quiet?.['detail']).toContain('says nothing. It is not a MySQL or MariaDB server');
      expect(ssh?.['detail']).toContain('What answers there is not a MySQL or MariaDB server.');
    } finally {
      silent.close();
      chatty.close();
    }
  });

  it('that speaks another protocol is not registered', async () => {
    const { host, port } = servers().redis;
    const answer = await register({ name: 'redis', host, port, username: 'x', password: 'y' });
    expect(problemOf(answer).status).toBeGreaterThanOrEqual(400);
    expect((await call('/v1/targets/redis')).status).toBe(404);
  });

  it.each([
    { name: 'UPPER' },
    { host: 'a b' },
    { port: 0 },
    { tls: { mode: 'preferred' } },
    { defaultDatabase: 'mysql' },
    { limits: { ttlSecondsMax: 100_000 } },
    { limits: { privileges: ['SUPER'] } },
    { limits: { databases: ['information_schema'] } },
    { labels: { 'not allowed': 'x' } },
    { secret: 'x' },
  ])('is refused with %o', async (over) => {
    const good = { name: 'bad', host: '127.0.0.1', port: 1, username: 'x', password: 'y' };
    expect(problemOf(await register({ ...good, ...over }))).toMatchObject({ status: 400, code: 'request_invalid' });
  });

  it('is only for operators to make, change and delete', async () => {
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      const key = broker().keys[role];
      for (const [method, path] of [
        ['POST', ''],
        ['PATCH', '/x'],
        ['DELETE', '/x'],
      ] as const) {
        const answer = await call(`/v1/targets${path}`, { key, method, ...(method === 'DELETE' ? {} : { body: {} }) });
        expect(problemOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
      }
    }
  });
});
