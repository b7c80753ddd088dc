import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { stateProxies } from '../support/state-proxies.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';
import { claimsRunOut } from '../support/time-passes.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

/** A worker that dies keeps its claims on grants for so long; another waits for that. */
const CLAIM_MS = 30_000;

const { envOf, proxies, close } = stateProxies();
const broker = useBroker({ env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1' }, envOf });

afterAll(close);

describe('a worker that is killed', () => {
  let wire: TripwireProxy;
  let target: TestTarget;

  beforeAll(async () => {
    const engine = servers().mariadb;
    wire = await startTripwireProxy(engine);
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE a (id INT PRIMARY KEY)'],
      registration: { host: wire.host, port: wire.port },
    });
  });
  afterAll(async () => {
    await wire?.close();
    await target?.drop();
  });

  const workedTask = async (): Promise<Task> => {
    const task = await openTask(broker(), target);
    await withMysql2(task.login, (connection) => connection.query('SELECT id FROM a'));
    return task;
  };

  const killWorkerAt = (proxy: TripwireProxy, moment: Moment, text: RegExp): Promise<void> =>
    proxy.arm({ moment, text, onTrip: () => broker().kill('worker') });

  /** Two grants: one stands before the text, and the worker dies when the other stands after it. */
  const killedWhileSealing = async (text: RegExp): Promise<readonly Task[]> => {
    const tasks = [await workedTask(), await workedTask()];
    const stands = proxies().worker.arm({ moment: 'before', text, onTrip: () => undefined });
    await tasks[0]?.end('close');
    await stands;
    const kill = killWorkerAt(proxies().worker, 'after', text);
    await tasks[1]?.end('close');
    await kill;
    await broker().restart('worker');
    return tasks;
  };

  const killedWhileReaping = async (): Promise<Task> => {
    const task = await workedTask();
    const kill = killWorkerAt(wire, 'after', /DROP USER/);
    await broker().kill('gateway');
    await kill;
    await Promise.all([broker().restart('worker'), broker().restart('gateway')]);
    return task;
  };

  test(
    'at any step of sealing and of ending an orphan, leaves work that another one finishes',
    { timeout: 120_000 },
    async () => {
      const sealed = [
        ...(await killedWhileSealing(/SET `reaper_id`/)),
        ...(await killedWhileSealing(/INSERT .*`recordings`/s)),
        ...(await killedWhileSealing(/UPDATE `grants`.*'sealed'/s)),
      ];
      const orphan = await killedWhileReaping();
      const leftMs = await claimsRunOut(broker());
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(CLAIM_MS);
      for (const task of sealed) {
        const recorded = await task.sealed();
        expect(recorded.closed).toMatchObject({ reason: 'completed', interrupted: false, account: { state: 'gone' } });
        expect(recorded.texts).toEqual(['SELECT id FROM a']);
      }
      const recorded = await orphan.sealed();
      expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
      expect(recorded.texts).toEqual(['SELECT id FROM a']);
      for (const task of [...sealed, orphan]) {
        expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
      }
    },
  );
});
