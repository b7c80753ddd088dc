import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { HOSTILE_LINES, HOSTILE_TEXTS } from '../support/hostile-texts.js';
import { expectAccessible } from './support/accessible.js';
import { PageFaults } from './support/faults.js';
import { focusProblems, overflowProblems, targetProblems } from './support/hand-checks.js';
import { useSharedPages } from './support/pages.js';

const pages = useSharedPages();

const FINE = `<!doctype html><html lang="en"><title>fine</title><main><h1>Fine</h1><p>Read <a href="/x">this</a> first.</p>
  <button type="button" style="min-height: 24px; min-width: 24px">Go</button></main>`;

async function showing(html: string): Promise<Page> {
  const page = await pages.stranger({ path: 'about:blank' });
  await page.setContent(html);
  return page;
}

describe('what the tests of pages stand on', () => {
  it.each(['operator', 'approver', 'reviewer'] as const)('signs in as %s', async (role) => {
    const page = await pages.as(role, { path: '/auth/sign-in' });
    expect(await page.textContent('main')).toContain(`You are signed in as test-${role}`);
  });

  it('sees errors in the console, thrown errors and breaches of the policy of a page', async () => {
    const context = await (await pages.stranger({ path: '/auth/sign-in' })).context().browser()?.newContext();
    if (context === undefined) throw new Error('There is no browser');
    const faults = new PageFaults();
    await faults.watch(context);
    const page = await context.newPage();
    await page.goto(`${pages.broker().api}/auth/sign-in`);
    expect(faults.take()).toEqual([]);
    faults.forgive(/a known one/);
    await page.evaluate(`
      console.error('a known one');
      console.error('said');
      setTimeout(() => { throw new Error('thrown') });
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://elsewhere.example/x.png' }));`);
    await expect.poll(() => faults.seen().length).toBeGreaterThanOrEqual(5);
    const found = faults.take().join('\n');
    expect(found).toMatch(/console: said/);
    expect(found).toMatch(/thrown: Error: thrown/);
    expect(found).toMatch(/policy: img-src blocked https:\/\/elsewhere\.example/);
    expect(found).not.toMatch(/a known one/);
    await context.close();
  });

  it('finds targets that are too small, pages that are too wide and a focus that is covered', async () => {
    const page = await showing(FINE);
    expect(await targetProblems(page)).toEqual([]);
    expect(await overflowProblems(page)).toEqual([]);
    expect(await focusProblems(page)).toEqual([]);
    await page.setContent(
      FINE.replace('</main>', '<button type="button" style="all: unset; font-size: 8px">i</button></main>'),
    );
    expect(await targetProblems(page)).toEqual([expect.stringMatching(/^a target is .* button "i"$/)]);
    await page.setContent(FINE.replace('</main>', '<p id="wide" style="width: 200vw">wide</p></main>'));
    expect(await overflowProblems(page)).toEqual([expect.stringMatching(/px wider than its window: p#wide/)]);
    await page.setContent(
      FINE.replace('</main>', '</main><div style="position: fixed; inset: 0; background: white">over all</div>'),
    );
    expect(await focusProblems(page)).toEqual(['the focus is hidden: a "this"', 'the focus is hidden: button "Go"']);
  });

  it('takes a page that everybody can use, and refuses others in the mode where they fail', async () => {
    const page = await showing(FINE);
    await expectAccessible(page);
    await page.setContent(
      FINE.replace('<main>', '<style>@media (prefers-color-scheme: dark) { h1 { color: #eee } }</style><main>'),
    );
    await expect(expectAccessible(page)).rejects.toThrow(/dark: color-contrast/);
    await page.setContent(FINE.replace('</main>', '<img src="/x.png"></main>'));
    pages.forgive(/x\.png/);
    await expect(expectAccessible(page)).rejects.toThrow(/light: image-alt/);
    const unlessDark =
      '<style>@media not (prefers-color-scheme: dark) { img { display: none } }</style><img src="/x.png">';
    await page.setContent(FINE.replace('</main>', `${unlessDark}</main>`));
    await expect(expectAccessible(page)).rejects.toThrow(/^dark: image-alt/);
  });

  it('has hostile texts that differ, the short ones in one line', () => {
    expect(new Set(HOSTILE_TEXTS.map(({ text }) => text)).size).toBe(HOSTILE_TEXTS.length);
    for (const { text } of HOSTILE_LINES) {
      expect(text.length).toBeLessThanOrEqual(150);
      expect(text).not.toContain('\n');
    }
  });
});
