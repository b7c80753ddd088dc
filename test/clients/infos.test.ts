import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_SESSION_TRACK } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

const run = promisify(execFile);
const broker = useSharedBroker();

const SCHEMA = ['CREATE TABLE item (id INT PRIMARY KEY, n INT)'];
const INSERT = 'INSERT INTO item VALUES (1, 1), (2, 2)';
const UPDATE = 'UPDATE item SET n = 2';

describe.each(engines())('what $flavour $version says besides its counts', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA });
  });
  afterAll(() => target?.drop());

  test.each([
    { name: 'without session tracking', capabilities: 0 },
    { name: 'with session tracking', capabilities: CLIENT_SESSION_TRACK },
  ])('is recorded and replayed as it was said, to a client $name', async ({ capabilities }) => {
    await target.root('DELETE FROM item');
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login, { capabilities });
    for (const statement of [INSERT, UPDATE, 'USE information_schema']) await client.query(statement);
    const recorded = await task.close();
    expect(recorded.statements.map(({ response }) => response?.results)).toMatchObject([
      [{ affectedRows: 2, info: 'Records: 2  Duplicates: 0  Warnings: 0' }],
      [{ affectedRows: 1, info: 'Rows matched: 2  Changed: 1  Warnings: 0' }],
      [{ affectedRows: 0, info: '' }],
    ]);
    const cli = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
    const { stdout } = await run(process.execPath, [cli, 'replay', recorded.path]);
    expect(stdout).toContain('    2 rows affected (Records: 2  Duplicates: 0  Warnings: 0)\n');
    expect(stdout).toContain('    1 row affected (Rows matched: 2  Changed: 1  Warnings: 0)\n');
    expect(stdout).toContain('    0 rows affected\n');
  });
});
