import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COM_QUERY, COM_STMT_PREPARE } from '../../src/protocols/mysql/wire/commands.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { gatewayMetrics } from '../support/gateway-metrics.js';
import { HELD_MIB_MAX, watchHeldMemory } from '../support/held-memory.js';
import { type RogueTarget, startRogueTarget } from '../support/rogue-target.js';
import { standsStill } from '../support/standstill.js';
import { type TestTarget, NOTHING_LEFT, makeTarget, openTask, tracesOf } from '../support/task.js';

const run = promisify(execFile);
const ROWS = 200;
const ROW_BYTES = 1_000_000;
const LARGE = `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT REPEAT('x', ${ROW_BYTES}) FROM n`;

const broker = useSharedBroker();
let proxy: RogueTarget;
let target: TestTarget;

beforeAll(async () => {
  const { mariadb } = servers();
  proxy = await startRogueTarget(mariadb);
  target = await makeTarget(broker(), mariadb, {
    schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2), (3)'],
    registration: { host: proxy.host, port: proxy.port, tls: { mode: 'off' } },
  });
});
afterAll(async () => {
  await target?.drop();
  await proxy?.close();
});

describe('a connection to the target that is lost', () => {
  test.each([
    ['before the answer', 'SELECT 1', 0],
    ['in the head', 'SELECT id FROM a', 3],
    ['between two packets', 'SELECT id FROM a', 5],
    ['in mid-row', LARGE, 5_000_000],
    ['in mid-prepare', 'SELECT id + ? FROM a', 20],
  ])('%s ends its session alone, and nobody claims to know what came of the statement', async (_, text, afterBytes) => {
    const task = await openTask(broker(), target);
    const other = await RawClient.logIn(task.login);
    for (const how of ['end', 'reset'] as const) {
      const client = await RawClient.logIn(task.login);
      proxy.cutAnswer(/SELECT (?!@@)/, afterBytes, how); // not what the gateway asks of a new session
      client.command(afterBytes === 20 ? COM_STMT_PREPARE : COM_QUERY, text);
      expect(await client.drain()).toBeGreaterThanOrEqual(how === 'reset' ? 0 : afterBytes);
    }
    expect((await other.query('DO 1')).error).toBeUndefined();
    const recorded = await task.close();
    expect(recorded.statements.map(({ result }) => result?.outcome)).toEqual(['unknown', 'unknown', 'ok']);
    expect(recorded.of('session.closed').map(({ reason }) => reason)).toEqual([
      'target-gone',
      'target-gone',
      'grant-closed',
    ]);
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });
});

describe('a result of 200 MB', () => {
  test('goes through to a slow client to the last byte, and takes little of the gateway', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const { grownMib, worked: bytes } = await watchHeldMemory(broker(), async () => {
      client.command(COM_QUERY, LARGE);
      await expect.poll(() => client.unread.length).toBeGreaterThan(0);
      client.pause();
      await standsStill(() => proxy.passedBytes);
      client.end(); // the answer to what it sent still comes, then the connection closes
      return client.drain();
    });
    expect(bytes).toBeGreaterThan(ROWS * ROW_BYTES);
    expect(grownMib).toBeLessThan(HELD_MIB_MAX);
    const recorded = await task.close();
    expect(recorded.of('result')).toMatchObject([{ outcome: 'ok', body: { results: [{ rows: ROWS }] } }]);
    expect(recorded.of('result')[0]?.response?.bytes).toBe(bytes);
  }, 90_000);

  test.each(['reads', 'does not read'])('is cut off when its grant is closed while the client %s', async (habit) => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, LARGE);
    await expect.poll(() => client.unread.length).toBeGreaterThan(0);
    if (habit === 'does not read') client.pause();
    const recorded = await task.close();
    expect(recorded.statements[0]?.result?.outcome).toBeOneOf(
      habit === 'reads' ? ['ok', 'error', 'unknown'] : ['error', 'unknown'],
    );
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    client.destroy();
  });

  test('is read to its end and recorded when its client dies in the middle', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, LARGE);
    await expect.poll(() => client.unread.length).toBeGreaterThan(0);
    client.reset();
    await expect.poll(async () => (await gatewayMetrics(broker())).sessions).toBe(0);
    const recorded = await task.close();
    expect(recorded.of('result')).toMatchObject([{ outcome: 'ok', body: { results: [{ rows: ROWS }] } }]);
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'client-gone' }]);
  });
});

test('a gateway without file descriptors turns new sessions away, keeps those it has, and takes new ones again', async () => {
  const task = await openTask(broker(), target);
  const client = await RawClient.logIn(task.login);
  expect((await client.query('SELECT 1')).error).toBeUndefined();
  const pid = broker().pid('gateway');
  const limit = async (files: number): Promise<void> =>
    void (await run('prlimit', ['--pid', String(pid), `--nofile=${files}:`]));
  const { stdout } = await run('prlimit', [
    '--pid',
    String(pid),
    '--nofile',
    '--noheadings',
    '--raw',
    '--output',
    'SOFT',
  ]);
  const flood: RawClient[] = [];
  let answers: readonly Promise<boolean>[] = [];
  try {
    await limit(await limitWithFree(pid, 3));
    for (let count = 0; count < 12; count += 1) flood.push(await RawClient.open(task.login));
    // The kernel takes connections that the gateway has no descriptor for: those wait, or are told no.
    answers = flood.map((one) =>
      one.logIn(task.login).then(
        ([first]) => first === 0,
        () => false,
      ),
    );
    for (let count = 0; count < 20; count += 1) expect((await client.query(`SELECT ${count}`)).error).toBeUndefined();
  } finally {
    for (const one of flood) one.destroy();
    await limit(Number(stdout.trim()));
  }
  expect(await Promise.all(answers)).toContain(false);
  await expect
    .poll(() =>
      RawClient.logIn(task.login).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  const recorded = await task.close();
  expect(recorded.closed).toMatchObject({ reason: 'completed', interrupted: false });
  expect(recorded.statements.filter(({ result }) => result?.outcome === 'ok').length).toBe(21);
});

/**
 * The limit under which a process can open so many files more. Each gets the lowest number that is free, and the limit is one on
 * numbers: those that are free between open ones count, which a gateway has that served others before.
 */
async function limitWithFree(pid: number, free: number): Promise<number> {
  const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number));
  let limit = 0;
  for (let left = free; left > 0; limit += 1) if (!open.has(limit)) left -= 1;
  return limit;
}
