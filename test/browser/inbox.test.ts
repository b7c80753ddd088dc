import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ResultSetHeader } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { lookAtApproval, outcomeOf, seeHeld, untilApproval } from '../support/approvals.js';
import { callAs } from '../support/http.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { expectAccessible } from './support/accessible.js';
import { useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = useSharedPages(DEFAULT_POLICY_TEXT);
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
    await expect.poll(() => page.title()).toBe('Approvals · Doorwarden');
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
      await pressUntilDecided(page, 'Approve this one run');
      const outcome = await held;
      expect(outcome.result?.[0].affectedRows).toBe(1);
      await page.getByText('Nothing else waits for you.').waitFor();
      await untilApproval(pages.broker(), id, 'approved');
      await expect.poll(() => page.title()).toBe('Approvals · Doorwarden');
      await shoot(page, 'approval-approved', { whole: true });
    });
    expect(await target.rootRows('SELECT status FROM orders WHERE id = 1')).toEqual([{ status: 'shipped' }]);
  });

  it('let it be denied with a reason, which the client reads word for word', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    await holding(async (client) => {
      const held = outcomeOf(client.query('DELETE FROM orders'));
      const { id } = await seeHeld(pages.broker(), task.id, { withPreview: true });
      await page.getByRole('heading', { level: 2, name: /DELETE .*orders: all 3 rows/ }).waitFor();
      await canDecide(page);
      await page.keyboard.press('d');
      const reason = page.getByRole('textbox', { name: /^Reason/ });
      await reason.and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByText('Say why: the agent reads it.').waitFor();
      expect((await lookAtApproval(pages.broker(), id)).state).toBe('pending');
      await page.getByRole('button', { name: 'Ask again with WHERE' }).click();
      await reason.focus();
      await pressUntilDecided(page, 'Deny it');
      const { error } = await held;
      expect(error?.message).toContain('Ask again with WHERE');
      await page.getByText('What the agent is told, word for word').waitFor();
      expect(await page.locator('blockquote').textContent()).toBe(error?.message);
    });
  });

  it('let two people decide at once, and take one decision', async () => {
    const other = await newApprover('bea');
    const here = await pages.as('approver', { path: '/inbox' });
    const there = await pages.signedIn(other, { path: '/inbox' });
    await holding(async (client) => {
      const held = outcomeOf(client.query<ResultSetHeader>("UPDATE orders SET note = 'once' WHERE id = 2"));
      const { id } = await seeHeld(pages.broker(), task.id, { withPreview: true });
      for (const page of [here, there]) {
        await canDecide(page);
        await page.keyboard.press('a');
        await page.getByRole('radio').first().and(page.locator(':focus')).waitFor();
      }
      await Promise.all([here, there].map((page) => pressUntilDecided(page, 'Approve this one run')));
      expect((await held).result?.[0].affectedRows).toBe(1);
      for (const page of [here, there]) await page.getByText('Nothing else waits for you.').waitFor();
      pages.forgive(/409/);
      expect((await untilApproval(pages.broker(), id, 'approved')).decisions).toHaveLength(1);
    });
  });

  it('take an approval back until it is used', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    const without = await openTask(pages.broker(), target, { onHold: 'error' });
    await withMysql2(without.login, async (client) => {
      await outcomeOf(client.query("UPDATE orders SET note = 'later' WHERE id = 3"));
    });
    const { id } = await seeHeld(pages.broker(), without.id, { withPreview: true });
    await page.goto(`/approvals/${id}`);
    await page.getByText('The client has gone; approved, it runs when the same statement is sent again.').waitFor();
    await canDecide(page);
    await page.keyboard.press('a');
    await page.getByRole('radio').first().and(page.locator(':focus')).waitFor();
    await pressUntilDecided(page, 'Approve this one run');
    await page.getByText('It was not used yet.').waitFor();
    await page.getByRole('button', { name: 'Take my approval back…' }).click();
    await page.getByRole('textbox', { name: /^Reason/ }).fill('I read the wrong row');
    await page.getByRole('button', { name: 'Take it back', exact: true }).click();
    await page.getByText('approved and took it back').waitFor();
    await untilApproval(pages.broker(), id, 'withdrawn');
    await shoot(page, 'approval-withdrawn', { whole: true });
  });

  it('keep what was typed while the api is gone, and let nobody decide until it is back', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    await holding(async (client) => {
      const held = outcomeOf(client.query("UPDATE orders SET note = 'gone' WHERE id = 2"));
      await seeHeld(pages.broker(), task.id, { withPreview: true });
      await canDecide(page);
      await page.keyboard.press('d');
      const reason = page.getByRole('textbox', { name: /^Reason/ });
      await reason.fill('This was typed before');
      pages.forgive(/ERR_|Failed to load resource|net::/);
      await pages.broker().kill('api');
      await page.getByText(/^Disconnected since \d\d:\d\d:\d\d\. /).waitFor();
      await page.getByText('The connection is gone: nobody can decide until it is back.').waitFor();
      expect(await page.getByRole('button', { name: /^Deny it/ }).isDisabled()).toBe(true);
      await shoot(page, 'inbox-disconnected');
      await pages.broker().restart('api');
      await page.getByText('Live', { exact: true }).waitFor();
      expect(await reason.inputValue()).toBe('This was typed before');
      await reason.focus();
      await pressUntilDecided(page, 'Deny it');
      expect((await held).error?.message).toContain('This was typed before');
    });
  });

  it('show all that was asked before, with answers and reasons, and save it as a file', async () => {
    const page = await pages.as('reviewer', { path: '/inbox?view=history' });
    await page
      .getByRole('row', { name: /Denied.*DELETE/ })
      .getByText('Ask again with WHERE')
      .waitFor();
    await page.getByText('You see what waits. Deciding takes the role approver.').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
    const text = await readFile(await file.path(), 'utf8');
    expect(text).toMatch(/denied/);
    expect(text).toContain('Ask again with WHERE');
    await expectAccessible(page);
    await shoot(page, 'inbox-history');
  });
});

/**
 * Decides by the keys, as somebody does whose question changes under their hands: until then the keys do nothing for a moment.
 */
async function pressUntilDecided(page: Page, button: string): Promise<void> {
  const confirm = page.getByRole('button', { name: new RegExp(`^${button}`) });
  await vi.waitFor(
    async () => {
      await page.keyboard.press('Control+Enter');
      await confirm.waitFor({ state: 'hidden', timeout: 1_000 });
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** Buttons act a moment after a question has changed, and while it is live. */
async function canDecide(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Approve…/ })
    .and(page.locator(':enabled'))
    .waitFor();
}

async function newApprover(name: string): Promise<string> {
  const body = { name, kind: 'user', roles: ['approver'] };
  const answer = await callAs(pages.broker(), 'operator', { method: 'POST', path: '/v1/principals', body });
  expect(answer.status).toBe(201);
  return name;
}
