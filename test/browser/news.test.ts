import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResultSetHeader } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { decide, outcomeOf, seeHeld } from '../support/approvals.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';
import { useSharedPages } from './support/pages.js';

const pages = useSharedPages(DEFAULT_POLICY_TEXT);
let target: TestTarget;
let task: Task;

beforeAll(async () => {
  target = await makeTarget(pages.broker(), servers().mariadb, {
    database: `news_${Date.now()}`,
    schema: [
      'CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(40))',
      "INSERT INTO orders VALUES (1, 'new'), (2, 'new'), (3, 'paid')",
    ],
    registration: { labels: { env: 'prod' } },
  });
  task = await openTask(pages.broker(), target);
});
afterAll(() => target?.drop());

/** Holds a statement while the test looks; it is denied afterwards, so that the next test finds none. */
async function whileHeld(sql: string, look: (id: string) => Promise<void>): Promise<void> {
  await withMysql2(task.login, async (client: Connection) => {
    const held = outcomeOf(client.query<ResultSetHeader>(sql));
    try {
      const { id } = await seeHeld(pages.broker(), task.id, { withPreview: true });
      try {
        await look(id);
      } finally {
        // Also of a test that has failed: a question outlives its client, and the next test would take it for its own.
        const answer = { decision: 'deny', reason: 'The test has seen enough' } as const;
        await decide(pages.broker(), id, answer).catch(() => undefined);
      }
      await held;
    } catch (error) {
      client.destroy(); // a client that waits for its answer would wait for ours
      throw error;
    }
  });
}

const ONE_APPROVAL = /\/v1\/approvals\/[0-9a-z]{26}$/;

/** The page does not look again by itself: what it shows, it learns from events. */
const WITHOUT_LOOKS = `{
  const every = window.setInterval;
  window.setInterval = (callback, ms, ...rest) => (ms >= 10_000 ? 0 : every(callback, ms, ...rest));
}`;

/** Keeps the first answer about a question back until it is let go. `has` comes when the api has given it. */
async function keepFirstAnswer(page: Page) {
  const has = Promise.withResolvers<void>();
  const kept = Promise.withResolvers<void>();
  let asked = 0;
  await page.route(ONE_APPROVAL, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    const response = await route.fetch();
    has.resolve();
    await kept.promise;
    await route.fulfill({ response });
  });
  return { has: has.promise, letGo: () => kept.resolve(), asked: () => asked };
}

describe('what the page shows', () => {
  it('is asked for after an event, although an answer from before the event comes after it', async () => {
    const page = await pages.as('approver', { path: 'about:blank' });
    await page.addInitScript({ content: WITHOUT_LOOKS });
    const { has, letGo, asked } = await keepFirstAnswer(page);
    await page.goto('/inbox');
    await page.getByText('Live', { exact: true }).waitFor();
    await whileHeld("UPDATE orders SET status = 'shipped' WHERE id = 1", async (id) => {
      await has;
      await decide(pages.broker(), id, { decision: 'deny', reason: 'Decided meanwhile' });
      // The list, which had the question when it was asked for, has this of the event.
      await page.getByText('Nothing waits for you.').waitFor();
      expect(asked()).toBe(1);
      letGo();
      await page.getByText('Decided meanwhile').first().waitFor();
      expect(asked()).toBeGreaterThan(1);
    });
  });

  it(
    'is looked at again after a while, in case that an event is lost, which keeps no session alive',
    { timeout: 120_000 },
    async () => {
      const page = await pages.as('approver', { path: 'about:blank' });
      await page.clock.install();
      const asked: (string | undefined)[] = [];
      page.on('request', (request) => {
        if (ONE_APPROVAL.test(request.url())) asked.push(request.headers()['x-doorwarden-background']);
      });
      await whileHeld("UPDATE orders SET status = 'lost' WHERE id = 2", async (id) => {
        pages.forgive(/ERR_FAILED|net::/);
        await page.route('**/v1/approvals/events', (route) => route.abort());
        await page.goto(`/approvals/${id}`);
        await page.getByText(/^Disconnected since/).waitFor();
        await decide(pages.broker(), id, { decision: 'deny', reason: 'Nobody tells this page' });
        await expect
          .poll(
            async () => {
              await page.clock.fastForward(61_000);
              return page.getByText('Nobody tells this page').count();
            },
            { timeout: 60_000, interval: 1_000 },
          )
          .toBeGreaterThan(0);
        expect(asked[0]).toBeUndefined();
        expect(asked.at(-1)).toBe('1');
      });
    },
  );

  it('begins its stream again when nothing at all comes any more', async () => {
    const page = await pages.as('approver', { path: 'about:blank' });
    await page.clock.install();
    let streams = 0;
    page.on('request', (request) => void (request.url().endsWith('/v1/approvals/events') && (streams += 1)));
    await page.goto('/inbox');
    await page.getByText('Live', { exact: true }).waitFor();
    const before = streams;
    await page.clock.fastForward(46_000);
    await expect.poll(() => streams, { timeout: 30_000 }).toBeGreaterThan(before);
    await page.getByText('Live', { exact: true }).waitFor();
  });
});
