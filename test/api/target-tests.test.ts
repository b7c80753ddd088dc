import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { targetTestView, targetView } from '../../src/contracts/grants/target.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { type OwnDatabase, makeDatabase, runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { openGrant } from '../support/grants.js';
import { problemOf } from '../support/http.js';

const broker = useSharedBroker();
const username = `prov_${randomBytes(4).toString('hex')}`;
const password = randomBytes(9).toString('hex');
let database: OwnDatabase;

function call(path: string, options: ApiCall = {}) {
  return callApi(broker().api, path, { key: broker().keys.operator, ...options });
}

async function test(name = 'shop') {
  const answer = await call(`/v1/targets/${name}/test`, { method: 'POST' });
  expect(answer.status).toBe(200);
  return targetTestView.parse(answer.body);
}

async function shown(name = 'shop') {
  return targetView.parse((await call(`/v1/targets/${name}`)).body);
}

function outcomes({ steps }: z.infer<typeof targetTestView>) {
  return Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]));
}

beforeAll(async () => {
  const { mariadb } = servers();
  database = await makeDatabase(mariadb);
  await runAsRoot(mariadb, [
    `CREATE USER '${username}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON *.* TO '${username}'@'%' WITH GRANT OPTION`,
  ]);
  const { host, port } = mariadb;
  const defaultDatabase = database.database;
  const body = { name: 'shop', host, port, username, password, defaultDatabase, tls: { mode: 'off' } };
  expect((await call('/v1/targets', { method: 'POST', body })).status).toBe(201);
});

afterAll(async () => {
  await runAsRoot(servers().mariadb, [`DROP USER IF EXISTS '${username}'@'%'`]);
  await database?.drop();
});

describe('a test of a target', () => {
  it('goes through all steps, and is the last look from then on', async () => {
    const before = await shown();
    expect(before).toMatchObject({ lastLook: { ok: true, code: null }, openTasks: 0, warnings: [] });
    const tested = await test();
    expect(tested).toMatchObject({ ok: true, code: null, hint: null, missing: [] });
    expect(outcomes(tested)).toEqual({
      resolve: 'ok',
      connect: 'ok',
      tls: 'off',
      login: 'ok',
      version: 'ok',
      privileges: 'ok',
      database: 'ok',
    });
    const after = await shown();
    expect(after).toEqual(tested.target);
    expect(after.lastLook?.at).toBe(tested.at);
    expect(Date.parse(after.report?.checkedAt ?? '')).toBeGreaterThan(Date.parse(before.report?.checkedAt ?? ''));
  });

  it('says what its account lacks, as statements that give it that', async () => {
    const { mariadb } = servers();
    await runAsRoot(mariadb, [`REVOKE PROCESS, CREATE USER ON *.* FROM '${username}'@'%'`]);
    const poor = await test();
    expect(poor).toMatchObject({ ok: false, code: 'target_privileges_missing' });
    expect(outcomes(poor)).toMatchObject({ version: 'ok', privileges: 'failed', database: 'not-reached' });
    expect(poor.missing).toEqual([`GRANT CREATE USER, PROCESS ON *.* TO '${username}'@'%'`]);
    expect(await shown()).toMatchObject({ lastLook: { ok: false, code: 'target_privileges_missing' } });
    await runAsRoot(mariadb, poor.missing);
    expect((await test()).ok).toBe(true);
  });

  it('says that the login failed and not what came before it, and keeps what was seen earlier', async () => {
    const { mariadb } = servers();
    await runAsRoot(mariadb, [`ALTER USER '${username}'@'%' IDENTIFIED BY 'another'`]);
    const refused = await test();
    expect(refused).toMatchObject({ ok: false, code: 'target_login_refused' });
    expect(outcomes(refused)).toMatchObject({ connect: 'ok', login: 'failed', version: 'not-reached' });
    expect(refused.steps.find(({ step }) => step === 'login')?.detail).toContain('Access denied for user');
    expect(refused.target.report).not.toBeNull();
    expect(JSON.stringify(refused)).not.toContain(password);
    await runAsRoot(mariadb, [`ALTER USER '${username}'@'%' IDENTIFIED BY '${password}'`]);
    expect((await test()).ok).toBe(true);
  });

  it('says that nobody answers any more where somebody did', async () => {
    const { mariadb } = servers();
    const open = new Set<Socket>();
    const way = createServer((client) => {
      const server = connect(mariadb.port, mariadb.host);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        open.add(from);
        from.on('error', () => to.destroy()).pipe(to);
      }
    }).listen(0, '127.0.0.1');
    await once(way, 'listening');
    const { port } = z.object({ port: z.number() }).parse(way.address());
    const body = { name: 'by-way', host: '127.0.0.1', port, username, password, tls: { mode: 'off' } };
    expect((await call('/v1/targets', { method: 'POST', body })).status).toBe(201);
    for (const socket of open) socket.destroy();
    await new Promise((closed) => way.close(closed));
    const gone = await test('by-way');
    expect(gone).toMatchObject({ ok: false, code: 'target_unreachable' });
    expect(outcomes(gone)).toMatchObject({ resolve: 'ok', connect: 'failed', tls: 'off', login: 'not-reached' });
  });

  it('needs a password, which is gone when the endpoint changes', async () => {
    const moved = await call('/v1/targets/by-way', { method: 'PATCH', body: { port: 1 } });
    expect(targetView.parse(moved.body)).toMatchObject({ lastLook: null, warnings: [{ code: 'no-password' }] });
    const refused = await call('/v1/targets/by-way/test', { method: 'POST' });
    expect(problemOf(refused)).toMatchObject({ status: 409, code: 'target_credential_missing' });
    expect(problemOf(await call('/v1/targets/nobody/test', { method: 'POST' })).code).toBe('target_not_found');
  });

  it('is for operators, and has an entry in the administrative record', async () => {
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      const refused = await call('/v1/targets/shop/test', { method: 'POST', key: broker().keys[role] });
      expect(problemOf(refused)).toMatchObject({ status: 403, code: 'forbidden' });
    }
    const record = z.object({ items: z.array(z.looseObject({ act: z.string(), after: z.unknown() })) });
    const { items } = record.parse((await call('/v1/record?act=target.tested&limit=100')).body);
    expect(items.map(({ after }) => after)).toContainEqual({ ok: false, code: 'target_login_refused' });
  });
});

describe('a target', () => {
  it('says how many tasks need it', async () => {
    const grant = await openGrant(broker(), 'shop', { ttlSeconds: 60 });
    expect((await shown()).openTasks).toBe(1);
    const closed = await call(`/v1/grants/${grant.id}/close?wait=10`, { method: 'POST', key: broker().keys.agent });
    expect(closed.body).toMatchObject({ state: 'sealed' });
    expect((await shown()).openTasks).toBe(0);
  });
});
