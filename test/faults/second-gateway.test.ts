import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readOrMakeKeyFile } from '../../src/keys/key-files.js';
import { makeJwkText, parsePrivateJwk } from '../../src/keys/okp-jwk.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';

/** Long, so that nothing here happens because a lease ran out. */
const broker = useBroker({ env: { GATEWAY_LEASE_SECONDS: '600' } });
let target: TestTarget;

beforeAll(async () => {
  target = await makeTarget(broker(), servers().mariadb);
});
afterAll(() => target?.drop());

describe('a second gateway', () => {
  test('of the name of one that is alive is refused, and ends neither the first one nor its grants', async () => {
    const task = await openTask(broker(), target);
    const { code, stderr } = await startGateway({ GATEWAY_NAME: 'gateway', GATEWAY_HEALTH_PORT: '0' });
    expect(stderr).toMatch(/Another gateway that is alive has the name "gateway".*another GATEWAY_NAME/);
    expect(code).toBe(1);
    await withMysql2(task.login, (client) => client.query('SELECT 1'));
    expect((await task.close()).closed).toMatchObject({ reason: 'completed', interrupted: false });
  });

  test('with the health port of the first one is refused before it claims anything, and names the setting', async () => {
    const task = await openTask(broker(), target);
    const port = Number(/"port":(\d+),"gateway".*"listening"/.exec(broker().logs('gateway'))?.[1]);
    const { code, stderr } = await startGateway({ GATEWAY_NAME: 'another', GATEWAY_HEALTH_PORT: String(port) });
    expect(stderr).toContain(`Nothing can listen on 127.0.0.1:${port}: another program listens there already.`);
    expect(stderr).toContain('GATEWAY_HEALTH_PORT');
    expect(code).toBe(1);
    await withMysql2(task.login, (client) => client.query('SELECT 1'));
    await task.close();
  });
});

test('a gateway that was killed and starts again under its name takes its place, long before its lease is over', async () => {
  const task = await openTask(broker(), target);
  await broker().kill('gateway');
  await broker().restart('gateway');
  expect((await task.sealed()).closed).toMatchObject({ reason: 'failed', interrupted: true });
  await (await openTask(broker(), target)).close();
}, 90_000);

test('readiness of the api says when no gateway or worker is there, and that it is degraded for that', async () => {
  const ready = async () => {
    const answer = await fetch(`${broker().api}/health/ready`);
    return { status: answer.status, body: await answer.json() };
  };
  expect(await ready()).toMatchObject({
    status: 200,
    body: { status: 'ok', details: { gateways: { status: 'up', alive: 1 }, workers: { status: 'up', alive: 1 } } },
  });
  await Promise.all([broker().kill('gateway', 'SIGTERM'), broker().kill('worker', 'SIGTERM')]);
  await vi.waitFor(
    async () =>
      expect(await ready()).toMatchObject({
        status: 200,
        body: {
          status: 'degraded',
          details: {
            gateways: { status: 'degraded', message: expect.stringContaining('No gateway is alive') },
            workers: { status: 'degraded', message: expect.stringContaining('No worker is alive') },
          },
        },
      }),
    { timeout: 45_000 },
  );
});

describe('a KEYS_DIR that does not fit the stored passwords', () => {
  test.each(['gateway', 'worker'] as const)(
    'stops the %s with the ids of the keys, and no key is made',
    async (app) => {
      const folder = makeTemporaryFolder();
      const empty = join(folder, 'keys');
      const settings = { GATEWAY_NAME: 'other', GATEWAY_HEALTH_PORT: '0', WORKER_HEALTH_PORT: '0' };
      const needed = await envelopeKeyOf(broker().keysFolder);
      const without = await start(app, { ...settings, KEYS_DIR: empty });
      expect(without.stderr).toContain(`KEYS_DIR (${empty}) holds no envelope key`);
      expect(without.stderr).toMatch(new RegExp(`under the key ${needed}\\b.*LOST_ENVELOPE_KEYS=${needed}\\b`));
      expect([without.code, existsSync(join(empty, 'envelope.jwk')), existsSync(join(empty, 'seal.jwk'))]).toEqual([
        1,
        false,
        false,
      ]);

      readOrMakeKeyFile(join(empty, 'envelope.jwk'), () => makeJwkText('X25519'));
      const other = await start(app, { ...settings, KEYS_DIR: empty });
      const has = await envelopeKeyOf(empty);
      expect(other.stderr).toMatch(new RegExp(`holds the envelope key ${has}, but .* under the key ${needed}\\b`));
      expect([other.code, existsSync(join(empty, 'seal.jwk'))]).toEqual([1, false]);
      await rm(folder, { recursive: true });
    },
  );
});

async function envelopeKeyOf(folder: string): Promise<string> {
  return (await parsePrivateJwk(await readFile(join(folder, 'envelope.jwk'), 'utf8'), 'X25519', folder)).kid;
}

/** With the broker's settings and others, for as long as it takes to be refused. */
function startGateway(env: Readonly<Record<string, string>>): Promise<{ code: number; stderr: string }> {
  return start('gateway', env);
}

async function start(app: string, env: Readonly<Record<string, string>>): Promise<{ code: number; stderr: string }> {
  try {
    const program = join(ROOT, `dist/apps/${app}.js`);
    await promisify(execFile)(process.execPath, [program], { env: { ...broker().env, ...env }, timeout: 30_000 });
    throw new Error('It ended in order');
  } catch (error) {
    const { code, stderr } = Object(error);
    return { code: Number(code), stderr: String(stderr) };
  }
}
