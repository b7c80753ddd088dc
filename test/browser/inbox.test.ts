import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResultSetHeader } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { outcomeOf, seeHeld, untilApproval } from '../support/approvals.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = usePages({ policies: DEFAULT_POLICY_TEXT });
let target: TestTarget;
let task: Task;

beforeAll(async () => {
  target = await makeTarget(pages.broker(), servers().mariadb, {
    database: `shop_${Date.now()}`,
    schema: [
      'CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(40), note TEXT)',
      "INSERT INTO orders VALUES (1, 'new', 'a'), (2, 'new', 'b'), (3, 'paid', NULL)",
    ],
    registration: { labels: { env: 'prod' } },
  });
  task = await openTask(pages.broker(), target);
});
afterAll(() => target?.drop());

/** Ends the client at once when a test fails: a client that waits for its answer would wait for ours. */
function holding<T>(work: (client: Connection) => Promise<T>): Promise<T> {
  return withMysql2(task.login, async (client) => {
    try {
      return await work(client);
    } catch (error) {
      client.destroy();
      throw error;
    }
  });
}

describe('the inbox and its questions', () => {
  it('say that nothing waits', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    await page.getByText('Nothing waits for you.').waitFor();
    expect(await page.title()).toBe('Approvals · Doorwarden');
    await shoot(page, 'inbox-empty');
  });

  it('let a statement of a real client be approved by the keyboard alone, with what came of it', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    await page.getByText('Live').waitFor();
    await holding(async (client) => {
      const held = outcomeOf(client.query<ResultSetHeader>("UPDATE orders SET status = 'shipped' WHERE id = 1"));
      const { id } = await seeHeld(pages.broker(), task.id, { withPreview: true });
      await expect.poll(() => page.title()).toBe('(1) Approvals · Doorwarden');
      await page.getByRole('heading', { level: 2, name: /UPDATE .*orders: 1 row of 3 changes/ }).waitFor();
      await shoot(page, 'inbox-one');
      await page.keyboard.press('o');
      await page.waitForURL(`**/approvals/${id}`);
      await page.getByRole('heading', { level: 1, name: /1 row of 3 changes/ }).waitFor();
      await page
        .getByRole('button', { name: /^Approve…/ })
        .and(page.locator(':enabled'))
        .waitFor();
      await page.keyboard.press('a');
      await page
        .getByRole('radio', { name: /This one run, at most 1 row/ })
        .and(page.locator(':focus:checked'))
        .waitFor();
      await page.getByRole('button', { name: /Approve this one run \(at most 1 row\)/ }).waitFor();
      await page.keyboard.press('Enter'); // alone it decides nothing
      await shoot(page, 'approval-deciding');
      await page.keyboard.press('Control+Enter');
      const outcome = await held;
      expect(outcome.result?.[0].affectedRows).toBe(1);
      await page.getByText('Nothing else waits for you.').waitFor();
      await untilApproval(pages.broker(), id, 'approved');
      await expect.poll(() => page.title()).toBe('Approvals · Doorwarden');
      await shoot(page, 'approval-approved', { whole: true });
    });
    expect(await target.rootRows('SELECT status FROM orders WHERE id = 1')).toEqual([{ status: 'shipped' }]);
  });
});
