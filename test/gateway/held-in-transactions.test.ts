import { setTimeout as delay } from 'node:timers/promises';
import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { approvalsOf, decide, lookAtApproval, outcomeOf, seeHeld, type Outcome } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import type { Task } from '../support/task.js';
import { HELD_POLICIES, useHeldShop } from './held-shop.js';

const broker = useSharedBroker(HELD_POLICIES);

describe.each(engines())('in an open transaction on $flavour $version', (engine) => {
  const shop = useHeldShop(broker, engine);
  beforeAll(async () => {
    if (engine.flavour === 'mariadb') return;
    const { target } = shop();
    await target.root(`GRANT SELECT ON performance_schema.* TO ${target.provisioner.quoted}`);
  });

  const update = (client: Connection, table: string): Promise<Outcome<number>> =>
    outcomeOf(
      client
        .query<ResultSetHeader>(`UPDATE ${table} SET runs = runs + 1 WHERE id = 1`)
        .then(([{ affectedRows }]) => affectedRows),
    );

  /** Whether the session has a transaction open, by what it sees: its own snapshot, or what others have committed since. */
  const isOpen = async (client: Connection): Promise<boolean> => {
    const [rows] = await client.query<RowDataPacket[]>('SELECT note FROM gone WHERE id = 3');
    const note = `${Math.random()}`;
    await shop().target.root(`UPDATE gone SET note = '${note}' WHERE id = 3`);
    const [later] = await client.query<RowDataPacket[]>('SELECT note FROM gone WHERE id = 3');
    return later[0]?.['note'] === rows[0]?.['note'];
  };

  /** A session that has changed `orders` once, approved, and committed nothing. */
  const inTransaction = async (work: (client: Connection, task: Task) => Promise<void>): Promise<Task> => {
    const task = await shop().newTask();
    await withMysql2(task.login, async (client) => {
      await client.query('START TRANSACTION');
      const changed = update(client, 'orders');
      const { id } = await seeHeld(broker(), task.id);
      await decide(broker(), id, { decision: 'approve' });
      expect(await changed).toEqual({ result: 1 });
      await work(client, task);
    });
    return task;
  };

  test('it waits for a while, and the approver sees what it locks and who waits', async () => {
    await inTransaction(async (client, task) => {
      const sent = update(client, 'patient');
      await decide(broker(), (await seeHeld(broker(), task.id)).id, { decision: 'approve' });
      expect(await sent).toEqual({ result: 1 });
      // Somebody else wants the row that this transaction has changed.
      const blocked = withMysql2({ ...rootLogin(engine), database: shop().target.database }, (other) =>
        other.query('UPDATE orders SET note = 1 WHERE id = 1'),
      );
      // MariaDB makes this list again only when nobody has read it for a tenth of a second, and previews read it too.
      await expect
        .poll(
          () =>
            shop().target.rootRows(
              "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE 'UPDATE orders SET note%'",
            ),
          { interval: 200 },
        )
        .toHaveLength(1);
      const deleted = outcomeOf(client.query<ResultSetHeader>('DELETE FROM orders WHERE id = 2'));
      const asked = await seeHeld(broker(), task.id, { withPreview: true });
      await decide(broker(), asked.id, { decision: 'approve' });
      expect((await deleted).error).toBeUndefined();
      await client.query('ROLLBACK');
      await blocked;
      expect(asked).toMatchObject({
        inTransaction: true,
        preview: { affected: { kind: 'unknown', why: expect.stringContaining('transaction') } },
      });
      expect(asked.preview).toMatchObject({
        locks: {
          held: expect.arrayContaining([
            expect.stringMatching(engine.flavour === 'mariadb' ? /row locks/ : /orders: /),
          ]),
          waiting: 1,
        },
      });
      expect(await shop().runs('orders')).toBe(0);
      expect(await shop().target.rootRows('SELECT id FROM orders')).toHaveLength(3);
    });
  });

  test('denied, the transaction goes on', async () => {
    await inTransaction(async (client, task) => {
      const sent = update(client, 'patient');
      await decide(broker(), (await seeHeld(broker(), task.id)).id, { decision: 'deny', reason: 'no' });
      expect((await sent).error?.message).toMatch(/The transaction is still open\..*\(statement_denied_by_approver\)$/);
      expect(await isOpen(client)).toBe(true);
      await client.query('COMMIT');
      expect([await shop().runs('orders'), await shop().runs('patient')]).toEqual([1, 0]);
    });
  });

  /** Somebody else wants the row that the transaction has changed, and waits for it until it comes. */
  const waitForRow = (): Promise<unknown> =>
    withMysql2({ ...rootLogin(engine), database: shop().target.database }, (other) =>
      other.query('UPDATE orders SET note = 1 WHERE id = 1'),
    );

  test('it waits as anywhere else as long as nobody waits for its locks', async () => {
    await inTransaction(async (client, { id: grant }) => {
      const sent = update(client, 'patient');
      const asked = await seeHeld(broker(), grant);
      await delay(4_000); // four times what others may wait
      await decide(broker(), asked.id, { decision: 'approve' });
      expect(await sent).toEqual({ result: 1 });
      await client.query('COMMIT');
      expect([await shop().runs('orders'), await shop().runs('patient')]).toEqual([1, 1]);
    });
  });

  test('others wait for its locks no longer than the policy says; then all is rolled back, and the question stays', async () => {
    const task = await inTransaction(async (client, { id: grant }) => {
      const sent = update(client, 'patient');
      const asked = await seeHeld(broker(), grant);
      await waitForRow();
      const { error } = await sent;
      expect(error?.errno).toBe(1213);
      expect(error?.message).toMatch(
        /rolled back the transaction.*did not run\. Other sessions waited for its locks for 1 s/,
      );
      expect(error?.message).toContain(`approval ${asked.id} still waits for people`);
      expect(error?.message).toMatch(
        /Begin the transaction again from its first statement\. \(transaction_rolled_back\)$/,
      );
      expect(await isOpen(client)).toBe(false);
      expect([await shop().runs('orders'), await shop().runs('patient')]).toEqual([0, 0]);
      await decide(broker(), asked.id, { decision: 'approve' });
      // Sent again on its own it uses what was decided.
      expect(await update(client, 'patient')).toEqual({ result: 1 });
      expect(await shop().runs('patient')).toBe(1);
      expect(await lookAtApproval(broker(), asked.id)).toMatchObject({ uses: 1 });
    });
    expect((await task.close()).of('approval.decided').map(({ outcome }) => outcome)).toEqual([
      'approved',
      'abandoned',
      'approved',
    ]);
  });

  test('a transaction that idles is rolled back once others have waited for its locks, and its client is told so', async () => {
    await inTransaction(async (client, { id: grant }) => {
      const ran = update(client, 'patient');
      await decide(broker(), (await seeHeld(broker(), grant)).id, { decision: 'approve' });
      expect(await ran).toEqual({ result: 1 });
      await waitForRow();
      const { error } = await outcomeOf(client.query('COMMIT'));
      expect(error?.errno).toBe(1213);
      expect(error?.message).toMatch(/Other sessions waited for its locks for 1 s.*\(transaction_rolled_back\)$/);
      expect(await isOpen(client)).toBe(false);
      expect([await shop().runs('orders'), await shop().runs('patient')]).toEqual([0, 0]);
    });
  });

  test('who may only read cannot keep others from a table: neither idle nor with a read that takes long', async () => {
    const task = await shop().newTask();
    const alter = (): Promise<unknown> => shop().target.root("ALTER TABLE guarded COMMENT = 'x'");
    await withMysql2(task.login, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT * FROM guarded');
      await alter();
      const told = await outcomeOf(client.query('SELECT 1'));
      expect(told.error?.message).toMatch(/\(transaction_rolled_back\)$/);
      expect((await outcomeOf(client.query('SELECT 1'))).error).toBeUndefined();
      await client.query('BEGIN');
      await client.query('SELECT * FROM guarded');
      const long = outcomeOf(
        client.query(
          `SELECT COUNT(*) FROM ${Array(6)
            .fill('digits')
            .map((name, at) => `${name} d${at}`)
            .join(', ')}, digits a, digits b, digits c`,
        ),
      );
      await alter();
      const ended = await long;
      const next = ended.error ?? (await outcomeOf(client.query('SELECT 1'))).error;
      expect(next?.message).toMatch(/\(transaction_rolled_back\)$/);
      await client.query('ROLLBACK');
    });
  });

  test('nobody decides: all is rolled back', async () => {
    await inTransaction(async (client, task) => {
      const { error } = await update(client, 'brief');
      expect(error?.message).toMatch(/The transaction was rolled back\..*\(approval_timed_out\)$/);
      expect(await isOpen(client)).toBe(false);
      expect([await shop().runs('orders'), await shop().runs('brief')]).toEqual([0, 0]);
      expect((await approvalsOf(broker(), task.id)).map(({ state }) => state)).toEqual(['approved', 'timed-out']);
    });
  });

  test('a policy can refuse: nobody is asked, and the transaction goes on', async () => {
    await inTransaction(async (client, task) => {
      const { error } = await update(client, 'strict');
      expect(error?.errno).toBe(1568);
      expect(error?.message).toMatch(
        /Commit or roll back, then send the statement outside a transaction\. \(statement_hold_in/,
      );
      expect(await approvalsOf(broker(), task.id)).toHaveLength(1);
      expect(await isOpen(client)).toBe(true);
      await client.query('COMMIT');
      expect(await shop().runs('orders')).toBe(1);
      const alone = update(client, 'strict');
      await decide(broker(), (await seeHeld(broker(), task.id)).id, { decision: 'approve' });
      expect(await alone).toEqual({ result: 1 });
    });
  });

  test('a policy can have it rolled back at once: the locks go, and the question stays', async () => {
    await inTransaction(async (client, task) => {
      const { error } = await update(client, 'undone');
      const asked = await seeHeld(broker(), task.id);
      expect(error?.message).toContain(`approval ${asked.id} still waits for people`);
      expect(await isOpen(client)).toBe(false);
      expect([await shop().runs('orders'), await shop().runs('undone')]).toEqual([0, 0]);
      const alone = update(client, 'undone');
      await decide(broker(), asked.id, { decision: 'approve' });
      expect(await alone).toEqual({ result: 1 });
      expect(await shop().runs('undone')).toBe(1);
    });
  });
});
