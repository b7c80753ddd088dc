import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyRecording } from '../../src/recording/verify/verify.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';
import { RECORDED } from '../support/recorded.js';

const run = promisify(execFile);
const EXIT_DAMAGED = 3;

const broker = useSharedBroker();
let target: TestTarget;

beforeAll(async () => {
  target = await makeTarget(broker(), servers().mariadb);
});
afterAll(() => target?.drop());

test('a recording that was damaged while it was live is sealed as what it is', async () => {
  const task = await openTask(broker(), target);
  await withMysql2(task.login, async (connection) => {
    for (const n of [1, 2, 3]) await connection.query(`SELECT ${n} AS n`);
  });
  const file = join(broker().recordingsFolder, task.id, 'entries.jsonl');
  const entries = await readFile(file);
  const at = entries.indexOf('SELECT 2 AS n');
  entries[at] = entries.readUInt8(at) ^ 1;
  await writeFile(file, entries);

  const recorded = await task.close();
  expect(recorded.texts).toEqual(['SELECT 1 AS n']);
  expect(recorded.closed).toMatchObject({ reason: 'completed', interrupted: true });
  const report = await verifyRecording(recorded.path, { protocols: RECORDED });
  expect(report).toMatchObject({ ok: true, damage: { where: expect.stringContaining('entry') } });
  const cli = run(process.execPath, [join(ROOT, 'dist/apps/cli/main.js'), 'verify', recorded.path]);
  await expect(cli).rejects.toMatchObject({ code: EXIT_DAMAGED, stdout: expect.stringContaining('DAMAGED') });
});
