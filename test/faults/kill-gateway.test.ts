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

/**
 * Where the gateway dies: at a text on its way, before it is forwarded or before its answer comes back. One that dies
 * before a text leaves what one leaves that dies after the text before it, unless it has written something in between.
 */
interface Step {
  readonly step: string;
  readonly moment: Moment;
  readonly text: RegExp;
}

const after = (step: string, text: RegExp): Step => ({ step, moment: 'after', text });

const OPENING = [after('CREATE USER', /CREATE USER/), after('the last GRANT', /GRANT INSERT/)];
const FURTHER_OPENING = [after('the first GRANT', /GRANT SELECT/)];
const CLAIM = { step: 'the claim', text: /SET `gateway_id`/ };
const OPENING_IN_STATE: readonly Step[] = [
  { ...CLAIM, moment: 'before' },
  { ...CLAIM, moment: 'after' },
  after('the change to active', /UPDATE `grants`.*'active'/s),
];
const LOCK = { step: 'the lock of the account', text: /ALTER USER IF EXISTS .* ACCOUNT LOCK/ };
/** In the order in which grants stand there: a gateway does not wait long for KILL, and then goes on. */
const CLOSING: readonly Step[] = [
  after('DROP USER', /DROP USER/),
  { ...LOCK, moment: 'after' },
  after('KILL of the running statement', /KILL QUERY/),
];
const FURTHER_CLOSING: readonly Step[] = [{ ...LOCK, moment: 'before' }];
/** The recording is written between the look at the target and this one. */
const MARK = { step: 'the mark of the end', text: /SET `ended_at`/ };
const CLOSING_IN_STATE: readonly [Step, Step] = [
  { ...MARK, moment: 'before' },
  { ...MARK, moment: 'after' },
];

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

/** Each text passes once: of as many grants, each stands at a step of its own then. */
async function standAt(proxy: TripwireProxy, steps: readonly Step[]): Promise<void> {
  await Promise.all(steps.map(({ text, moment }) => proxy.arm({ text, moment, onTrip: () => undefined })));
}

/** Grants that stand when the gateway is killed: each is opened, or ends, as far as its step. */
interface Standing {
  readonly opening?: readonly Step[];
  readonly closing?: readonly Step[];
  readonly proxy?: TripwireProxy;
}

const namesOf = (steps: readonly Step[]): string => steps.map(({ moment, step }) => `${moment} ${step}`).join(', ');

async function restart(): Promise<void> {
  await leasesRunOut(broker());
  await broker().restart('gateway');
}

