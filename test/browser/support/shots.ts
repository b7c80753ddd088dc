import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DESKTOP, PHONE } from './pages.js';

const FOLDER = process.env['DOORWARDEN_TEST_SHOTS'];

export interface ShotOptions {
  /** The page from top to bottom on the small screen, not the first screen alone. */
  readonly whole?: boolean;
}

/**
 * Takes pictures of the page as it is now, for people to look at: `NAME-1280-light.png` and so on, at desktop and phone size,
 * light and dark. Does nothing unless DOORWARDEN_TEST_SHOTS names a folder.
 */
export async function shoot(page: Page, name: string, { whole = false }: ShotOptions = {}): Promise<void> {
  if (FOLDER === undefined) return;
  await mkdir(FOLDER, { recursive: true });
  for (const size of [DESKTOP, PHONE]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      const path = join(FOLDER, `${name}-${size.width}-${colorScheme}.png`);
      await page.screenshot({ path, animations: 'disabled', fullPage: whole && size === PHONE });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESKTOP);
}
