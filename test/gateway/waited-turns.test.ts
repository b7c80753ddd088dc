import type { Connection } from 'mysql2/promise';
import { describe, expect, test, vi } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { decide, decideHeld, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { putPolicy } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { HELD_POLICIES, useHeldShop } from './held-shop.js';

const broker = useSharedBroker(HELD_POLICIES);

/** Longer than it takes on a busy machine. */
const SOON = { timeout: 45_000 };

/** Puts the policies in place of the default ones, and waits until the gateway judges by them. */
async function inForce(text: string): Promise<void> {
  const taken = (): number => broker().logs('gateway').split('"policies in force"').length;
  const before = taken();
  await putPolicy(broker(), text);
  await vi.waitFor(() => expect(taken()).toBeGreaterThan(before), SOON);
}

const NO_SECRETS = `${HELD_POLICIES}
@id("no-secrets")
@why("Nobody reads this any more.")
forbid (principal, action == Action::"read", resource is Table) when { resource.name == "gone" };
`;

describe.each(engines())('on $flavour $version', (engine) => {
  const shop = useHeldShop(broker, engine);

  const asRoot = <T>(use: (root: Connection) => Promise<T>): Promise<T> =>
    withMysql2({ ...rootLogin(engine), database: shop().target.database }, use);

  test('a statement that waited for its turn is judged by the policies that are in force then', async () => {
    const task = await shop().newTask();
    const [changing, reading] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    await asRoot(async (root) => {
      await root.query('START TRANSACTION');
      await root.query('SELECT * FROM orders WHERE id = 1 FOR UPDATE');
      changing.command(COM_QUERY, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
      await decideHeld(broker(), task.id, { decision: 'approve' });
      await vi.waitFor(async () => {
        const [rows] = await root.query(
          "SELECT 1 FROM information_schema.processlist WHERE DB = DATABASE() AND INFO LIKE 'UPDATE orders %'",
        );
        expect(rows).toHaveLength(1);
      }, SOON);
      reading.command(COM_QUERY, 'SELECT id FROM gone');
      try {
        await inForce(NO_SECRETS);
        await root.query('ROLLBACK');
        expect((await reading.response(COM_QUERY)).error?.message).toMatch(
          /Nobody reads this any more.*\(statement_denied\)$/,
        );
      } finally {
        await inForce(HELD_POLICIES);
      }
    });
    expect((await changing.response(COM_QUERY)).results).toMatchObject([{ kind: 'ok', affectedRows: 1 }]);
  });

  test('a row limit holds when an error has ended the transaction of its session', async () => {
    const task = await shop().newTask();
    const client = await RawClient.logIn(task.login);
    const approved = async (statement: string, rowsMax: number) => {
      client.command(COM_QUERY, statement);
      const { id } = await seeHeld(broker(), task.id);
      await decide(broker(), id, { decision: 'approve', scope: { kind: 'once', rowsMax } });
    };
    await client.query('START TRANSACTION');
    await approved('UPDATE orders SET runs = runs + 1 WHERE id = 1', 1);
    await client.response(COM_QUERY);
    await asRoot(async (root) => {
      await root.query('START TRANSACTION');
      await root.query('UPDATE brief SET runs = runs + 1');
      await root.query('UPDATE orders SET runs = runs + 1 WHERE id = 2');
      await approved('UPDATE orders SET runs = runs + 1 WHERE id = 2', 1);
      await vi.waitFor(async () => {
        const [rows] = await root.query(
          "SELECT 1 FROM information_schema.processlist WHERE DB = DATABASE() AND INFO LIKE 'UPDATE orders %'",
        );
        expect(rows).toHaveLength(1);
      }, SOON);
      await root.query('UPDATE orders SET runs = runs + 1 WHERE id = 1'); // the client is the victim
      expect((await client.response(COM_QUERY)).error?.errno).toBe(1213);
      await root.query('ROLLBACK');
    });
    await approved('UPDATE orders SET runs = runs + 1 WHERE id < 10 AND ROW_COUNT() < 100', 1);
    expect((await client.response(COM_QUERY)).error?.message).toMatch(/\(rows_over_approved\)$/);
    expect(await shop().runs('orders', 3)).toBe(0);
  });

  /** Waits until statements of this text run at the target. */
  const seeRunning = (text: string): Promise<void> =>
    vi.waitFor(async () => {
      const rows = await shop().target.rootRows(
        `SELECT 1 FROM information_schema.processlist WHERE DB = DATABASE() AND INFO LIKE '${text}%'`,
      );
      expect(rows).toHaveLength(1);
    }, SOON);

  test('one slow approved read that lends nothing does not stop the approved changes of other sessions', async () => {
    const task = await shop().newTask();
    const [slow, changing] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    let isOver = false;
    slow.command(COM_QUERY, 'SELECT SLEEP(25)');
    const ended = slow.response(COM_QUERY).finally(() => (isOver = true));
    await decideHeld(broker(), task.id, { decision: 'approve' });
    await seeRunning('SELECT SLEEP');
    changing.command(COM_QUERY, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
    const asked = await seeHeld(broker(), task.id);
    await decide(broker(), asked.id, { decision: 'approve' });
    expect((await changing.response(COM_QUERY)).results).toMatchObject([{ kind: 'ok', affectedRows: 1 }]);
    expect(isOver).toBe(false);
    await task.close();
    await ended.catch(() => undefined);
  });

  test('the statement that holds the turn is named to anyone who decides about the next one', async () => {
    const task = await shop().newTask();
    const [changing, next] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    await asRoot(async (root) => {
      await root.query('START TRANSACTION');
      await root.query('SELECT * FROM orders WHERE id = 1 FOR UPDATE');
      changing.command(COM_QUERY, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
      await decideHeld(broker(), task.id, { decision: 'approve' });
      await seeRunning('UPDATE orders');
      next.command(COM_QUERY, 'UPDATE patient SET runs = runs + 1 WHERE id = 1');
      const { why, id } = await seeHeld(broker(), task.id);
      expect(why).toMatch(
        /statement \d+ of session \d+ \(update .+\.orders\) was running\. After the approval this statement may have to wait for it/,
      );
      await decide(broker(), id, { decision: 'approve' });
      await root.query('ROLLBACK');
    });
    expect((await changing.response(COM_QUERY)).results).toMatchObject([{ affectedRows: 1 }]);
    expect((await next.response(COM_QUERY)).results).toMatchObject([{ affectedRows: 1 }]);
  });

  test('two transactions of one grant that wait for each other: one is rolled back at once as a deadlock', async () => {
    if (engine.flavour === 'mysql') {
      await shop().target.root(`GRANT SELECT ON performance_schema.* TO ${shop().target.provisioner.quoted}`);
    }
    const task = await shop().newTask();
    const [first, second] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    const approved = async (client: RawClient, statement: string): Promise<void> => {
      client.command(COM_QUERY, statement);
      await decideHeld(broker(), task.id, { decision: 'approve' });
    };
    for (const client of [first, second]) await client.query('START TRANSACTION');
    await approved(first, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
    await first.response(COM_QUERY);
    await approved(second, 'UPDATE orders SET runs = runs + 10 WHERE id = 1'); // waits for the first one's row
    await seeRunning('UPDATE orders');
    await approved(first, 'UPDATE orders SET runs = runs + 1 WHERE id = 2'); // waits for the second one's turn
    const { error } = await first.response(COM_QUERY);
    expect(error).toMatchObject({ errno: 1213, sqlState: '40001' });
    expect(error?.message).toMatch(
      /It waited for statement \d+ of session \d+ \(update .+\.orders\), and that one waits for locks of this transaction/,
    );
    expect((await second.response(COM_QUERY)).results).toMatchObject([{ affectedRows: 1 }]);
    await second.query('COMMIT');
    expect([await shop().runs('orders', 1), await shop().runs('orders', 2)]).toEqual([10, 0]);
  });
});
