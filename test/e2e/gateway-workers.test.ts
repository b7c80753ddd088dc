import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { useBroker } from '../support/broker.js';
import { isRunning, startChild, type Child } from '../support/child.js';
import { servers } from '../support/engines.js';
import { ROOT, logFolder } from '../support/folders.js';
import { freePortBlock } from '../support/ports.js';
import { makeTarget, openTask, untilOver, type Task, type TestTarget } from '../support/task.js';
import { withMysql2 } from '../support/clients/mysql2.js';

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
    },
    cwd: ROOT,
  });
  await vi.waitFor(() => expect(listening()).toHaveLength(2), { timeout: 20_000 });
  target = await makeTarget(broker(), servers().mariadb);
});
afterAll(async () => {
  gateways.signal('SIGTERM');
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
  await vi.waitFor(() => expect(isRunning(victim.pid)).toBe(false));

  const reachable = await Promise.all(tasks.map(answers));
  expect(reachable.filter(Boolean)).toHaveLength(1);
  const [survivor, lost] = reachable[0] === true ? tasks : tasks.toReversed();
  if (survivor === undefined || lost === undefined) throw new Error('There are two tasks');
  expect(await untilOver(broker(), lost.id, 25_000)).toMatchObject({ state: 'sealed', closeReason: 'failed' });
  expect(await answers(survivor)).toBe(true);
  await vi.waitFor(() => expect(listening()).toHaveLength(3), { timeout: 20_000 });
  const recorded = await survivor.close();
  expect(recorded.entries.at(-1)).toMatchObject({ type: 'grant.closed', interrupted: false });
}, 90_000);

async function answers({ login }: Task): Promise<boolean> {
  try {
    await withMysql2(login, (connection) => connection.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}
