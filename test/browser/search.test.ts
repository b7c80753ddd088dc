import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatementSearchPage } from '../../src/contracts/recordings/statement.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { expectAccessible } from './support/accessible.js';
import { useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';

const POLICIES = `
@id("most") permit (principal, action, resource) unless { action == Action::"delete" };
`;
/** What an agent may write to mislead the one who reads it. */
const HOSTILE_TITLE = '<img src=x onerror=alert(1)> \u202egnp.exe </mark> Close the day';
const HOSTILE = "SELECT '\u202e</mark><script>alert(1)</script>\u200bcoupon', total FROM orders WHERE total > 5";

const pages = useSharedPages(POLICIES);
let shop: ShopTarget;
let grant: string;

beforeAll(async () => {
  const broker = pages.broker();
  shop = await registerShop(broker, servers().mariadb);
  const task = { title: HOSTILE_TITLE, reference: 'SHOP-7' };
  const access = [{ database: shop.database, privileges: ['SELECT', 'INSERT', 'DELETE'] }];
  const { id, connection } = await openGrant(broker, shop.name, { task, access });
  grant = id;
  const { host, port, username: user, password, database } = connection;
  await withMysql2({ host, port, user, password, ...(database === null ? {} : { database }) }, async (client) => {
    await client.query(HOSTILE);
    await client.execute('INSERT INTO orders (id, total) VALUES (?, ?)', [4, 40]);
    await client.query('SELECT coupon FROM orders').catch(() => undefined);
    await client.query('DELETE FROM orders WHERE total = 40').catch(() => undefined);
    for (let count = 0; count < 60; count += 1) await client.query(`SELECT id FROM orders WHERE total = ${count}`);
  });
  await untilIndexed(64);
}, 90_000);
afterAll(async () => shop?.drop());

/** The worker reads live recordings every second. */
async function untilIndexed(statements: number): Promise<void> {
  for (const untilMs = Date.now() + 30_000; ;) {
    const { count } = await found('');
    if (count.value >= statements) return;
    if (Date.now() > untilMs) throw new Error(`The index has ${count.value} statements, not ${statements}`);
    await pause(200);
  }
}

async function found(query: string): Promise<StatementSearchPage> {
  const path = `/v1/statements?target=${shop.name}${query}`;
  const { body } = await call<StatementSearchPage>(pages.broker(), 'GET', path, { key: pages.broker().keys.reviewer });
  return body;
}

const box = (page: Page) => page.getByRole('searchbox');
/** Tests are checked without the types of a browser. */
const isBoxFocused = (page: Page) => page.evaluate<boolean>(`document.activeElement?.type === 'search'`);
const WHICH_HIT = `[...document.querySelectorAll('.hit-link')].findIndex((link) => link === document.activeElement)`;
const hits = (page: Page) => page.locator('.hit');
const status = (page: Page) => page.locator('.search-count');

async function search(page: Page, written: string): Promise<void> {
  await box(page).fill(written);
  await box(page).press('Enter');
}

describe('the search', () => {
  it('finds by words and facets, marks the words, shows what is hidden, and leads to the entry', async () => {
    const page = await pages.as('reviewer', { path: '/search' });
    await expect.poll(() => page.textContent('main')).toContain('Not searched: rows that statements gave back');
    await shoot(page, 'search-begin');
    await search(page, `coupon target:${shop.name} kind:select`);
    await expect.poll(() => status(page).textContent()).toBe('2 statements found');
    const address = new URL(page.url());
    expect(address.searchParams.get('q')).toBe(`coupon target:${shop.name} kind:select`);
    expect(await page.locator('mark.match').allTextContents()).toEqual(['coupon', 'coupon']);
    const hostile = hits(page).filter({ hasText: '<script>' });
    expect(await hostile.textContent()).toContain('⟨U+202E⟩</mark><script>alert(1)</script>⟨U+200B⟩');
    expect(await hostile.textContent()).toContain('⟨U+202E⟩gnp.exe');
    expect(await hostile.textContent()).toMatch(/\d{2}:\d{2}:\d{2} \(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC\)/);
    expect(await hits(page).filter({ hasText: 'error 1054' }).count()).toBe(1);
    await shoot(page, 'search-found', { whole: true });
    await expectAccessible(page);

    const [item] = (await found('&text=coupon&kind=select&error=any')).items;
    await hits(page).filter({ hasText: 'error 1054' }).getByRole('link').click();
    await page.waitForURL(`**/recordings/${grant}#e=${item?.seq}`);
    await page.goBack();
    await expect.poll(() => status(page).textContent()).toBe('2 statements found');
    expect(await box(page).inputValue()).toBe(`coupon target:${shop.name} kind:select`);
  });

  it('has chips that are taken out, facets that are written into the box, and goes on page after page', async () => {
    const page = await pages.as('reviewer', { path: `/search?q=target:${shop.name}+rows:>%3D1+verdict:allowed` });
    await expect.poll(() => status(page).textContent()).toContain('found');
    const few = await hits(page).count();
    await page.getByRole('button', { name: 'Remove Rows >=1' }).click();
    await expect.poll(() => hits(page).count()).toBeGreaterThan(few);
    expect(new URL(page.url()).searchParams.get('q')).toBe(`target:${shop.name} verdict:allowed`);
    expect(await hits(page).count()).toBe(50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => hits(page).count()).toBeGreaterThan(50);
    await page.getByText('Facets', { exact: true }).click();
    await page.getByLabel('Verdict', { exact: true }).selectOption('denied');
    await page.getByLabel('Table', { exact: true }).fill(`${shop.database}.orders`);
    expect(await box(page).inputValue()).toBe(`target:${shop.name} table:${shop.database}.orders verdict:denied`);
    await shoot(page, 'search-facets', { whole: true });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect.poll(() => hits(page).count()).toBe(1);
    expect(await hits(page).textContent()).toContain('DELETE');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'As CSV' }).click();
    const csv = await readFile(await (await saved).path(), 'utf8');
    expect(csv.split('\r\n')).toHaveLength(3);
    expect(csv).toContain(`"${grant}"`);
  });

  it('is worked with keys alone', async () => {
    const page = await pages.as('reviewer', { path: '/recordings' });
    await page.getByRole('heading', { name: 'Recordings', level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.waitForURL('**/search');
    await expect.poll(() => isBoxFocused(page)).toBe(true);
    await page.keyboard.type(`total target:${shop.name}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => hits(page).count()).toBeGreaterThan(2);
    await page.keyboard.press('Escape');
    await box(page).blur();
    const focused = () => page.evaluate<number>(WHICH_HIT);
    for (const [key, at] of [
      ['j', 0],
      ['j', 1],
      ['j', 2],
      ['k', 1],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(at);
    }
    await page.keyboard.press('/');
    await expect.poll(() => isBoxFocused(page)).toBe(true);
    await box(page).blur();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.waitForURL(`**/recordings/${grant}#e=*`);
  });

  it('says in words what was not understood, not found, too wide, and that nothing answers', async () => {
    const page = await pages.as('reviewer', { path: '/search?q=rows:many+verdict:maybe' });
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('Rows are a number, such as rows:>100.');
    await search(page, `nowhere-to-be-found target:${shop.name}`);
    await expect.poll(() => status(page).textContent()).toBe('No statement was found.');
    expect(await page.textContent('main')).toContain('Take out a facet');
    await shoot(page, 'search-none');
    pages.forgive(/400|422|ERR_INTERNET_DISCONNECTED/);
    await search(page, 'x');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('request_invalid');
    await page.route('**/v1/statements?*wide*', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          title: 'The search would have to look at too many statements.',
          next: 'Narrow the time with from and to, or add a facet such as a principal, a target or a table.',
          code: 'search_too_wide',
          requestId: 'r',
        }),
      }),
    );
    await search(page, 'wide');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('Narrow the time with from and to');
    await page.context().setOffline(true);
    await search(page, `total target:${shop.name}`);
    await expect
      .poll(() => page.getByRole('alert').first().textContent(), { timeout: 30_000 })
      .toContain('does not answer');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => hits(page).count()).toBeGreaterThan(2);
    expect(await box(page).inputValue()).toBe(`total target:${shop.name}`);
  });

  it('finds tasks by their title, and tells other roles which role it takes', async () => {
    const page = await pages.as('reviewer', { path: '/search?q=gnp.exe' });
    await expect
      .poll(() => page.getByRole('region', { name: 'Tasks with these words' }).textContent())
      .toContain('⟨U+202E⟩gnp.exe');
    const approver = await pages.as('approver', { path: '/search' });
    await expect.poll(() => approver.textContent('main')).toContain('This page takes the role reviewer.');
  });
});
