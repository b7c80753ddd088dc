import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { hostileName } from '../support/names.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { PRIVILEGES, schemaOf } from './schema.js';

const broker = useSharedBroker();

const CLI = join(ROOT, 'node_modules', 'typeorm', 'cli.js');
const SOURCE = join(import.meta.dirname, 'programs', 'typeorm-source.mjs');

describe.each(engines())('TypeORM’s own command line on $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      // TypeORM takes what stands before a dot for the name of a database.
      database: hostileName().replaceAll('.', '_'),
      schema: schemaOf(engine.flavour),
      privileges: PRIVILEGES,
    });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  const typeorm = (
    { host, port, user: username, password, database, caFile }: ClientLogin,
    ...args: readonly string[]
  ): Promise<ClientOutcome> => {
    const login = { type: engine.flavour, host, port, username, password, database, caFile };
    return runProgram(process.execPath, [CLI, ...args, '--dataSource', SOURCE], {
      env: { LOGIN: JSON.stringify(login) },
    });
  };

  test('reads a schema and says the same about it through an endpoint, in plain text and with TLS', async () => {
    const task = await openTask(broker(), target);
    for (const args of [['schema:log'], ['query', 'SELECT id, name, price FROM item ORDER BY id']]) {
      const expected = await typeorm(direct, ...args);
      expect(expected, expected.stderr).toMatchObject({ exitCode: 0 });
      expect(await typeorm(task.login, ...args)).toEqual(expected);
      expect(await typeorm(task.tlsLogin, ...args)).toEqual(expected);
      expect(expected.stdout).toContain(args[0] === 'query' ? 'apple' : 'ADD `note`');
    }
    const recorded = await task.close();
    expect(recorded.texts.some((text) => text.includes('INFORMATION_SCHEMA'))).toBe(true);
    expect(recorded.texts.filter((text) => text.startsWith('SELECT id, name'))).toHaveLength(2);
    expect(recorded.texts.filter((text) => /^\s*(ALTER|CREATE|DROP)/i.test(text))).toEqual([]);
  });
});
