import { afterEach, beforeEach, expect, it } from 'vitest';
import { StartError } from '../start/start-error.js';
import { readinessOf } from './readiness.js';
import { type HealthServer, serveHealth } from './serve-health.js';

const PLACE = { host: '127.0.0.1', port: 0, settings: 'WORKER_HEALTH_HOST and WORKER_HEALTH_PORT' };
const metrics = { contentType: 'text/plain', text: async () => 'up 1\n' };

let health: HealthServer;
beforeEach(async () => {
  health = await serveHealth(PLACE);
});
afterEach(() => health.server.close());

const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${health.address.port}${path}`, { method });

it('a process that starts is alive and not ready, and has no metrics yet', async () => {
  expect((await at('/health/live')).status).toBe(200);
  for (const path of ['/health/ready', '/metrics']) {
    const answer = await at(path);
    expect([answer.status, await answer.json()], path).toMatchObject([503, { troubles: ['The process starts.'] }]);
  }
});

it('a process that has started answers with its readiness and its metrics', async () => {
  health.says({ readiness: () => readinessOf({ queue: async () => ({ status: 'up' }) }), metrics });
  const ready = await at('/health/ready?verbose');
  expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ok', info: { queue: { status: 'up' } } }]);
  const figures = await at('/metrics');
  expect([figures.headers.get('content-type'), await figures.text()]).toEqual(['text/plain', 'up 1\n']);
  expect(await (await at('/health/ready', 'HEAD')).text()).toBe('');
});

it('nothing but its three pages is there, and they can only be read', async () => {
  const other = await at('/');
  expect([other.status, await other.json()]).toMatchObject([404, { status: 'error' }]);
  const written = await at('/health/live', 'POST');
  expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

it('a question that fails is answered with 500 and without a reason', async () => {
  health.says({ readiness: () => Promise.reject(new Error('hunter2')), metrics });
  const answer = await at('/health/ready');
  expect([answer.status, await answer.text()]).toEqual([500, '']);
});

it('a second process at the same place names the settings', async () => {
  const second = serveHealth({ ...PLACE, port: health.address.port });
  await expect(second).rejects.toThrow(StartError);
  await expect(second).rejects.toThrow(PLACE.settings);
});