/** What a grant has become: null when it was refused. */
async function recordedOf(id: string): Promise<Recorded | null> {
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

  // Of statements that both answer alike, one tells about the other.
  const further = (steps: readonly Step[]): readonly Step[] => (engine.flavour === 'mariadb' ? steps : []);

  const runningTask = async (): Promise<Task> => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    await client.query('SELECT id FROM a');
    const arrived = wire.arm({ text: /SLEEP/, moment: 'through', onTrip: () => undefined });
    client.command(COM_QUERY, SLEEPING);
    await arrived;
    return task;
  };

  const ask = (): Promise<ApiAnswer> => {
    const access = [
      { database: target.database, tables: ['a'], privileges: ['SELECT' as const] },
      { database: target.database, tables: ['b'], privileges: ['INSERT' as const] },
    ];
    return askForGrant(broker(), target, { access });
  };

  /** Kills the gateway while grants stand, and gives those that were to be opened and those that were to end. */
  const killWhile = async ({ opening = [], closing = [], proxy = wire }: Standing) => {
    const ended: Task[] = [];
    for (const _step of closing) ended.push(await runningTask());
    const openingStands = standAt(proxy, opening);
    const asked = opening.map(ask);
    await openingStands;
    // The last ones: a gateway does not wait long for an answer before it tries again to end a grant.
    for (const [at, step] of closing.entries()) await Promise.all([standAt(proxy, [step]), ended[at]?.end('close')]);
    await broker().kill('gateway');
    return { opened: (await Promise.all(asked)).map(grantOf), ended };
  };

  const expectUndone = async (opened: readonly string[]): Promise<void> => {
    for (const id of opened) {
      const recorded = await recordedOf(id);
      expect(await tracesOf(target, await taskAccountOf(broker(), id))).toEqual(NOTHING_LEFT);
      if (recorded === null) continue;
      expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
      expect(recorded.texts).toEqual([]);
    }
  };

  const expectFinished = async (ended: readonly Task[]): Promise<readonly (Recorded | null)[]> => {
    const all: (Recorded | null)[] = [];
    for (const task of ended) {
      const recorded = await recordedOf(task.id);
      expect(recorded?.closed).toMatchObject({ reason: 'completed', account: { state: 'gone' } });
      expect(recorded?.texts.slice(0, 2)).toEqual(['SELECT id FROM a', SLEEPING]);
      expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
      expect(await isGreeting(task.connection)).toBe(false);
      all.push(recorded);
    }
    return all;
  };

  const opening = [...OPENING, ...further(FURTHER_OPENING)];
  const closing = [...further(FURTHER_CLOSING), ...CLOSING];
  test(`${namesOf([...opening, ...closing])}: nothing is left of what was opened, and the ends are finished`, async () => {
    const { opened, ended } = await killWhile({ opening, closing });
    await restart();
    await expectUndone(opened);
    const recorded = await expectFinished(ended);
    expect(recorded.map((one) => one?.closed.interrupted)).toEqual(closing.map(() => true));
  });

  test('before and after statements are forwarded, and while sessions write, each row has its entry in the recording', async () => {
    const insert = (id: number): string => `INSERT INTO b VALUES (${id})`;
    const single = [
      { id: 1, moment: 'before', text: /INTO b VALUES \(1\)/ },
      { id: 2, moment: 'after', text: /INTO b VALUES \(2\)/ },
    ] as const;
    const tasks: (readonly [id: number, task: Task])[] = [];
    for (const { id, moment, text } of single) {
      const task = await openTask(broker(), target);
      const client = await RawClient.logIn(task.login);
      const stands = wire.arm({ moment, text, onTrip: () => undefined });
      client.command(COM_QUERY, insert(id));
      await stands;
      tasks.push([id, task]);
    }
    const writing = await openTask(broker(), target);
    const written100 = standAt(wire, [{ step: 'a row', moment: 'before', text: /VALUES \(30100\)/ }]);
    const writers = [1, 2, 3].map((writer) =>
      withMysql2(writing.login, async (connection) => {
        for (let n = 0; n < 1_000; n += 1) await connection.query(insert(writer * 10_000 + n));
      }).catch(() => undefined),
    );
    await written100;
    await broker().kill('gateway');
    await Promise.all(writers);
    await restart();
    const rows = (await target.rootRows('SELECT id FROM b')).map(({ id }) => Number(id));
    expect(rows.filter((id) => id < 10_000)).toEqual([2]);
    for (const [id, task] of tasks) {
      const recorded = await recordedOf(task.id);
      expect(recorded?.texts).toEqual([insert(id)]);
      expect(recorded?.statements[0]?.result).toBeUndefined();
      expect(recorded?.closed).toMatchObject({ reason: 'failed', interrupted: true });
      expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    }
    const recorded = await recordedOf(writing.id);
    const texts = new Set(recorded?.texts);
    const written = rows.filter((id) => id >= 10_000);
    expect(written.length).toBeGreaterThan(100);
    expect(written.filter((id) => !texts.has(insert(id)))).toEqual([]);
    expect(recorded?.closed).toMatchObject({ reason: 'failed', interrupted: true });
    expect(await tracesOf(target, writing.login.user)).toEqual(NOTHING_LEFT);
  });

  // The state database is the same for both. One grant at a time: a gateway waits only a short time for it.
  if (engine.flavour !== 'mariadb') return;

  test.each(OPENING_IN_STATE)('$moment $step, nothing is left of the grant', async (step) => {
    const { opened } = await killWhile({ opening: [step], proxy: proxies().gateway });
    await restart();
    await expectUndone(opened);
  });

  const [before, after] = CLOSING_IN_STATE;
  test(`${namesOf([before])}, the end is finished`, async () => {
    const { ended } = await killWhile({ closing: [before], proxy: proxies().gateway });
    await restart();
    await expectFinished(ended);
  });

  test(`${namesOf([after])} and without a restart, the end is finished and a grant ends when the lease has run out`, async () => {
    const task = await runningTask();
    const { ended } = await killWhile({ closing: [after], proxy: proxies().gateway });
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true });
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    await expectFinished(ended);
    await broker().restart('gateway');
  });
});
