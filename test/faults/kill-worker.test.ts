import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StatementView } from '../../src/contracts/recordings/statement.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { registerShop, openGrant, call } from '../support/grants.js';
import { stateProxies } from '../support/state-proxies.js';
import { searchStatements, untilFound } from '../support/statements.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';
import { claimsRunOut, readersRunOut } from '../support/time-passes.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const STATEMENTS = 40;
/** A worker that dies keeps its claims on grants for so long; another waits for that. */
const CLAIM_MS = 30_000;

const { envOf, proxies, close } = stateProxies();
const broker = useBroker({
  env: {
    GATEWAY_LEASE_SECONDS: '3',
    REAP_EVERY_SECONDS: '1',
    INDEX_EVERY_SECONDS: '1',
    LIMIT_SEARCHES_PER_MINUTE: '0',
  },
  envOf,
});

afterAll(close);

function doorwarden(...args: readonly string[]): Promise<ClientOutcome> {
  const { env } = broker();
  return runProgram(process.execPath, [join(ROOT, 'dist/apps/cli/main.js'), ...args], { env });
}

async function work(login: Parameters<typeof withMysql2>[0], from: number): Promise<void> {
  await withMysql2(login, async (client) => {
    for (let number = from; number < from + STATEMENTS; number += 1) {
      await client.query(`SELECT ${number} AS marked FROM orders`);
    }
  });
}

function numbersOf(items: readonly StatementView[]): readonly number[] {
  return items.map(({ excerpt }) => Number(/^SELECT (\d+)/.exec(excerpt)?.[1])).toReversed();
}

/** All statements of the recording, once it is in the index as a sealed one. */
async function untilSealed(id: string): Promise<readonly StatementView[]> {
  const query = { grant: id, limit: '200' };
  return vi.waitFor(
    async () => {
      const { items } = await searchStatements(broker(), query);
      if (items.length === 0 || items.some(({ live }) => live))
        throw new Error('It is not indexed as a sealed one yet.');
      return items;
    },
    { timeout: 30_000, interval: 100 },
  );
}

// The first one: it counts all recordings that there are.
test(
  'a worker that is killed at any step of indexing leaves neither doubles nor gaps, and a rebuild changes nothing',
  { timeout: 180_000 },
  async () => {
    const shop = await registerShop(broker(), servers().mariadb);
    const { id, connection } = await openGrant(broker(), shop.name);
    const { host, port, username: user, password, database } = connection;
    const login = { host, port, user, password, ...(database === null ? {} : { database }) };
    const moments: readonly (readonly [Moment, RegExp])[] = [
      ['after', /INSERT .*`statement_grants`/s],
      ['before', /INSERT INTO statements /],
      ['after', /INSERT INTO statement_facets /],
      ['before', /^.{0,8}COMMIT/s],
    ];
    let done = 0;
    for (const [moment, text] of moments) {
      const killed = proxies().worker.arm({ moment, text, onTrip: () => broker().kill('worker') });
      await work(login, done);
      done += STATEMENTS;
      await killed;
      await readersRunOut(broker());
      await broker().restart('worker');
      await untilFound(broker(), { grant: id, text: 'marked', limit: '200' }, Math.min(done, 200));
    }
    const expected = Array.from({ length: done }, (_, number) => number);
    const live = await searchStatements(broker(), { grant: id, text: 'marked', limit: '200' });
    expect(live.count).toEqual({ value: done, exact: true });
    expect(numbersOf(live.items)).toEqual(expected.slice(-200));
    await call(broker(), 'POST', `/v1/grants/${id}/close?wait=30`, { key: broker().keys.agent });

    const sealed = await untilSealed(id);
    const again = await doorwarden('index', 'rebuild', '--json');
    expect({ ...again, stdout: JSON.parse(again.stdout) as object }).toMatchObject({
      exitCode: 0,
      stdout: { recordings: 1, removed: 0, failed: 0 },
    });
    expect(await untilSealed(id)).toEqual(sealed);

    await rm(join(broker().recordingsFolder, `${id}.tar`));
    const removed = await doorwarden('index', 'rebuild', '--grant', id);
    expect(removed).toMatchObject({ exitCode: 0 });
    expect(removed.stdout).toContain('1 recordings do not exist any more');
    expect((await searchStatements(broker(), { text: 'marked' })).items).toEqual([]);
    expect(await doorwarden('index', 'rebuild', '--grant', 'nobody')).toMatchObject({ exitCode: 2, stdout: '' });
    expect((await doorwarden('index', 'rebuild', '--help')).stdout).toContain('doorwarden index rebuild --grant ID');
    await shop.drop();
  },
);

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
