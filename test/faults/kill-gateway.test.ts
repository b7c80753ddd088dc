import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { type ApiAnswer } from '../../src/client/api-call.js';
import { type Recorded } from '../support/recorded.js';
import { stateProxies } from '../support/state-proxies.js';
import {
  NOTHING_LEFT,
  type Task,
  type TestTarget,
  askForGrant,
  isGreeting,
  makeTarget,
  openTask,
  sealedRecording,
  taskAccountOf,
  tracesOf,
  untilOver,
} from '../support/task.js';
import { leasesRunOut } from '../support/time-passes.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const { envOf, proxies, close } = stateProxies();
const broker = useBroker({
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1', OPEN_WAIT_SECONDS: '1' },
  envOf,
});

afterAll(close);

/** Where the gateway dies: at a text on its way, before it is forwarded or before its answer comes back. */
interface Step {
  readonly step: string;
  readonly moment: Moment;
  readonly text: RegExp;
}

const both = (step: string, text: RegExp): readonly Step[] => [
  { step, moment: 'before', text },
  { step, moment: 'after', text },
];

const OPENING = [
  ...both('CREATE USER', /CREATE USER/),
  ...both('the first GRANT', /GRANT SELECT/),
  ...both('the last GRANT', /GRANT INSERT/),
];
const OPENING_IN_STATE = [
  ...both('the claim', /SET `gateway_id`/),
  ...both('the change to active', /UPDATE `grants`.*'active'/s),
];
const CLOSING = [
  ...both('the lock of the account', /ALTER USER IF EXISTS .* ACCOUNT LOCK/),
  ...both('KILL of the running statement', /KILL QUERY/),
  ...both('DROP USER', /DROP USER/),
  { step: 'the look that it is gone', moment: 'before', text: /COUNT\(\*\) FROM mysql\.user/ } as const,
];
const CLOSING_IN_STATE = both('the mark of the end', /SET `ended_at`/);

const SCHEMA = [
  'CREATE TABLE a (id INT PRIMARY KEY)',
  'CREATE TABLE b (id INT PRIMARY KEY)',
  'INSERT INTO a VALUES (1)',
];
const SLEEPING = 'SELECT id FROM a WHERE SLEEP(30)';

const namesGrant = z.union([z.object({ id: z.string() }), z.object({ grantId: z.string() })]);

function grantOf({ body }: ApiAnswer): string {
  const named = namesGrant.parse(body);
  return 'id' in named ? named.id : named.grantId;
}

/** SIGKILL for the gateway when the text passes. Resolves when it is dead. */
function killAt(proxy: TripwireProxy, { text, moment }: Step): Promise<void> {
  return proxy.arm({ text, moment, onTrip: () => broker().kill('gateway') });
}

/** Starts the gateway again, and gives what the grant has become: null when it was refused. */
async function afterRestart(id: string): Promise<Recorded | null> {
  await leasesRunOut(broker());
  await broker().restart('gateway');
  const { state } = await untilOver(broker(), id);
  return state === 'sealed' ? sealedRecording(broker(), id) : null;
}

