import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { previewAccountName } from '../../src/protocols/mysql/preview/preview-account.js';
import { rehearsalAccountName } from '../../src/protocols/mysql/rehearsal/rehearsal-account.js';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { useBroker } from '../support/broker.js';
import { decide, decideHeld, lookAtApproval, outcomeOf, seeHeld } from '../support/approvals.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { stateProxies } from '../support/state-proxies.js';
import { NOTHING_LEFT, type Task, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';
import { leasesRunOut } from '../support/time-passes.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const { envOf, proxies, close } = stateProxies();
const broker = useBroker({
  policies: 'default',
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1' },
  envOf,
});

afterAll(close);

const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY, total INT)'];
/** Each step has a row of its own: several of them wait for one kill. */
const updateOf = (row: number): string => `UPDATE orders SET total = total + 1 WHERE id = ${row}`;

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
interface UseStep {
  readonly on: 'state' | 'target';
  readonly moment: Moment;
  readonly uses: number;
  readonly forwarded: number;
  readonly total: number;
}

const USE_ON_TARGET: readonly UseStep[] = [
  { on: 'target', moment: 'before', uses: 1, forwarded: 1, total: 10 },
  { on: 'target', moment: 'after', uses: 1, forwarded: 1, total: 11 },
];
const USED_BEFORE: UseStep = { on: 'state', moment: 'before', uses: 0, forwarded: 0, total: 10 };
const USED_AFTER: UseStep = { on: 'state', moment: 'after', uses: 1, forwarded: 0, total: 10 };
const NAMES = { state: 'the decision is used', target: 'the target runs it' };
const namesOf = (steps: readonly UseStep[]): string =>
  steps.map(({ on, moment }) => `${moment} ${NAMES[on]}`).join(', ');

/** With a row and a grant of its own for each: several stand at their steps when the gateway is killed. */
interface Standing<S> {
  readonly step: S;
  readonly row: number;
  readonly task: Task;
  readonly client: RawClient;
}

/** With the approval that its update waits for. */
type HeldUse = Standing<UseStep> & { readonly id: string };

