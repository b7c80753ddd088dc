import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sealMany } from './many-entries-scene.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

/** More rows than a browser has pixels for. DOORWARDEN_TEST_ENTRIES=1000000 measures what a million take, and prints it. */
const ENTRIES = Number(process.env['DOORWARDEN_TEST_ENTRIES'] ?? 300_001);
const IS_MEASURED = process.env['DOORWARDEN_TEST_ENTRIES'] !== undefined;
const TIMES = IS_MEASURED ? 7 : 2;

const pages = usePages({ gateways: 0 });
let id: string;

beforeAll(async () => {
  id = await sealMany(pages.broker(), ENTRIES);
}, 400_000);

const chosen = (page: Page) => page.locator('.entry[aria-selected=true]');
const isChosen = (page: Page, seq: number) => page.locator(`.entry[aria-selected=true][data-seq="${seq}"]`).waitFor();

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Says nothing unless somebody asked for it: a machine that is busy with other tests measures nothing. */
function tell(what: string, ms: readonly number[]): void {
  if (!IS_MEASURED) return;
  const [low, middle, high] = [0, Math.floor(ms.length / 2), ms.length - 1].map(
    (at) => ms.toSorted((a, b) => a - b)[at],
  );
  process.stdout.write(`${what}: ${middle?.toFixed(0)} ms (${low?.toFixed(0)} to ${high?.toFixed(0)})\n`);
}

describe('a recording with more entries than a browser has pixels for', () => {
  it('opens, jumps anywhere, and scrolls to its end', async () => {
    const page = await pages.as('reviewer', { path: '/me' });
    const opened: number[] = [];
    for (let times = 0; times < TIMES; times += 1) {
      await page.goto('/me');
      opened.push(
        await msOf(async () => {
          await page.goto(`/recordings/${id}`);
          await chosen(page).locator('.entry-time').waitFor();
        }),
      );
    }
    tell(`Opening ${ENTRIES} entries until the first row stands`, opened);
    await shoot(page, 'many-entries');

    const jumped: number[] = [];
    for (const share of [0.5, 0.25, 0.75, 0.1, 0.9, 0.33, 0.66].slice(0, TIMES)) {
      const seq = Math.floor(ENTRIES * share);
      await page.getByLabel('Go to entry').fill(String(seq));
      jumped.push(
        await msOf(async () => {
          await page.keyboard.press('Enter');
          await isChosen(page, seq);
          await chosen(page).locator('.entry-time').waitFor();
        }),
      );
    }
    tell('Jumping to an entry by its number', jumped);

    const sought: number[] = [];
    const bar = await page.getByRole('slider').boundingBox();
    if (bar === null) throw new Error('There is no time bar');
    for (const share of [0.2, 0.8, 0.4, 0.6, 0.05, 0.95, 0.5].slice(0, TIMES)) {
      const before = await chosen(page).getAttribute('data-seq');
      sought.push(
        await msOf(async () => {
          await page.mouse.click(bar.x + bar.width * share, bar.y + 10);
          await page.locator(`.entry[aria-selected=true]:not([data-seq="${before}"]) .entry-time`).waitFor();
        }),
      );
    }
    tell('Jumping to a time by the bar', sought);

    const writes = Math.floor((ENTRIES - 5) / 200).toLocaleString('en-GB');
    await page.getByRole('button', { name: new RegExp(`^${writes} writes: `) }).click();
    await page
      .getByRole('region', { name: 'The chosen entry' })
      .getByText(/^UPDATE orders/)
      .first()
      .waitFor();
    await page.keyboard.press('d');
    await page.getByRole('region', { name: 'The chosen entry' }).getByText('denied').first().waitFor();
    await page.keyboard.press('End');
    await isChosen(page, ENTRIES);
    expect(await chosen(page).textContent()).toMatch(/grant|Task ended/);

    const list = page.getByRole('listbox');
    await list.hover();
    const first = async (): Promise<number> => Number(await page.locator('.entry').first().getAttribute('data-seq'));
    await expect.poll(first).toBeGreaterThan(ENTRIES - 100);
    const atEnd = await first();
    await page.mouse.wheel(0, -320);
    await expect.poll(first).toBe(atEnd - 10); // 32 px a row, however many pixels of rows the bar has for one of its own
    await page.keyboard.press('Home');
    await isChosen(page, 1);
    const scrollTo = (share: number) =>
      page.evaluate(`(() => {
        const box = document.querySelector('.entries-box');
        box.scrollTop = box.scrollHeight * ${share};
      })()`);
    await scrollTo(1);
    await page.locator(`.entry[data-seq="${ENTRIES}"]`).waitFor();
    await scrollTo(0.5);
    await expect.poll(async () => Math.abs((await first()) - ENTRIES / 2) < ENTRIES / 50).toBe(true);
  }, 300_000);

  it('filters what is not loaded', async () => {
    const page = await pages.as('reviewer', { path: `/recordings/${id}` });
    await page.getByLabel('Show').selectOption('Denied statements');
    await expect.poll(() => page.locator('.entry .entry-sign.deny').count()).toBe(1);
    await page.locator('.entry').first().click();
    const seq = Number(await chosen(page).getAttribute('data-seq'));
    expect(Math.abs(seq - ENTRIES / 2)).toBeLessThan(10);
  });
});
