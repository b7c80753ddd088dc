import mysql from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { grantDetailView } from '../../src/contracts/grants/grant.js';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { decide, decideHeld, lookAtApproval, outcomeOf, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { connectionOptions } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { bodyOf, callAs } from '../support/http.js';
import { openTask, type Task } from '../support/task.js';
import { HELD_POLICIES, send, useHeldShop } from './held-shop.js';
import { statementAsked } from '../support/statement-asked.js';

const broker = useSharedBroker(HELD_POLICIES);

/** utf8mb4_unicode_ci */
const MYSQL2_COLLATION = 224;

const UPDATE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';

const WAYS_TO_GO = [
  { way: 'closes its connection', go: (client: RawClient) => client.destroy() },
  { way: 'says that it sends no more', go: (client: RawClient) => client.end() },
  { way: 'is reset', go: (client: RawClient) => client.reset() },
];

describe.each(engines())('a held statement on $flavour $version', (engine) => {
  const shop = useHeldShop(broker, engine, () => ({
    schema: ['CREATE TABLE seen (what VARCHAR(40))', 'CREATE VIEW few AS SELECT id, runs FROM orders WHERE id < 3'],
  }));

  /** Sends it and goes away once it is asked about. Gives the question. */
  const askAndGo = async (task: Task, go = WAYS_TO_GO[0]?.go): Promise<string> => {
    // The retries come from mysql2: a session with another collation asks about another statement.
    const client = await RawClient.logIn(task.login, { collation: MYSQL2_COLLATION });
    client.command(COM_QUERY, UPDATE);
    const { id, clientWaits } = await seeHeld(broker(), task.id);
    expect(clientWaits).toBe(true);
    go?.(client);
    await expect.poll(async () => await openSessionsOf(task)).toBe(0);
    return id;
  };

  const clientOf = async (id: string): Promise<readonly unknown[]> => {
    const { state, clientWaits } = await lookAtApproval(broker(), id);
    return [state, clientWaits];
  };

  /** Sessions of the task at its target. */
  const openSessionsOf = async ({ login }: Task): Promise<number> => {
    const rows = await shop().target.rootRows(
      `SELECT 1 FROM information_schema.processlist WHERE user = '${login.user}'`,
    );
    return rows.length;
  };

  test('that is denied for a long reason tells its beginning, what to do, and the code', async () => {
    const task = await shop().newTask();
    const sent = send(task, UPDATE);
    const { id } = await decideHeld(broker(), task.id, { decision: 'deny', reason: 'reason '.repeat(140).trim() });
    const { error } = await sent;
    expect(error?.message).toContain(`Approval ${id}: reason reason `);
    expect(error?.message).toMatch(/… .+ \(statement_denied_by_approver\)$/);
    await task.close();
  });

  describe.each(WAYS_TO_GO)('whose client $way', ({ go }) => {
    test('stays a question, and a retry finds it: it runs once, and a third is asked again', async () => {
      const task = await shop().newTask();
      const id = await askAndGo(task, go);
      // The question says whether its client still waits.
      await expect.poll(() => clientOf(id)).toEqual(['pending', false]);
      const retry = send(task, UPDATE);
      await expect.poll(() => clientOf(id)).toEqual(['pending', true]);
      await decide(broker(), id, { decision: 'approve' });
      expect(await retry).toEqual({ result: 1 });
      expect(await shop().runs('orders')).toBe(1);
      const third = send(task, UPDATE);
      const next = await decideHeld(broker(), task.id, { decision: 'deny' });
      expect(next.id).not.toBe(id);
      expect((await third).error?.message).toContain(next.id);
      expect(await shop().runs('orders')).toBe(1);
      const recorded = await task.close();
      expect(recorded.of('approval.asked').map(({ approval, again }) => [approval, again])).toEqual([
        [id, false],
        [id, true],
        [next.id, false],
      ]);
      expect(recorded.of('approval.decided').map(({ outcome }) => outcome)).toEqual([
        'abandoned',
        'approved',
        'denied',
      ]);
      expect(recorded.of('forwarded')).toMatchObject([{ approval: id, session: 2 }]);
    });
  });

  test('of a grant with onHold error is answered at once with the approval, and the retry takes the decision', async () => {
    const task = await openTask(broker(), shop().target, { onHold: 'error' });
    const look = async () =>
      bodyOf(await callAs(broker(), 'agent', { method: 'GET', path: `/v1/grants/${task.id}` }), grantDetailView);
    const opened = await look();
    expect(opened).toMatchObject({ onHold: 'error', waiting: [], outlook: { holdSeconds: expect.any(Number) } });
    const [rule] = opened.outlook?.access ?? [];
    expect(rule).toMatchObject({
      runsAtOnce: expect.arrayContaining(['SELECT']),
      waits: expect.arrayContaining(['UPDATE']),
    });
    expect(opened.outlook?.words).toMatch(/Runs at once: SELECT.* Waits for a person .*UPDATE.*statement_held/s);

    const runsBefore = await shop().runs('orders');
    const first = await send(task, UPDATE);
    const { id, clientWaits } = await seeHeld(broker(), task.id);
    expect(clientWaits).toBe(false);
    expect(first.error).toMatchObject({ errno: 1105 });
    expect(first.error?.message).toContain(`approval ${id}. Wait with GET /v1/approvals/{id}`);
    expect(first.error?.message).toContain('(statement_held)');
    expect(await look()).toMatchObject({ waiting: [{ id, kind: 'statement', statementKind: 'update' }] });
    // Before the decision a retry is told the same question.
    expect((await send(task, UPDATE)).error?.message).toContain(`approval ${id}.`);
    await decide(broker(), id, { decision: 'approve' });
    expect(await shop().runs('orders')).toBe(runsBefore);
    expect(await send(task, UPDATE)).toEqual({ result: 1 });
    expect(await shop().runs('orders')).toBe(runsBefore + 1);
    expect(await look()).toMatchObject({ waiting: [] });

    // In a transaction nothing is rolled back: nobody waited in it.
    await withMysql2(task.login, async (connection) => {
      await connection.query('START TRANSACTION');
      await expect(connection.query('UPDATE orders SET runs = 9 WHERE id = 3')).rejects.toThrow('statement_held');
      const held = await seeHeld(broker(), task.id);
      await decide(broker(), held.id, { decision: 'approve' });
      await connection.query('UPDATE orders SET runs = 9 WHERE id = 3');
      await connection.query('COMMIT');
    });
    expect(await shop().runs('orders', 3)).toBe(9);
    const recorded = await task.close();
    expect(recorded.of('forwarded').filter(({ approval }) => approval === id)).toHaveLength(1);
  });

  test('says whether its client still waits, as long as one of them does, also when one is killed or gives up', async () => {
    const task = await shop().newTask();
    const collation = MYSQL2_COLLATION;
    const [first, second] = [
      await RawClient.logIn(task.login, { collation }),
      await RawClient.logIn(task.login, { collation }),
    ];
    for (const client of [first, second]) client.command(COM_QUERY, UPDATE);
    const { id } = await seeHeld(broker(), task.id);
    await expect.poll(() => openSessionsOf(task)).toBe(2);
    first.destroy();
    await expect.poll(() => openSessionsOf(task)).toBe(1);
    expect(await clientOf(id)).toEqual(['pending', true]);
    await withMysql2(task.login, (connection) => connection.query(`KILL QUERY ${second.greetedId}`));
    await expect.poll(() => clientOf(id)).toEqual(['pending', false]);
    second.destroy();
    const hurried = await mysql.createConnection(await connectionOptions(task.login));
    const running = hurried.query({ sql: UPDATE, timeout: 1_000 });
    await Promise.all([
      expect(running).rejects.toMatchObject({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' }),
      expect.poll(() => clientOf(id)).toEqual(['pending', true]),
    ]);
    hurried.destroy();
    await expect.poll(() => clientOf(id)).toEqual(['pending', false]);
    await decide(broker(), id, { decision: 'deny' });
    expect(await clientOf(id)).toEqual(['denied', null]);
    await task.end('close');
  });

  test('approved while nobody waits runs for the retry alone, at once and once', async () => {
    const task = await shop().newTask();
    const id = await askAndGo(task);
    await decide(broker(), id, { decision: 'approve' });
    expect(await shop().runs('orders')).toBe(0);
    expect(await send(task, UPDATE)).toEqual({ result: 1 });
    expect(await lookAtApproval(broker(), id)).toMatchObject({ uses: 1, usesMax: 1 });
    const third = send(task, UPDATE);
    await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await third).error?.errno).toBe(1227);
    expect(await shop().runs('orders')).toBe(1);
  });

  test('approved outside of a transaction is asked again inside of one', async () => {
    const task = await shop().newTask();
    const id = await askAndGo(task);
    await decide(broker(), id, { decision: 'approve' });
    await withMysql2(task.login, async (client) => {
      await client.query('START TRANSACTION');
      const inside = outcomeOf(client.query(UPDATE));
      expect((await decideHeld(broker(), task.id, { decision: 'deny' })).id).not.toBe(id);
      expect((await inside).error?.message).toMatch(/\(statement_denied_by_approver\)$/);
    });
    expect(await send(task, UPDATE)).toEqual({ result: 1 });
    expect(await lookAtApproval(broker(), id)).toMatchObject({ uses: 1 });
  });

  test('of other bytes is another question', async () => {
    const task = await shop().newTask();
    const first = send(task, UPDATE);
    const denied = await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await first).error?.message).toContain(denied.id);
    const other = send(task, `${UPDATE} `);
    const asked = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(asked.id).not.toBe(denied.id);
    expect(await other).toEqual({ result: 1 });
  });

  test('in another database is another question, though it names the same table', async () => {
    const task = await shop().newTask();
    const { database, ...nowhere } = task.login;
    const statement = UPDATE.replace('orders', () => `${quoteIdentifier(database)}.orders`);
    const first = send(task, statement);
    const denied = await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await first).error?.message).toContain(denied.id);
    const other = send({ login: nowhere }, statement);
    const asked = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect([asked.database, denied.database]).toEqual([null, database]);
    expect(await other).toEqual({ result: 1 });
  });

  test('of another task is another question', async () => {
    const tasks = [await shop().newTask(), await shop().newTask()];
    const ids = await Promise.all(tasks.map((task) => askAndGo(task)));
    expect(new Set(ids).size).toBe(2);
  });

  describe('that has drifted when it is approved', () => {
    /** What the statement is when it is asked about, and what is changed before it is approved. */
    const drift = async (statement: string, ...changes: readonly string[]) => {
      const task = await shop().newTask();
      const sent = send(task, statement);
      const first = await seeHeld(broker(), task.id);
      await shop().target.root(...changes);
      await decide(broker(), first.id, { decision: 'approve' });
      const second = await seeHeld(broker(), task.id);
      return { task, sent, first, second };
    };

    test('by a trigger is asked again, and shows the trigger', async () => {
      const { sent, first, second } = await drift(
        UPDATE,
        "CREATE TRIGGER orders_seen AFTER UPDATE ON orders FOR EACH ROW INSERT INTO seen VALUES ('it')",
      );
      expect(statementAsked(first).facts.triggers).toEqual([]);
      expect(statementAsked(second).facts.triggers).toEqual([`${shop().target.database}.orders_seen`]);
      expect(second.id).not.toBe(first.id);
      expect(await shop().runs('orders')).toBe(0);
      await decide(broker(), second.id, { decision: 'approve' });
      expect(await sent).toEqual({ result: 1 });
      await shop().target.root('DROP TRIGGER orders_seen');
    });

    test('by its view is asked again, and runs as nothing that was not approved', async () => {
      const { sent, first, second } = await drift(
        'UPDATE few SET runs = runs + 1 WHERE id = 1',
        'CREATE OR REPLACE VIEW few AS SELECT id, runs FROM gone',
      );
      const tables = (asked: typeof first) =>
        statementAsked(asked)
          .facts.tables.map(({ table }) => table)
          .sort();
      expect(tables(first)).toContain('orders');
      expect(tables(second)).toContain('gone');
      await decide(broker(), second.id, { decision: 'deny' });
      expect((await sent).error?.message).toContain(second.id);
      expect([await shop().runs('orders'), await shop().runs('gone')]).toEqual([0, 0]);
      await shop().target.root('CREATE OR REPLACE VIEW few AS SELECT id, runs FROM orders WHERE id < 3');
    });
  });
});
