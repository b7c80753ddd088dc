import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gatewayList, gatewayView, type GatewayView } from '../../src/contracts/broker/gateway.js';
import { grantOpenedView } from '../../src/contracts/grants/grant.js';
import { HELD_POLICIES, send, useHeldShop } from '../gateway/held-shop.js';
import { decideHeld, outcomeOf } from '../support/approvals.js';
import { type ProcessName, useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { bodyOf, callAs, problemOf } from '../support/http.js';
import { askForGrant, NOTHING_LEFT, tracesOf } from '../support/task.js';

/** Long, so that what ends in order does not end because its time was over. */
const LONG = { DRAIN_SECONDS: '600' };
const broker = useBroker({
  gateways: 2,
  policies: HELD_POLICIES,
  env: { ...LONG, GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1', OPEN_WAIT_SECONDS: '8' },
  envOf: () => Promise.resolve({ 'gateway-2': { DRAIN_SECONDS: '2' } }),
});
const shop = useHeldShop(broker, servers().mariadb);

const readiness = z.object({
  status: z.string(),
  troubles: z.array(z.string()).optional(),
  grants: z.int().optional(),
  until: z.iso.datetime().optional(),
});
const apiReadiness = z.object({
  status: z.string(),
  info: z.object({ gateways: z.looseObject({ alive: z.int(), draining: z.int(), message: z.string().optional() }) }),
});

async function readinessOf(name: ProcessName) {
  const response = await fetch(`${broker().url(name)}/health/ready`);
  return { httpStatus: response.status, ...readiness.parse(await response.json()) };
}

async function gatewaysSeenByApi() {
  const { status, info } = apiReadiness.parse(await (await fetch(`${broker().api}/health/ready`)).json());
  const { alive, draining, message } = info.gateways;
  return { status, alive, draining, message };
}

async function gateways(): Promise<readonly GatewayView[]> {
  return bodyOf(await callAs(broker(), 'operator', { method: 'GET', path: '/v1/gateways' }), gatewayList).items;
}

async function gatewayNamed(name: string): Promise<GatewayView | undefined> {
  return (await gateways()).find((gateway) => gateway.name === name && gateway.state !== 'lost');
}

function signal(name: ProcessName, kind: NodeJS.Signals): void {
  process.kill(broker().pid(name), kind);
}

function doorwarden(...args: readonly string[]): Promise<ClientOutcome> {
  const env = { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.operator };
  return runProgram(process.execPath, [join(ROOT, 'dist/apps/cli/main.js'), ...args], { env });
}

async function metricOf(name: ProcessName, metric: string): Promise<number> {
  const text = await (await fetch(`${broker().url(name)}/metrics`)).text();
  return Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Only the one that is left can take the grants of what comes next. */
async function leaveOnly(name: ProcessName, gone: ProcessName): Promise<void> {
  await broker().kill(gone, 'SIGINT');
  expect((await gateways()).filter(({ state }) => state === 'running').map((gateway) => gateway.name)).toEqual([name]);
}

describe('a gateway that drains', () => {
  test('in a rolling upgrade of two gateways ends no grant: the open ones run on, new ones go to the other, and it exits by itself', async () => {
    await leaveOnly('gateway', 'gateway-2');
    const task = await shop().newTask();
    await withMysql2(task.login, async (client) => {
      await client.query('START TRANSACTION');
      await client.query('SELECT id FROM orders');
      const held = send(task, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
      await broker().restart('gateway-2');
      const unnamed = await doorwarden('gateway', 'drain');
      expect([unnamed.exitCode, unnamed.stderr]).toEqual([
        2,
        expect.stringContaining('gateway, gateway-2. Name the one'),
      ]);
      expect((await doorwarden('gateway', 'list')).stdout).toMatch(/^gateway +running +1 /m);
      // While both open grants the first one is told to go: each that was asked for is opened, by one or by the other.
      const asked = Array.from({ length: 8 }, () => askForGrant(broker(), shop().target));
      await Promise.race(asked);
      signal('gateway', 'SIGTERM');
      const opened = (await Promise.all(asked)).map((answer) => bodyOf(answer, grantOpenedView));
      expect(opened.map(({ state }) => state)).toEqual(opened.map(() => 'active'));

      const ready = await readinessOf('gateway');
      expect(ready).toMatchObject({ httpStatus: 503, status: 'draining' });
      expect(ready.grants).toBeGreaterThan(0);
      expect(Date.parse(ready.until ?? '') - Date.now()).toBeGreaterThan(500_000);
      expect((await fetch(`${broker().url('gateway')}/health/live`)).status).toBe(200);
      expect(await metricOf('gateway', 'doorwarden_gateway_draining')).toBe(1);
      await expect.poll(gatewaysSeenByApi).toMatchObject({ status: 'ok', alive: 1, draining: 1 });

      const kept = (await gatewayNamed('gateway'))?.grants ?? 0;
      const later = await Promise.all(Array.from({ length: 6 }, () => askForGrant(broker(), shop().target)));
      opened.push(...later.map((answer) => bodyOf(answer, grantOpenedView)));
      expect(await gatewayNamed('gateway')).toMatchObject({ state: 'draining', grants: kept });
      for (const { connection } of opened) {
        if (connection === undefined) throw new Error('A grant that is opened at once has its connection');
        const { host, port, username, password } = connection;
        await withMysql2({ host, port, user: username, password }, (other) => other.query('SELECT 1'));
      }

      // The grant of before: its session, a new one, and what people are asked about.
      await client.query('SELECT id FROM orders');
      await client.query('COMMIT');
      expect((await send(task, 'SELECT id FROM orders')).error).toBeUndefined();
      await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(await held).toEqual({ result: 1 });
      for (const { id } of opened) {
        await callAs(broker(), 'agent', { method: 'POST', path: `/v1/grants/${id}/close` });
      }
      await expect.poll(async () => (await gatewayNamed('gateway'))?.grants).toBe(1);
      await client.query('SELECT id FROM orders');
    });
    const ended = broker().ended('gateway');
    expect((await task.close()).closed).toMatchObject({ reason: 'completed', interrupted: false });
    expect(await ended).toBe(0);
    expect(await gatewayNamed('gateway')).toBeUndefined();
  }, 60_000);

  test('ends what is open when DRAIN_SECONDS are over, and says so to the client, in the API and in the recording', async () => {
    await leaveOnly('gateway-2', 'gateway');
    const task = await shop().newTask();
    const running = outcomeOf(withMysql2(task.login, (client) => client.query('SELECT SLEEP(30)')));
    await expect.poll(async () => (await gatewayNamed('gateway-2'))?.grants).toBe(1);
    const drained = doorwarden('gateway', 'drain', '--json');
    const { error } = await running;
    expect(error?.message).toContain('(grant_drained)');
    expect(error?.errno).toBe(1053);
    const { exitCode, stdout, stderr } = await drained;
    expect({ exitCode, answer: JSON.parse(stdout) }).toEqual({ exitCode: 0, answer: { drained: ['gateway-2'] } });
    expect(stderr).toMatch(/gateway-2 drains: 1 grant is open, until \S+ at the latest/);
    expect(await broker().ended('gateway-2')).toBe(0);
    const recorded = await task.sealed();
    expect(recorded.of('grant.closing')).toMatchObject([{ reason: 'drained', by: null }]);
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'grant-closed', code: 'grant_drained' }]);
    expect(recorded.closed).toMatchObject({ reason: 'drained', interrupted: false, account: { state: 'gone' } });
    expect(await task.look()).toMatchObject({ state: 'sealed', closeReason: 'drained', closedBy: null });
    expect(await tracesOf(shop().target, task.login.user)).toEqual(NOTHING_LEFT);
  }, 40_000);

  test('alone leaves nobody to take new grants: the api says so, and a request is refused', async () => {
    await broker().kill('gateway-2', 'SIGINT');
    await broker().restart('gateway');
    const task = await shop().newTask();
    const { exitCode, stdout } = await doorwarden('gateway', 'drain', 'gateway', '--no-wait', '--json');
    expect(exitCode).toBe(0);
    expect(z.object({ items: z.array(gatewayView) }).parse(JSON.parse(stdout)).items).toMatchObject([
      { name: 'gateway', state: 'draining', grants: 1, drain: { askedBy: 'test-operator' } },
    ]);
    await expect.poll(() => readinessOf('gateway')).toMatchObject({ httpStatus: 503, status: 'draining', grants: 1 });
    const seen = await gatewaysSeenByApi();
    expect(seen).toMatchObject({ status: 'degraded', alive: 0, draining: 1 });
    expect(seen.message).toContain('drain');
    expect(problemOf(await askForGrant(broker(), shop().target)).code).toBe('gateway_unavailable');
    expect((await send(task, 'SELECT id FROM orders')).error).toBeUndefined();

    // A second signal does not wait.
    signal('gateway', 'SIGTERM');
    expect((await send(task, 'SELECT id FROM orders')).error).toBeUndefined();
    signal('gateway', 'SIGTERM');
    expect(await broker().ended('gateway')).toBe(0);
    expect((await task.sealed()).closed).toMatchObject({ reason: 'drained', interrupted: false });
  }, 40_000);

  test('and is killed meanwhile is recovered from as any other', async () => {
    await broker().restart('gateway');
    const task = await shop().newTask();
    signal('gateway', 'SIGTERM');
    await expect.poll(() => readinessOf('gateway')).toMatchObject({ status: 'draining' });
    const { id } = (await gatewayNamed('gateway')) ?? {};
    await broker().kill('gateway');
    expect((await gateways()).find((gateway) => gateway.id === id)).toMatchObject({ grants: 1 });
    expect((await task.sealed()).closed).toMatchObject({ reason: 'failed', interrupted: true });
    expect(await tracesOf(shop().target, task.login.user)).toEqual(NOTHING_LEFT);
  }, 40_000);

  test('cannot be asked for where there is none, or by others than operators', async () => {
    const nobody = await doorwarden('gateway', 'drain', 'gateway');
    expect([nobody.exitCode, nobody.stderr]).toEqual([1, expect.stringContaining('No gateway is alive')]);
    const drain = (role: 'operator' | 'approver' | 'agent') =>
      callAs(broker(), role, { method: 'POST', path: '/v1/gateways/gateway/drain' });
    expect(problemOf(await drain('operator')).code).toBe('gateway_not_found');
    expect(problemOf(await drain('approver')).code).toBe('forbidden');
    expect(problemOf(await drain('agent')).code).toBe('forbidden');
  });
});
