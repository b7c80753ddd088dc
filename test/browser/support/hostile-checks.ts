import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { UNSEEN_CHARACTERS } from '../../support/hostile-texts.js';

/** Fails if hostile texts have done anything on the page: run, made an element, hidden a character, led elsewhere. */
export async function expectHarmless(page: Page, where: string): Promise<void> {
  const main = page.locator('main');
  expect(await page.title(), where).toMatch(/ · Doorwarden$/);
  expect(await page.title(), where).not.toContain('taken');
  expect(UNSEEN_CHARACTERS.exec(await main.innerText())?.[0], where).toBeUndefined();
  // The editor stands a picture of nothing beside each character that it writes out.
  const elements = main.locator('img:not(.cm-widgetBuffer), script, iframe, style, object, embed');
  expect(await elements.count(), where).toBe(0);
  expect(await main.locator('a:not([href^="/"]):not([href^="http"])').count(), where).toBe(0);
}
