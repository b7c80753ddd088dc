import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { type ClientLogin, type ClientOutcome } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { DRIVERS, MISSING_DRIVERS, type Step } from './programs.js';
import { PRIVILEGES, schemaOf } from './schema.js';

const LONG = 'ž'.repeat(40_000);

/** What every driver runs: rows of all types, bound values, several results, infos, warnings, transactions, faults. */
const STEPS: readonly Step[] = [
  step('SELECT * FROM every ORDER BY id'),
  step('SELECT * FROM every WHERE id = ?', 1),
  step('SELECT * FROM every WHERE id = ?', 2),
  step('SELECT * FROM every WHERE id = ?', 3),
  step('SELECT * FROM `žluť_表` ORDER BY 1'),
  step('SELECT id, name FROM item WHERE id = ? OR name = ?', 2, 'apple'),
  step('SELECT ? AS a, ? AS b', null, 'it\'s "quoted" \\ ž 😀'),
  step('INSERT INTO piece VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE note = note', 50, { hex: '00c3bf275c22' }, LONG),
  step('SELECT * FROM piece ORDER BY id'),
  step("INSERT INTO item (name, price) VALUES ('fig', '1.999'), ('kiwi', 2)"),
  step('SHOW WARNINGS'),
  step('SELECT LAST_INSERT_ID()'),
  step("INSERT INTO item (name) SELECT CONCAT(name, '!') FROM item ORDER BY id"),
  step('UPDATE item SET price = 2 WHERE id < 3'),
  step('UPDATE item SET price = 2 WHERE id < 3'),
  step('CALL several()'),
  step('CALL outs(4, @b, @c)'),
  step('SELECT @b, @c'),
  step('SET autocommit = 0'),
  step('DELETE FROM item'),
  step('ROLLBACK'),
  step('SET autocommit = 1'),
  step('SELECT COUNT(*) FROM item'),
  step('SELECT nothing FROM no_such_table'),
  step("INSERT INTO item (name) VALUES ('apple')"),
  step('SELECT 1 AS one WHERE FALSE'),
];

const broker = useSharedBroker();

// Named in the run, not left out in silence: what installs them is the set-up of `npm test`.
for (const { name, aptPackage } of MISSING_DRIVERS)
  test.skip(`${name} was not run: the package ${aptPackage} is missing`);

describe.each(engines())('through an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let direct: ClientLogin;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: schemaOf(engine.flavour), privileges: PRIVILEGES });
    direct = { ...rootLogin(engine), database: target.database };
  });
  afterAll(() => target?.drop());

  test.each(DRIVERS)('$name gets what it gets directly, in plain text and with TLS', async ({ run }) => {
    const task = await openTask(broker(), target);
    const fresh = async (login: ClientLogin): Promise<ClientOutcome> => {
      await target.root(...schemaOf(engine.flavour));
      return run(login, STEPS);
    };
    const expected = await fresh(direct);
    expect(expected).toMatchObject({ exitCode: 0, stderr: '' });
    expect(linesOf(expected).length).toBeGreaterThanOrEqual(STEPS.length);
    expect(linesOf(await fresh(task.login))).toEqual(linesOf(expected));
    expect(await fresh(task.tlsLogin)).toEqual(expected);
    const recorded = await task.close();
    const [plain, tls] = recorded.of('session.opened');
    expect([plain?.tls ?? null, tls?.tls?.version.slice(0, 5)]).toEqual([null, 'TLSv1']);
    for (const session of [plain?.session, tls?.session]) {
      const texts = recorded.statements
        .filter(({ entry }) => entry.session === session)
        .map(({ text }) => text.toString('utf8'));
      const missing = STEPS.filter(({ sql, values }) => values.length === 0 && !texts.includes(sql));
      expect(missing).toEqual([]);
    }
  });
});

function linesOf({ stdout }: ClientOutcome): readonly string[] {
  return stdout.trimEnd().split('\n');
}

function step(sql: string, ...values: Step['values']): Step {
  return { sql, values };
}
