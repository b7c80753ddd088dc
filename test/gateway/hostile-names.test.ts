import { randomBytes } from 'node:crypto';
import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteDatabasePattern, quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { decide, outcomeOf, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { callAs } from '../support/http.js';
import { HOSTILE_NAMES } from '../support/names.js';
import { makeTarget, NOTHING_LEFT, openTask, tracesOf, type TestTarget } from '../support/task.js';

const broker = useSharedBroker('default');
const PRIVILEGES = ['SELECT', 'UPDATE', 'INSERT'];

describe.each(engines())('names with every sign that names may have, on $flavour $version', (engine) => {
  /** MySQL gives the texts of triggers with each doubled backtick halved, so that nobody can read them. */
  const isLost = (name: string): boolean => engine.flavour === 'mysql' && name.includes('`');
  const run = randomBytes(3).toString('hex');
  /** A database for each name, and in it a table, a column, a trigger and a view that are called alike. */
  const places = HOSTILE_NAMES.map((name) => ({ name, database: databaseFor(name, run) }));
  const databases = places.map(({ database }) => database);
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine);
    const { quoted } = target.provisioner;
    await runAsRoot(engine, [
      ...places.flatMap(({ name, database }) => schemaOf(name, database)),
      ...databases.map(
        (database) =>
          `GRANT ${PRIVILEGES.join(', ')}, TRIGGER, SHOW VIEW ON ${quoteDatabasePattern(database)}.* TO ${quoted} WITH GRANT OPTION`,
      ),
    ]);
    const limits = { privileges: PRIVILEGES, databases: [target.database, ...databases] };
    const change = { path: `/v1/targets/${target.name}`, body: { limits } };
    expect((await callAs(broker(), 'operator', { method: 'PATCH', ...change })).status).toBe(200);
  });
  afterAll(async () => {
    await runAsRoot(
      engine,
      databases.map((database) => `DROP DATABASE IF EXISTS ${quoteIdentifier(database)}`),
    );
    await target.drop();
  });

  test('a grant is given, reads run, held writes are previewed and run once approved, and its end leaves nothing', async () => {
    const task = await openTask(broker(), target, {
      access: databases.map((database) => ({ database, privileges: 'ALL' as const })),
    });
    for (const { name, database } of places) {
      const [table, view] = [name, viewOf(name)].map(
        (thing) => `${quoteIdentifier(database)}.${quoteIdentifier(thing)}`,
      );
      const column = quoteIdentifier(name);
      await withMysql2({ ...task.login, database }, async (client) => {
        const [rows] = await client.query<RowDataPacket[]>(
          `SELECT ${column}, DATABASE() AS d FROM ${table} JOIN ${view} USING (id, ${column})`,
        );
        expect(rows).toEqual([1, 2].map(() => ({ [name]: 0, d: database })));

        const statement = `UPDATE ${quoteIdentifier(name)} SET ${column} = 7 WHERE ${column} = 0 AND id < 3`;
        const updated = outcomeOf(client.query<ResultSetHeader>(statement));
        const asked = await seeHeld(broker(), task.id, { withPreview: true });
        await decide(broker(), asked.id, { decision: 'approve' });
        expect(asked.statement).toMatchObject({
          text: statement,
          facts: {
            notUnderstood: isLost(name) ? expect.stringContaining('trigger') : null,
            triggers: [`${database}.${name}`],
          },
        });
        expect(asked).toMatchObject({ database });
        expect(asked.preview).toMatchObject({ affected: { rows: 2 } });
        expect((await updated).result?.[0].affectedRows).toBe(2);
      });
      expect(
        await target.rootRows(`SELECT * FROM ${quoteIdentifier(database)}.${quoteIdentifier(notesOf(name))}`),
      ).toEqual([7, 7].map((noted) => ({ noted })));
    }
    const recorded = await task.close();
    expect(recorded.of('forwarded').flatMap(({ given }) => given ?? [])).toEqual(
      expect.arrayContaining(
        places.filter(({ name }) => !isLost(name)).map(({ name, database }) => `UPDATE ON ${database}.${name}`),
      ),
    );
    expect(await tracesOf(target, task.connection.username)).toEqual(NOTHING_LEFT);
  }, 90_000);

  test('a grant on single tables reaches those, and no others', async () => {
    const access = places.map(({ name, database }) => ({ database, tables: [name], privileges: ['SELECT' as const] }));
    const task = await openTask(broker(), target, { access });
    await withMysql2(task.login, async (client) => {
      for (const { name, database } of places) {
        const reads = (table: string) =>
          outcomeOf(client.query(`SELECT * FROM ${quoteIdentifier(database)}.${quoteIdentifier(table)}`));
        expect((await reads(name)).error).toBeUndefined();
        expect((await reads(notesOf(name))).error).toBeDefined();
      }
    });
    await task.close();
  });
});

/** A name of a run's own whose pattern, in which some signs are escaped, has 64 characters at most. */
function databaseFor(name: string, run: string): string {
  return `${name.slice(0, 64 - run.length - name.replaceAll(/[^_%\\]/g, '').length)}${run}`;
}

function schemaOf(name: string, database: string): readonly string[] {
  const on = quoteIdentifier(database);
  const [table, notes, view] = [name, notesOf(name), viewOf(name)].map(quoteIdentifier);
  return [
    `CREATE DATABASE ${on} CHARACTER SET utf8mb4`,
    `CREATE TABLE ${on}.${table} (id INT PRIMARY KEY, ${table} INT NOT NULL)`,
    `INSERT INTO ${on}.${table} VALUES (1, 0), (2, 0), (3, 0)`,
    `CREATE TABLE ${on}.${notes} (noted INT)`,
    `CREATE TRIGGER ${on}.${table} AFTER UPDATE ON ${on}.${table} FOR EACH ROW INSERT INTO ${on}.${notes} VALUES (NEW.${table})`,
    `CREATE VIEW ${on}.${view} AS SELECT id, ${table} FROM ${on}.${table} WHERE id < 3`,
  ];
}

function notesOf(name: string): string {
  return `${name.slice(0, -1)}~`;
}

function viewOf(name: string): string {
  return `${name.slice(0, -1)}^`;
}
