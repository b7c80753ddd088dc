import type { ResultSetHeader } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import {
  approvalsOf,
  decide,
  decideHeld,
  lookAtApproval,
  outcomeOf,
  seeHeld,
  type Outcome,
} from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { send, useHeldShop, HELD_POLICIES } from './held-shop.js';
import { statementAsked } from '../support/statement-asked.js';

const broker = useSharedBroker(HELD_POLICIES);

const ONE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';
const ALL_THREE = 'UPDATE orders SET runs = runs + 1 WHERE id < 10';

/** Only MariaDB has sequences, and defaults that count on them. */
const NUMBERED = [
  'CREATE SEQUENCE numbers NOCACHE',
  'CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT NEXTVAL(numbers), note VARCHAR(20))',
];

describe.each(engines())('on $flavour $version', (engine) => {
  const shop = useHeldShop(broker, engine, () => ({
    schema: [
      'CREATE TABLE old_style (id INT PRIMARY KEY, runs INT NOT NULL DEFAULT 0) ENGINE=MyISAM',
      'INSERT INTO old_style (id) VALUES (1), (2)',
      'CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(20) UNIQUE)',
      ...(engine.flavour === 'mariadb' ? NUMBERED : []),
    ],
  }));

  const change = (client: Connection, statement: string): Promise<Outcome<number>> =>
    outcomeOf(client.query<ResultSetHeader>(statement).then(([{ affectedRows }]) => affectedRows));
  const allRuns = async (): Promise<readonly unknown[]> =>
    (await shop().target.rootRows('SELECT runs FROM orders ORDER BY id')).map(({ runs }) => runs);
  const once = (rowsMax: number) => ({ decision: 'approve' as const, scope: { kind: 'once' as const, rowsMax } });
  const shape = (runsMax: number, rowsMax: number | null = null) => ({
    decision: 'approve' as const,
    scope: { kind: 'shape' as const, runsMax, rowsMax },
  });

  describe('a row limit', () => {
    test('lets a statement change as many rows as were approved', async () => {
      const task = await shop().newTask();
      const sent = send(task, ALL_THREE);
      await decideHeld(broker(), task.id, once(3));
      expect(await sent).toEqual({ result: 3 });
      expect(await allRuns()).toEqual([1, 1, 1]);
      expect((await task.close()).of('forwarded')).toMatchObject([{ body: { rowsMax: 3 } }]);
    });

    test('undoes a statement that changes more, says so, and is used up by it', async () => {
      const task = await shop().newTask();
      const sent = send(task, ALL_THREE);
      const { id } = await decideHeld(broker(), task.id, once(2));
      const { error } = await sent;
      expect(error?.message).toContain('It changed 3 rows, and 2 were approved.');
      expect(error?.message).toMatch(/\(rows_over_approved\)$/);
      expect(await allRuns()).toEqual([0, 0, 0]);
      expect(await lookAtApproval(broker(), id)).toMatchObject({ uses: 1, usesMax: 1 });
      const again = send(task, ALL_THREE);
      await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(await again).toEqual({ result: 3 });
      const recorded = await task.close();
      expect(recorded.statements.map(({ result }) => result?.outcome)).toEqual(['error', 'ok']);
    });

    test('counts the rows that matched, not only those that had another value', async () => {
      const task = await shop().newTask();
      const sent = send(task, 'UPDATE orders SET runs = 0 WHERE id < 10');
      await decideHeld(broker(), task.id, once(1));
      expect((await sent).error?.message).toContain('It changed 3 rows, and 1 were approved.');
    });

    test('undoes inside a transaction no more than the statement', async () => {
      const task = await shop().newTask();
      await withMysql2(task.login, async (client) => {
        await client.query('START TRANSACTION');
        const first = change(client, ONE);
        await decideHeld(broker(), task.id, once(1));
        expect(await first).toEqual({ result: 1 });
        const over = change(client, ALL_THREE);
        await decideHeld(broker(), task.id, once(2));
        expect((await over).error?.message).toMatch(/\(rows_over_approved\)$/);
        await client.query('COMMIT');
      });
      expect(await allRuns()).toEqual([1, 0, 0]);
    });

    test('holds without autocommit, and leaves the transaction to the client', async () => {
      const task = await shop().newTask();
      await withMysql2(task.login, async (client) => {
        await client.query('SET autocommit = 0');
        const over = change(client, ALL_THREE);
        await decideHeld(broker(), task.id, once(2));
        expect((await over).error?.message).toMatch(/\(rows_over_approved\)$/);
        const within = change(client, ONE);
        await decideHeld(broker(), task.id, once(1));
        expect(await within).toEqual({ result: 1 });
        expect(await allRuns()).toEqual([0, 0, 0]);
        await client.query('ROLLBACK');
      });
      expect(await allRuns()).toEqual([0, 0, 0]);
    });

    test('gives the error of a statement that fails as the target said it', async () => {
      const task = await shop().newTask();
      await shop().target.root("INSERT IGNORE INTO notes (note) VALUES ('here')");
      const sent = send(task, "INSERT INTO notes (note) VALUES ('new'), ('here')");
      await decideHeld(broker(), task.id, once(2));
      expect((await sent).error).toMatchObject({ errno: 1062 });
      expect(await shop().target.rootRows("SELECT 1 FROM notes WHERE note = 'new'")).toEqual([]);
    });

    test('holds for an execution, and gives the id that was made', async () => {
      const task = await shop().newTask();
      await withMysql2(task.login, async (client) => {
        const insert = (note: string) =>
          outcomeOf(client.execute<ResultSetHeader>('INSERT INTO notes (note) VALUES (?)', [note]));
        const over = insert('none');
        await decideHeld(broker(), task.id, once(0));
        expect((await over).error?.message).toMatch(/\(rows_over_approved\)$/);
        const within = insert(`one ${engine.flavour}`);
        await decideHeld(broker(), task.id, once(1));
        const { result } = await within;
        const [row] = await shop().target.rootRows(`SELECT id FROM notes WHERE note = 'one ${engine.flavour}'`);
        expect(result?.[0].insertId).toBe(row?.['id']);
        expect(await shop().target.rootRows("SELECT id FROM notes WHERE note = 'none'")).toEqual([]);
      });
    });

    test('that cannot be kept because nothing can be rolled back: it does not run, and can be asked again', async () => {
      const task = await shop().newTask();
      const statement = 'UPDATE old_style SET runs = runs + 1 WHERE id = 1';
      const sent = send(task, statement);
      const { id } = await decideHeld(broker(), task.id, once(1));
      const { error } = await sent;
      expect(error?.message).toContain(`Approval ${id}.`);
      expect(error?.message).toMatch(/\(row_limit_impossible\)$/);
      expect(await shop().runs('old_style')).toBe(0);
      const again = send(task, statement);
      expect((await decideHeld(broker(), task.id, { decision: 'approve' })).id).not.toBe(id);
      expect(await again).toEqual({ result: 1 });
      expect(await shop().runs('old_style')).toBe(1);
    });
  });

  describe('an approval of a shape', () => {
    test('is good for as many statements of it as were approved, and no other', async () => {
      const task = await shop().newTask();
      const first = send(task, ONE);
      const { id } = await decideHeld(broker(), task.id, shape(3));
      expect(await first).toEqual({ result: 1 });
      expect(await send(task, ONE)).toEqual({ result: 1 });
      expect(await send(task, ONE.replace('= 1', '= 2'))).toEqual({ result: 1 });
      expect(await lookAtApproval(broker(), id)).toMatchObject({ uses: 3, usesMax: 3 });
      const fourth = send(task, ONE);
      const next = await decideHeld(broker(), task.id, { decision: 'deny' });
      expect(next.id).not.toBe(id);
      expect((await fourth).error?.errno).toBe(1227);
      expect(await allRuns()).toEqual([2, 1, 0]);
      expect((await task.close()).of('forwarded').map(({ approval }) => approval)).toEqual([id, id, id]);
    });

    test.each([
      ['another condition', 'UPDATE orders SET runs = runs + 1 WHERE id > 1'],
      ['none', 'UPDATE orders SET runs = runs + 1'],
      ['another table', 'UPDATE gone SET runs = runs + 1 WHERE id = 1'],
      ['another column', 'UPDATE orders SET note = runs + 1 WHERE id = 1'],
    ])('is not one of %s', async (_, statement) => {
      const task = await shop().newTask();
      const first = send(task, ONE);
      await decideHeld(broker(), task.id, shape(100));
      await first;
      const other = send(task, statement);
      const asked = await seeHeld(broker(), task.id);
      expect(asked.statement?.text).toBe(statement);
      await decide(broker(), asked.id, { decision: 'deny' });
      expect((await other).error?.errno).toBe(1227);
    });

    test('approved with a text as bound value is not one with a number, which is true of other rows', async () => {
      const task = await shop().newTask();
      await shop().target.root("INSERT INTO notes (note) VALUES ('Ada'), ('Bob'), ('Eve')");
      await withMysql2(task.login, async (client) => {
        const remove = (note: string | number) =>
          outcomeOf(
            client
              .execute<ResultSetHeader>('DELETE FROM notes WHERE note = ?', [note])
              .then(([{ affectedRows }]) => affectedRows),
          );
        const first = remove('Ada');
        await decideHeld(broker(), task.id, shape(100));
        expect(await first).toEqual({ result: 1 });
        expect(await remove('Bob')).toEqual({ result: 1 });
        const number = remove(0);
        const { statement } = await decideHeld(broker(), task.id, { decision: 'deny' });
        expect(statement?.values).toMatchObject([{ value: 0 }]);
        expect((await number).error?.message).toMatch(/\(statement_denied_by_approver\)$/);
      });
      expect(await shop().target.rootRows("SELECT note FROM notes WHERE note = 'Eve'")).toHaveLength(1);
    });

    test.each([
      ['outside of a transaction is not used inside of one', [], ['START TRANSACTION']],
      ['outside of a transaction is not used without autocommit', [], ['SET autocommit = 0']],
      ['inside of a transaction is not used outside of one', ['START TRANSACTION'], ['COMMIT']],
    ])('asked %s', async (_, before, between) => {
      const task = await shop().newTask();
      await withMysql2(task.login, async (client) => {
        for (const statement of before) await client.query(statement);
        const first = change(client, ONE);
        await decideHeld(broker(), task.id, shape(100));
        expect(await first).toEqual({ result: 1 });
        for (const statement of between) await client.query(statement);
        const other = change(client, ONE);
        await decideHeld(broker(), task.id, { decision: 'deny' });
        expect((await other).error?.errno).toBe(1227);
        await client.query('ROLLBACK');
      });
    });

    test('limits the rows of each', async () => {
      const task = await shop().newTask();
      const first = send(task, ALL_THREE);
      await decideHeld(broker(), task.id, shape(3, 2));
      expect((await first).error?.message).toMatch(/\(rows_over_approved\)$/);
      expect(await send(task, ALL_THREE.replace('10', '3'))).toEqual({ result: 2 });
      expect((await send(task, ALL_THREE)).error?.message).toMatch(/\(rows_over_approved\)$/);
      expect(await allRuns()).toEqual([1, 1, 0]);
      expect(await approvalsOf(broker(), task.id)).toHaveLength(1);
    });

    test('ends with its task', async () => {
      const task = await shop().newTask();
      const first = send(task, ONE);
      const { id } = await decideHeld(broker(), task.id, shape(100));
      await first;
      await task.close();
      expect(await lookAtApproval(broker(), id)).toMatchObject({ state: 'cancelled', uses: 1 });
      const next = await shop().newTask();
      const sent = send(next, ONE);
      expect((await decideHeld(broker(), next.id, { decision: 'deny' })).id).not.toBe(id);
      expect((await sent).error?.errno).toBe(1227);
    });
  });

  test.runIf(engine.flavour === 'mariadb')(
    'SELECT DEFAULT(column) over a sequence is no harmless read, and an approved insert may count on',
    async () => {
      const task = await shop().newTask();
      const asked = async () =>
        Number((await shop().target.rootRows('SELECT next_not_cached_value n FROM numbers'))[0]?.['n']);
      const before = await asked();
      const read = send(task, 'SELECT DEFAULT(numbered.id) FROM orders JOIN numbered');
      const { facts } = statementAsked(await decideHeld(broker(), task.id, { decision: 'deny' }));
      expect(facts.tables).toContainEqual(
        expect.objectContaining({ table: 'numbers', action: 'insert', by: 'default' }),
      );
      expect((await read).error?.errno).toBe(1227);
      expect(await asked()).toBe(before);
      const insert = send(task, "INSERT INTO numbered (note) VALUES ('one')");
      await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(await insert).toEqual({ result: 1 });
      expect(await asked()).toBe(before + 1);
      const plain = send(task, 'SELECT DEFAULT(runs) FROM orders');
      expect((await plain).error).toBeUndefined();
    },
  );
});
