import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { previewAccountName } from '../../src/protocols/mysql/preview/preview-account.js';
import { rehearsalAccountName } from '../../src/protocols/mysql/rehearsal/rehearsal-account.js';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { useBroker } from '../support/broker.js';
import { decide, decideHeld, lookAtApproval, outcomeOf, seeHeld } from '../support/approvals.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { approveNext } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { stateProxies } from '../support/state-proxies.js';
import { NOTHING_LEFT, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';
import { leasesRunOut } from '../support/time-passes.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const { envOf, proxies, close } = stateProxies();
const broker = useBroker({
  policies: 'default',
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1' },
  envOf,
});

afterAll(close);

const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY, total INT)', 'INSERT INTO orders VALUES (1, 10)'];
const UPDATE = 'UPDATE orders SET total = total + 1 WHERE id = 1';

/**
 * Where the gateway dies, and what the row is afterwards. One that dies before a text leaves what one leaves that dies after
 * the text before it, unless it has written something in between.
 */
interface Step {
  readonly step: string;
  readonly text: RegExp;
  readonly total: number;
}

const STEPS: readonly Step[] = [
  { step: 'the privilege is given', text: /GRANT UPDATE ON/, total: 10 },
  { step: 'the privilege is taken', text: /REVOKE UPDATE ON/, total: 11 },
];
/** Before anybody can decide. */
const EARLY_STEPS: readonly Step[] = [
  { step: 'the rehearsal account is made', text: /CREATE USER 'dwr_/, total: 10 },
  { step: 'the preview account is made', text: /CREATE USER 'dwp_/, total: 10 },
];

/** Where it dies between a decision and what the decision was for, and what is known of both afterwards. */
const STATE_STEPS = [
  { step: 'the decision is used', on: 'state', moment: 'before', uses: 0, forwarded: 0, total: 10 },
  { step: 'the decision is used', on: 'state', moment: 'after', uses: 1, forwarded: 0, total: 10 },
] as const;
const USE_STEPS = [
  { step: 'the target runs it', on: 'target', moment: 'before', uses: 1, forwarded: 1, total: 10 },
  { step: 'the target runs it', on: 'target', moment: 'after', uses: 1, forwarded: 1, total: 11 },
] as const;

describe.each(engines())('a gateway that is killed at its second lock on $flavour $version', (engine) => {
  let wire: TripwireProxy;
  let target: TestTarget;

  beforeAll(async () => {
    wire = await startTripwireProxy(engine);
    target = await makeTarget(broker(), engine, { schema: SCHEMA, registration: { host: wire.host, port: wire.port } });
  });
  afterEach(() => target.root('UPDATE orders SET total = 10'));
  afterAll(async () => {
    await wire?.close();
    await target?.drop();
  });

  // Of statements that both answer alike, one tells about the other.
  const steps = engine.flavour === 'mysql' ? [] : [...STEPS, ...EARLY_STEPS];
  const useSteps = engine.flavour === 'mysql' ? USE_STEPS : [...STATE_STEPS, ...USE_STEPS];

  /** SIGKILL when the text passes; resolves when the gateway is dead. */
  const killAt = (text: RegExp, moment: Moment): Promise<void> =>
    wire.arm({ text, moment, onTrip: () => broker().kill('gateway') });

  const expectNothingLeft = async (account: string): Promise<void> => {
    expect(await tracesOf(target, account)).toEqual(NOTHING_LEFT);
    expect(await tracesOf(target, previewAccountName(account))).toEqual(NOTHING_LEFT);
    expect(await tracesOf(target, rehearsalAccountName(account))).toEqual(NOTHING_LEFT);
  };

  test.each(steps)('leaves nothing after $step', async (step) => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['SELECT', 'UPDATE'] }] });
    const client = await RawClient.logIn(task.login);
    const kill = killAt(step.text, 'after');
    client.command(COM_QUERY, UPDATE);
    if (!EARLY_STEPS.includes(step)) await approveNext(broker(), task.id);
    await kill;
    await leasesRunOut(broker());
    await broker().restart('gateway');
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(recorded.texts).toEqual([UPDATE]);
    expect(recorded.of('forwarded')).toHaveLength(step.total === 11 ? 1 : 0);
    expect(await target.rootRows('SELECT total FROM orders')).toEqual([{ total: step.total }]);
    await expectNothingLeft(task.login.user);
  });

  test.each(useSteps)(
    'runs nothing approved that it did not record as forwarded, $moment $step, and a further grant is asked again',
    async ({ on, moment, uses, forwarded, total }) => {
      const { database } = target;
      const access = [{ database, privileges: ['SELECT' as const, 'UPDATE' as const] }];
      const task = await openTask(broker(), target, { access });
      const client = await RawClient.logIn(task.login);
      client.command(COM_QUERY, UPDATE);
      const { id } = await seeHeld(broker(), task.id, { withPreview: true });
      const [proxy, text] =
        on === 'state' ? [proxies().gateway, /SET .*`uses` = `uses` \+ 1/] : [wire, /UPDATE orders SET/];
      const kill = proxy.arm({ text, moment, onTrip: () => broker().kill('gateway') });
      await decide(broker(), id, { decision: 'approve' });
      await kill;
      await client.closed();
      expect(client.unread).toHaveLength(0);
      await leasesRunOut(broker());
      await broker().restart('gateway');
      const recorded = await task.sealed();
      expect(recorded.of('approval.decided')).toMatchObject([{ approval: id, outcome: 'approved' }]);
      const gone = recorded.of('forwarded').map(({ approval }) => approval);
      expect(gone).toEqual(Array.from({ length: forwarded }, () => id));
      // Of what was forwarded nobody knows what came of it.
      expect(recorded.statements.map(({ result }) => result)).toEqual([undefined]);
      expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
      expect(await target.rootRows('SELECT total FROM orders')).toEqual([{ total }]);
      expect((await lookAtApproval(broker(), id)).uses).toBe(uses);
      await expectNothingLeft(task.login.user);

      const next = await openTask(broker(), target, { access });
      const again = outcomeOf(withMysql2(next.login, (connection) => connection.query(UPDATE)));
      const asked = await decideHeld(broker(), next.id, { decision: 'deny' });
      expect(asked.id).not.toBe(id);
      expect((await again).error?.message).toContain(asked.id);
      expect((await next.close()).of('forwarded')).toEqual([]);
      expect(await target.rootRows('SELECT total FROM orders')).toEqual([{ total }]);
    },
  );

  if (engine.flavour === 'mysql') return;

  test('leaves nothing of what it lent for a login', async () => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['UPDATE'] }] });
    const kill = killAt(/REVOKE UPDATE ON/, 'before');
    const login = RawClient.logIn(task.login).catch(() => undefined);
    await kill;
    await leasesRunOut(broker());
    await broker().restart('gateway');
    await login;
    expect((await task.sealed()).closed).toMatchObject({ reason: 'failed', account: { state: 'gone' } });
    await expectNothingLeft(task.login.user);
  });
});
