import type { Connection } from 'mysql2/promise';
import { describe, expect, test, vi } from 'vitest';
import { COM_QUERY } from '../../src/wire/mysql/commands.js';
import { decide, decideHeld, seeHeld } from '../support/approvals.js';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { putPolicy } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { HELD_POLICIES, useHeldShop } from './held-shop.js';

const broker = useBroker({ policies: HELD_POLICIES });

/** Puts the policies in place of the default ones, and waits until the gateway judges by them. */
async function inForce(text: string): Promise<void> {
  const taken = (): number => broker().logs('gateway').split('"policies in force"').length;
  const before = taken();
  await putPolicy(broker(), text);
  await vi.waitFor(() => expect(taken()).toBeGreaterThan(before), { timeout: 5_000 });
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
          "SELECT 1 FROM information_schema.processlist WHERE INFO LIKE 'UPDATE orders %'",
        );
        expect(rows).toHaveLength(1);
      });
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
          "SELECT 1 FROM information_schema.processlist WHERE INFO LIKE 'UPDATE orders %'",
        );
        expect(rows).toHaveLength(1);
      });
      await root.query('UPDATE orders SET runs = runs + 1 WHERE id = 1'); // the client is the victim
      expect((await client.response(COM_QUERY)).error?.errno).toBe(1213);
      await root.query('ROLLBACK');
    });
    await approved('UPDATE orders SET runs = runs + 1 WHERE id < 10 AND ROW_COUNT() < 100', 1);
    expect((await client.response(COM_QUERY)).error?.message).toMatch(/\(rows_over_approved\)$/);
    expect(await shop().runs('orders', 3)).toBe(0);
  });
});
