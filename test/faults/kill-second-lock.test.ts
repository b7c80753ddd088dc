import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { previewAccountName } from '../../src/gateway/preview/preview-account.js';
import { COM_QUERY } from '../../src/wire/mysql/commands.js';
import { useBroker } from '../support/broker.js';
import { RawClient } from '../support/clients/raw.js';
import { approveNext } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { NOTHING_LEFT, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';
import { type Moment, type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const broker = useBroker({
  policies: 'default',
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1' },
});

const SCHEMA = ['CREATE TABLE orders (id INT PRIMARY KEY, total INT)', 'INSERT INTO orders VALUES (1, 10)'];
const UPDATE = 'UPDATE orders SET total = total + 1 WHERE id = 1';

/** Where the gateway dies, and what the row is afterwards. */
interface Step {
  readonly step: string;
  readonly moment: Moment;
  readonly text: RegExp;
  readonly total: number;
}

const STEPS: readonly Step[] = [
  { step: 'the privilege is given', moment: 'after', text: /GRANT UPDATE ON/, total: 10 },
  { step: 'the privilege is taken', moment: 'before', text: /REVOKE UPDATE ON/, total: 11 },
];
const FURTHER_STEPS: readonly Step[] = [
  { step: 'the privilege is given', moment: 'before', text: /GRANT UPDATE ON/, total: 10 },
  { step: 'the privilege is taken', moment: 'after', text: /REVOKE UPDATE ON/, total: 11 },
];
const PREVIEW_STEPS: readonly Step[] = [
  { step: 'the preview account is made', moment: 'after', text: /CREATE USER 'dwp_/, total: 10 },
  { step: 'the preview account is dropped', moment: 'before', text: /DROP USER IF EXISTS 'dwp_/, total: 10 },
];

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
  const steps = engine.flavour === 'mysql' ? STEPS : [...STEPS, ...FURTHER_STEPS, ...PREVIEW_STEPS];

  /** SIGKILL when the text passes; resolves when the gateway is dead. */
  const killAt = ({ text, moment }: Pick<Step, 'text' | 'moment'>): Promise<void> =>
    wire.arm({ text, moment, onTrip: () => broker().kill('gateway') });

  const expectNothingLeft = async (account: string): Promise<void> => {
    expect(await tracesOf(target, account)).toEqual(NOTHING_LEFT);
    expect(await tracesOf(target, previewAccountName(account))).toEqual(NOTHING_LEFT);
  };

  test.each(steps)('leaves nothing $moment $step', async (step) => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['SELECT', 'UPDATE'] }] });
    const client = await RawClient.logIn(task.login);
    const kill = killAt(step);
    client.command(COM_QUERY, UPDATE);
    if (!PREVIEW_STEPS.includes(step)) await approveNext(broker(), task.id);
    await kill;
    await broker().restart('gateway');
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', interrupted: true, account: { state: 'gone' } });
    expect(recorded.texts).toEqual([UPDATE]);
    expect(recorded.of('forwarded')).toHaveLength(step.total === 11 ? 1 : 0);
    expect(await target.rootRows('SELECT total FROM orders')).toEqual([{ total: step.total }]);
    await expectNothingLeft(task.login.user);
  });

  if (engine.flavour === 'mysql') return;

  test('leaves nothing of what it lent for a login', async () => {
    const { database } = target;
    const task = await openTask(broker(), target, { access: [{ database, privileges: ['UPDATE'] }] });
    const kill = killAt({ text: /REVOKE UPDATE ON/, moment: 'before' });
    const login = RawClient.logIn(task.login).catch(() => undefined);
    await kill;
    await broker().restart('gateway');
    await login;
    expect((await task.sealed()).closed).toMatchObject({ reason: 'failed', account: { state: 'gone' } });
    await expectNothingLeft(task.login.user);
  });
});