describe.each(engines())('a gateway that is killed at its second lock on $flavour $version', (engine) => {
  let wire: TripwireProxy;
  let target: TestTarget;

  beforeAll(async () => {
    wire = await startTripwireProxy(engine);
    target = await makeTarget(broker(), engine, { schema: SCHEMA, registration: { host: wire.host, port: wire.port } });
  });
  afterEach(() => target.root('DELETE FROM orders'));
  afterAll(async () => {
    await wire?.close();
    await target?.drop();
  });

  // Of statements that both answer alike, one tells about the other. For the state database a gateway waits a short time
  // only: one grant stands there, the last one.
  const useSteps = engine.flavour === 'mysql' ? USE_ON_TARGET : [...USE_ON_TARGET, USED_BEFORE];

  /** Resolves when the text passes: the gateway stands there, and so it does when it is killed. */
  const standsAt = (text: RegExp, moment: Moment, proxy = wire): Promise<void> =>
    proxy.arm({ text, moment, onTrip: () => undefined });

  const startAgain = async (): Promise<void> => {
    await leasesRunOut(broker());
    await broker().restart('gateway');
  };

  const expectNothingLeft = async (account: string): Promise<void> => {
    expect(await tracesOf(target, account)).toEqual(NOTHING_LEFT);
    expect(await tracesOf(target, previewAccountName(account))).toEqual(NOTHING_LEFT);
    expect(await tracesOf(target, rehearsalAccountName(account))).toEqual(NOTHING_LEFT);
  };

  const totalOf = async (row: number): Promise<unknown> =>
    (await target.rootRows(`SELECT total FROM orders WHERE id = ${row}`))[0]?.['total'];

  const openOne = (): Promise<Task> =>
    openTask(broker(), target, { access: [{ database: target.database, privileges: ['SELECT', 'UPDATE'] }] });

  const prepare = async <S>(step: S, row: number): Promise<Standing<S>> => {
    await target.root(`INSERT INTO orders VALUES (${row}, 10)`);
    const task = await openOne();
    return { step, row, task, client: await RawClient.logIn(task.login) };
  };

  /** Asks for the update and gives the approval that it waits for. */
  const hold = async ({ row, task, client }: Standing<unknown>): Promise<string> => {
    client.command(COM_QUERY, updateOf(row));
    return (await seeHeld(broker(), task.id, { withPreview: true })).id;
  };

  const holdEach = async (steps: readonly UseStep[], firstRow = 0): Promise<readonly HeldUse[]> => {
    const held: HeldUse[] = [];
    for (const [index, step] of steps.entries()) {
      const prepared = await prepare(step, firstRow + index);
      held.push({ ...prepared, id: await hold(prepared) });
    }
    return held;
  };

  /** Has them approved one after the other, and each stand at its step. */
  const approveEach = async (held: readonly HeldUse[]): Promise<void> => {
    for (const { step, row, id } of held) {
      const stands =
        step.on === 'state'
          ? standsAt(/SET .*`uses` = `uses` \+ 1/, step.moment, proxies().gateway)
          : standsAt(new RegExp(`UPDATE orders SET.*id = ${row}`), step.moment);
      await decide(broker(), id, { decision: 'approve' });
      await stands;
    }
  };

  const expectUsedOrNot = async ({ step, row, task, id }: HeldUse): Promise<void> => {
    const recorded = await task.sealed();
    expect(recorded.of('approval.decided')).toMatchObject([{ approval: id, outcome: 'approved' }]);
    const gone = recorded.of('forwarded').map(({ approval }) => approval);
    expect(gone).toEqual(Array.from({ length: step.forwarded }, () => id));
    // Of what was forwarded nobody knows what came of it.
    expect(recorded.statements.map(({ result }) => result)).toEqual([undefined]);
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(await totalOf(row)).toBe(step.total);
    expect((await lookAtApproval(broker(), id)).uses).toBe(step.uses);
    await expectNothingLeft(task.login.user);

    const next = await openOne();
    const again = outcomeOf(withMysql2(next.login, (connection) => connection.query(updateOf(row))));
    const asked = await decideHeld(broker(), next.id, { decision: 'deny' });
    expect(asked.id).not.toBe(id);
    expect((await again).error?.message).toContain(asked.id);
    expect((await next.close()).of('forwarded')).toEqual([]);
    expect(await totalOf(row)).toBe(step.total);
  };

  const expectUnanswered = async ({ client }: HeldUse): Promise<void> => {
    await client.closed();
    expect(client.unread).toHaveLength(0);
  };

  test(`runs nothing approved that it did not record as forwarded, ${namesOf(useSteps)}, and a further grant is asked again`, async () => {
    const standing = await holdEach(useSteps);
    await approveEach(standing);
    await broker().kill('gateway');
    for (const held of standing) await expectUnanswered(held);
    await startAgain();
    for (const held of standing) await expectUsedOrNot(held);
  });

  if (engine.flavour === 'mysql') return;

  const names = [...EARLY_STEPS, ...STEPS].map(({ step }) => step).join(', ');
  test(`leaves nothing after ${names}, before it takes what it lent for a login, nor ${namesOf([USED_AFTER])}`, async () => {
    const late: (Standing<Step> & { readonly id: string })[] = [];
    for (const [row, step] of STEPS.entries()) {
      const prepared = await prepare(step, row);
      late.push({ ...prepared, id: await hold(prepared) });
    }
    const early: Standing<Step>[] = [];
    for (const [index, step] of EARLY_STEPS.entries()) early.push(await prepare(step, STEPS.length + index));
    const used = await holdEach([USED_AFTER], STEPS.length + EARLY_STEPS.length);
    const { database } = target;
    const lent = await openTask(broker(), target, { access: [{ database, privileges: ['UPDATE'] }] });
    for (const { step, row, client } of early) {
      const stands = standsAt(step.text, 'after');
      client.command(COM_QUERY, updateOf(row));
      await stands;
    }
    const lends = standsAt(/REVOKE UPDATE ON/, 'before');
    const login = RawClient.logIn(lent.login).catch(() => undefined);
    await lends;
    for (const { step, id } of late) {
      const stands = standsAt(step.text, 'after');
      await decide(broker(), id, { decision: 'approve' });
      await stands;
    }
    await approveEach(used);
    await broker().kill('gateway');
    for (const held of used) await expectUnanswered(held);
    await startAgain();
    for (const { step, row, task } of [...early, ...late]) {
      const recorded = await task.sealed();
      expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
      expect(recorded.texts).toEqual([updateOf(row)]);
      expect(recorded.of('forwarded')).toHaveLength(step.total === 11 ? 1 : 0);
      expect(await totalOf(row)).toBe(step.total);
      await expectNothingLeft(task.login.user);
    }
    await login;
    expect((await lent.sealed()).closed).toMatchObject({ reason: 'failed', account: { state: 'gone' } });
    await expectNothingLeft(lent.login.user);
    for (const held of used) await expectUsedOrNot(held);
  });
});
