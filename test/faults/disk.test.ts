import { execFile } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { problemOf } from '../support/http.js';
import { freePortBlock } from '../support/ports.js';
import { NOTHING_LEFT, type TestTarget, askForGrant, makeTarget, openTask, tracesOf } from '../support/task.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const LEFT_BYTES = 1024 * MIB;
const LARGE_FILE = '2G';

const { bavail, bsize } = await statfs(tmpdir());
const { first } = await freePortBlock();

const broker = useSharedBroker(ALLOW_EVERYTHING, {
  RECORDING_FREE_BYTES_MIN: String(Math.max(0, bavail * bsize - LEFT_BYTES)),
  GATEWAY_PORT_RANGE: `${first}-${first + 1}`,
});

describe.each(engines().slice(0, 1))('a gateway before $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE a (id INT PRIMARY KEY, body LONGTEXT)'] });
  });
  afterAll(() => target?.drop());

  const rows = async (): Promise<readonly unknown[]> =>
    (await target.rootRows('SELECT id FROM a ORDER BY id')).map((row) => row['id']);

  test('that has too little space forwards nothing and opens no grant, until there is space again', async () => {
    const task = await openTask(broker(), target);
    const large = join(broker().recordingsFolder, 'large');
    await run('fallocate', ['-l', LARGE_FILE, large]);
    try {
      await expect
        .poll(() => withMysql2(task.login, (connection) => connection.query('SELECT 1')).catch(String))
        .toContain('(recording_unavailable)');
      expect(problemOf(await askForGrant(broker(), target)).code).toBe('recording_unavailable');
    } finally {
      await rm(large);
    }
    await expect
      .poll(() =>
        withMysql2(task.login, (connection) => connection.query('INSERT INTO a VALUES (1, NULL)')).then(
          () => 'ok',
          String,
        ),
      )
      .toBe('ok');
    const recorded = await task.close();
    expect(recorded.texts.at(-1)).toBe('INSERT INTO a VALUES (1, NULL)');
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    await target.root('DELETE FROM a');
  });

  test('that cannot write a recording to its end forwards nothing unrecorded, and ends the grant', async () => {
    const task = await openTask(broker(), target);
    const pid = String(broker().pid('gateway'));
    const insert = (id: number): string => `INSERT INTO a VALUES (${id}, '${'x'.repeat(MIB)}')`;
    await run('prlimit', ['--pid', pid, `--fsize=${5 * MIB + MIB / 2}:`]);
    try {
      const refused = await withMysql2(task.login, async (connection) => {
        for (let id = 0; id < 10; id += 1) await connection.query(insert(id));
      }).catch(String);
      expect(refused).toContain('(recording_unavailable)');
      await expect.poll(() => tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
    } finally {
      await run('prlimit', ['--pid', pid, '--fsize=unlimited:']);
    }
    const recorded = await task.sealed();
    expect(recorded.closed).toMatchObject({ reason: 'failed', account: { state: 'gone' } });
    const there = await rows();
    expect(there.length).toBeGreaterThan(2);
    expect(recorded.texts).toEqual(there.map((id) => insert(Number(id))));
    expect((await task.look()).closeReason).toBe('failed');
    await target.root('DELETE FROM a');
  });

  test('whose ports are all in use opens no grant, and opens one when a port is free again', async () => {
    const [one, other] = [await openTask(broker(), target), await openTask(broker(), target)];
    const answer = await askForGrant(broker(), target);
    expect(answer.status).toBe(503);
    expect(problemOf(answer).code).toBe('endpoint_ports_exhausted');
    await one.close();
    const third = await openTask(broker(), target);
    expect(third.connection.port).toBe(one.connection.port);
    await Promise.all([other.close(), third.close()]);
  });
});