describe.each(engines())('after a kill of the gateway, on $flavour $version', (engine) => {
  let wire: TripwireProxy;
  let target: TestTarget;

  beforeAll(async () => {
    wire = await startTripwireProxy(engine);
    target = await makeTarget(broker(), engine, { schema: SCHEMA, registration: { host: wire.host, port: wire.port } });
  });
  afterAll(async () => {
    await wire?.close();
    await target?.drop();
  });

  const twoRules = () => [
    { database: target.database, tables: ['a'], privileges: ['SELECT' as const] },
    { database: target.database, tables: ['b'], privileges: ['INSERT' as const] },
  ];

  const expectOpeningUndone = async (kill: Promise<void>): Promise<void> => {
    const asked = askForGrant(broker(), target, { access: twoRules() });
    await kill;
    const [recorded, id] = await asked.then(
      async (answer) => [await afterRestart(grantOf(answer)), grantOf(answer)] as const,
    );
    expect(await tracesOf(target, await taskAccountOf(broker(), id))).toEqual(NOTHING_LEFT);
    if (recorded === null) return;
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(recorded.texts).toEqual([]);
  };

  const expectClosingFinished = async (task: Task, recorded: Recorded | null): Promise<void> => {
    expect(recorded?.closed).toMatchObject({ reason: 'completed', account: { state: 'gone' } });
    expect(recorded?.texts.slice(0, 2)).toEqual(['SELECT id FROM a', SLEEPING]);
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    expect(await isGreeting(task.connection)).toBe(false);
  };

  const runningTask = async (): Promise<Task> => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    await client.query('SELECT id FROM a');
    const arrived = wire.arm({ text: /SLEEP/, moment: 'through', onTrip: () => undefined });
    client.command(COM_QUERY, SLEEPING);
    await arrived;
    return task;
  };

  test.each(OPENING)('$moment $step, nothing is left of the grant', async (step) => {
    await expectOpeningUndone(killAt(wire, step));
  });

  test.each(CLOSING)('$moment $step, the end is finished', async (step) => {
    const task = await runningTask();
    const kill = killAt(wire, step);
    await task.end('close');
    await kill;
    const recorded = await afterRestart(task.id);
    await expectClosingFinished(task, recorded);
    expect(recorded?.closed.interrupted).toBe(true);
  });

  test.each(['before', 'after'] as const)(
    '%s a statement is forwarded, its entry is in the recording',
    async (moment) => {
      const task = await openTask(broker(), target);
      const client = await RawClient.logIn(task.login);
      const insert = `INSERT INTO b VALUES (${moment === 'before' ? 1 : 2})`;
      const kill = killAt(wire, { step: insert, moment, text: /INSERT INTO b/ });
      client.command(COM_QUERY, insert);
      await kill;
      const recorded = await afterRestart(task.id);
      expect(recorded?.texts).toEqual([insert]);
      expect(recorded?.statements[0]?.result).toBeUndefined();
      expect(recorded?.closed).toMatchObject({ reason: 'failed', interrupted: true });
      expect(await target.rootRows('SELECT id FROM b')).toEqual(moment === 'before' ? [] : [{ id: 2 }]);
      expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
      await target.root('DELETE FROM b');
    },
  );

  test('while sessions write, every row that is there has its statement in the recording', async () => {
    const task = await openTask(broker(), target);
    const kill = killAt(wire, { step: 'a row', moment: 'before', text: /VALUES \(30100\)/ });
    const writers = [1, 2, 3].map((writer) =>
      withMysql2(task.login, async (connection) => {
        for (let n = 0; n < 1_000; n += 1) await connection.query(`INSERT INTO b VALUES (${writer * 10_000 + n})`);
      }).catch(() => undefined),
    );
    await kill;
    await Promise.all(writers);
    const recorded = await afterRestart(task.id);
    const rows = await target.rootRows('SELECT id FROM b');
    expect(rows.length).toBeGreaterThan(100);
    const texts = new Set(recorded?.texts);
    expect(rows.filter(({ id }) => !texts.has(`INSERT INTO b VALUES (${String(id)})`))).toEqual([]);
    expect(recorded?.closed).toMatchObject({ reason: 'failed', interrupted: true });
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    await target.root('DELETE FROM b');
  });

  // The state database is the same for both.
  if (engine.flavour !== 'mariadb') return;

  test.each(OPENING_IN_STATE)('$moment $step, nothing is left of the grant', async (step) => {
    await expectOpeningUndone(killAt(proxies().gateway, step));
  });

  test.each(CLOSING_IN_STATE)('$moment $step, the end is finished', async (step) => {
    const task = await runningTask();
    const kill = killAt(proxies().gateway, step);
    await task.end('close');
    await kill;
    await expectClosingFinished(task, await afterRestart(task.id));
  });

  test('without a restart, the grant ends when the lease has run out', async () => {
    const task = await runningTask();
    await broker().kill('gateway');
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true });
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    await broker().restart('gateway');
  });
});
