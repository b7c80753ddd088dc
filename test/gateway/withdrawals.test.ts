import { describe, expect, test, vi } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import {
  approvalsOf,
  decide,
  decideHeld,
  lookAtApproval,
  outcomeOf,
  seeHeld,
  tryWithdraw,
  withdraw,
  withNewApprover,
} from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { problemOf } from '../support/http.js';
import { openTask } from '../support/task.js';
import { HELD_POLICIES, send, useHeldShop } from './held-shop.js';

const broker = useSharedBroker(HELD_POLICIES);

/** Longer than it takes on a busy machine. */
const SOON = { timeout: 45_000 };
const UPDATE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';
const PAIRED = 'UPDATE paired SET runs = runs + 1 WHERE id = 1';
const TOLD = /took the approval back.*Approval \w+: Wrong table\..*\(approval_withdrawn\)$/;

describe.each(engines())('on $flavour $version, an approval that is taken back', (engine) => {
  const shop = useHeldShop(broker, engine);

  test('before its statement was sent again refuses every retry with the reason, and the recording has it', async () => {
    const task = await openTask(broker(), shop().target, { ttlSeconds: 300, onHold: 'error' });
    expect((await send(task, UPDATE)).error?.message).toMatch(/\(statement_held\)$/);
    const { id } = await decideHeld(broker(), task.id, { decision: 'approve' });
    const before = await shop().runs('orders');
    expect(await withdraw(broker(), id, { reason: 'Wrong table' })).toMatchObject({
      state: 'withdrawn',
      decisions: [],
      withdrawals: [{ principal: 'test-approver', reason: 'Wrong table' }],
      canWithdraw: { allowed: false, code: 'approval_withdrawn' },
    });
    const first = await send(task, UPDATE);
    expect(first.error).toMatchObject({ errno: 1227, message: expect.stringMatching(TOLD) });
    expect((await send(task, UPDATE)).error?.message).toBe(first.error?.message);
    expect(await shop().runs('orders')).toBe(before);
    const { told } = await lookAtApproval(broker(), id);
    expect(told.find(({ isNow }) => isNow)).toMatchObject({ code: 'approval_withdrawn', text: first.error?.message });
    const recorded = await task.close();
    expect(recorded.of('forwarded')).toEqual([]);
    expect(recorded.of('approval.decided').slice(-2)).toMatchObject(
      [1, 2].map(() => ({
        outcome: 'withdrawn',
        decisions: [],
        withdrawals: [
          { by: 'test-approver', reason: 'Wrong table', withdrawnWith: expect.stringContaining('api-key:') },
        ],
      })),
    );
  });

  test('while it waits for its turn does not run: its client, which waits, is told the reason', async () => {
    const task = await shop().newTask();
    const first = await RawClient.logIn(task.login);
    first.command(COM_QUERY, UPDATE);
    const { id: running } = await seeHeld(broker(), task.id);
    const second = outcomeOf(
      withMysql2(task.login, (client) => client.query('UPDATE patient SET runs = runs + 1 WHERE id = 1')),
    );
    const waiting = await vi.waitFor(async () => {
      const pending = await approvalsOf(broker(), task.id, 'pending');
      const found = pending.find(({ id }) => id !== running);
      if (found === undefined) throw new Error('The second is not held yet');
      return found.id;
    }, SOON);
    await withMysql2({ ...rootLogin(engine), database: shop().target.database }, async (root) => {
      await root.query('START TRANSACTION');
      await root.query('SELECT * FROM orders WHERE id = 1 FOR UPDATE');
      await decide(broker(), running, { decision: 'approve' });
      await vi.waitFor(async () => {
        const [rows] = await root.query(
          "SELECT 1 FROM information_schema.processlist WHERE DB = DATABASE() AND INFO LIKE 'UPDATE orders %'",
        );
        expect(rows).toHaveLength(1);
      }, SOON);
      // It needs what the first has not, so it waits until the first is over.
      await decide(broker(), waiting, { decision: 'approve' });
      await withdraw(broker(), waiting, { reason: 'Wrong table' });
      await root.query('ROLLBACK');
      expect((await second).error).toMatchObject({ errno: 1227, message: expect.stringMatching(TOLD) });
    });
    expect((await first.response(COM_QUERY)).results).toMatchObject([{ kind: 'ok', affectedRows: 1 }]);
    expect(await shop().runs('patient')).toBe(0);
    first.end();
    const recorded = await task.close();
    expect(recorded.of('approval.decided').at(-1)).toMatchObject({ outcome: 'withdrawn' });
    expect(recorded.of('forwarded')).toHaveLength(1);
  });

  test('before others have approved leaves its client waiting, and counts for nothing', async () => {
    const task = await shop().newTask();
    const sent = send(task, PAIRED);
    const { id } = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(await withdraw(broker(), id, { reason: 'Too early' })).toMatchObject({ state: 'pending', decisions: [] });
    const others = await withNewApprover(broker());
    expect(await decide(others, id, { decision: 'approve' })).toMatchObject({ state: 'pending' });
    expect((await seeHeld(broker(), task.id)).clientWaits).toBe(true);
    await decide(broker(), id, { decision: 'approve' });
    expect(await sent).toEqual({ result: 1 });
    const recorded = await task.close();
    expect(recorded.of('approval.decided')).toMatchObject([
      { outcome: 'approved', withdrawals: [{ by: 'test-approver', reason: 'Too early' }] },
    ]);
  });

  test('after it was used is refused, and what ran stands', async () => {
    const task = await shop().newTask();
    const sent = send(task, UPDATE);
    const { id } = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(await sent).toEqual({ result: 1 });
    const refused = problemOf(await tryWithdraw(broker(), id, { reason: 'Too late' }));
    expect(refused).toMatchObject({ status: 409, code: 'approval_already_used' });
    expect(await lookAtApproval(broker(), id)).toMatchObject({ state: 'approved', uses: 1, withdrawals: [] });
    await task.close();
  });
});
