import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gatewayList, type GatewayView } from '../../src/contracts/broker/gateway.js';
import { grantPage } from '../../src/contracts/grants/grant.js';
import { useBroker } from '../support/broker.js';
import { isRunning, startChild, type Child } from '../support/child.js';
import { servers } from '../support/engines.js';
import { ROOT, logFolder } from '../support/folders.js';
import { freePortBlock } from '../support/ports.js';
import { makeTarget, openTask, untilOver, type Task, type TestTarget } from '../support/task.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runProgram } from '../support/clients/program.js';
import { bodyOf, callAs } from '../support/http.js';

const broker = useBroker({ gateways: 0 });
let gateways: Child;
let target: TestTarget;
/** The first port of the second process: each has one half of the range. */
let middle: number;

beforeAll(async () => {
  const { first, last } = await freePortBlock();
  middle = first + Math.floor((last - first + 1) / 2);
  gateways = startChild({
    command: process.execPath,
    args: [join(ROOT, 'dist/apps/cli/main.js'), 'gateway', '--workers', '2'],
    logFile: join(await logFolder('gateway-workers'), 'gateways.log'),
    env: {
      ...broker().env,
      GATEWAY_NAME: 'pair',
      GATEWAY_PORT_RANGE: `${first}-${last}`,
      GATEWAY_HEALTH_PORT: '0',
      GATEWAY_LEASE_SECONDS: '3',
      DRAIN_SECONDS: '600',
    },
    cwd: ROOT,
  });
  await vi.waitFor(() => expect(listening()).toHaveLength(2), { timeout: 45_000 });
  target = await makeTarget(broker(), servers().mariadb);
});
afterAll(async () => {
  if (!gateways.hasExited) gateways.signal('SIGINT');
  await gateways.exited();
});

interface Listening {
  readonly pid: number;
  readonly gateway: string;
}

function listening(): readonly Listening[] {
  return gateways
    .log()
    .split('\n')
    .filter((line) => line.includes('"msg":"listening"'))
    .map((line): Listening => JSON.parse(line));
}

/** A task of each process; which one takes a grant is up to them. */
async function openInBoth(): Promise<readonly [Task, Task]> {
  let lower: Task | undefined;
  let upper: Task | undefined;
  for (let opened = 0; opened < 20; opened += 1) {
    const task = await openTask(broker(), target);
    if (task.login.port < middle) lower = task;
    else upper = task;
    if (lower !== undefined && upper !== undefined) return [lower, upper];
  }
  throw new Error('One of the two gateways took all grants');
}

test('two gateways share the grants, and one that dies takes only its own with it', async () => {
  const tasks = await openInBoth();
  const [victim] = listening();
  if (victim === undefined) throw new Error('Two gateways listen');
  process.kill(victim.pid, 'SIGKILL');
  await vi.waitFor(() => expect(isRunning(victim.pid)).toBe(false), { timeout: 45_000 });

  const reachable = await Promise.all(tasks.map(answers));
  expect(reachable.filter(Boolean)).toHaveLength(1);
  const [survivor, lost] = reachable[0] === true ? tasks : tasks.toReversed();
  if (survivor === undefined || lost === undefined) throw new Error('There are two tasks');
  expect(await untilOver(broker(), lost.id, 25_000)).toMatchObject({ state: 'sealed', closeReason: 'failed' });
  expect(await answers(survivor)).toBe(true);
  await vi.waitFor(() => expect(listening()).toHaveLength(3), { timeout: 45_000 });
  const recorded = await survivor.close();
  expect(recorded.entries.at(-1)).toMatchObject({ type: 'grant.closed', interrupted: false });
}, 90_000);

test('both drain when their parent is told to stop, also when each is told besides, and end with their last grants', async () => {
  const tasks = await openInBoth();
  const [first, second] = listening().slice(-2);
  if (first === undefined || second === undefined) throw new Error('Two gateways listen');
  // As a supervisor does that signals all processes of a service: each is told twice, which is no second signal.
  for (const pid of [gateways.pid, first.pid, second.pid]) process.kill(pid, 'SIGTERM');
  const begun = { state: 'draining', drain: { until: expect.any(String) } };
  await vi.waitFor(async () => expect(await gatewaysThere()).toMatchObject([begun, begun]), { timeout: 45_000 });
  expect(await Promise.all(tasks.map(answers))).toEqual([true, true]);

  // An operator asks by the name under which both were started.
  const env = { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.operator };
  const drain = runProgram(process.execPath, [CLI, 'gateway', 'drain', 'pair', '--json'], { env });
  await vi.waitFor(
    async () => expect((await gatewaysThere()).map(({ drain }) => drain?.askedBy)).toEqual(BY_OPERATOR),
    {
      timeout: 45_000,
    },
  );
  for (const { id } of bodyOf(await callAs(broker(), 'operator', ACTIVE), grantPage).items) {
    await callAs(broker(), 'agent', { method: 'POST', path: `/v1/grants/${id}/close` });
  }
  const { exitCode, stdout } = await drain;
  expect({ exitCode, answer: JSON.parse(stdout) }).toEqual({ exitCode: 0, answer: { drained: ['pair#1', 'pair#2'] } });
  await gateways.exited();
  expect(gateways.exitCode).toBe(0);
}, 90_000);

const CLI = join(ROOT, 'dist/apps/cli/main.js');
const ACTIVE = { path: '/v1/grants?state=active' };

const BY_OPERATOR = ['test-operator', 'test-operator'];

async function gatewaysThere(): Promise<readonly GatewayView[]> {
  return bodyOf(await callAs(broker(), 'operator', { method: 'GET', path: '/v1/gateways' }), gatewayList).items;
}

async function answers({ login }: Task): Promise<boolean> {
  try {
    await withMysql2(login, (connection) => connection.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}
