import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { focusProblems, overflowProblems, targetProblems } from './hand-checks.js';
import { DESKTOP, PHONE } from './pages.js';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
const NARROWEST = { width: 320, height: 740 } as const;

interface PageMode {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly media: NonNullable<Parameters<Page['emulateMedia']>[0]>;
}

const MODES: readonly PageMode[] = [
  { name: 'light', size: DESKTOP, media: { colorScheme: 'light', forcedColors: 'none' } },
  { name: 'dark', size: DESKTOP, media: { colorScheme: 'dark', forcedColors: 'none' } },
  { name: 'forced colours', size: DESKTOP, media: { colorScheme: 'dark', forcedColors: 'active' } },
  { name: '360 px', size: PHONE, media: { colorScheme: 'light', forcedColors: 'none' } },
];

const axeResults = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
  }),
);

/**
 * Fails if axe-core finds a violation of WCAG 2.2 A or AA on the page as it is now, in one of the four modes, or if a check by
 * hand does: targets of 24 px, nothing wider than 320 px, no focus that is hidden. Leaves the page light and of desktop size.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const problems: string[] = [];
  for (const { name, size, media } of MODES) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const found = [...(await axeProblems(page)), ...(await targetProblems(page)), ...(await overflowProblems(page))];
    if (size === PHONE) found.push(...(await focusProblems(page)));
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  await page.setViewportSize(NARROWEST);
  problems.push(...(await overflowProblems(page)).map((problem) => `320 px: ${problem}`));
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: null });
  await page.setViewportSize(DESKTOP);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Playwright evaluates past the page's policy, which stays as it is for all else. */
async function axeProblems(page: Page): Promise<readonly string[]> {
  if ((await page.evaluate('typeof window.axe')) === 'undefined') await page.evaluate(`${axe.source}; undefined`);
  const options = JSON.stringify({ runOnly: TAGS, resultTypes: ['violations'] });
  const found: unknown = await page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => ({ id, help,
      nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })) })))`);
  return axeResults
    .parse(found)
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id} (${help}) at ${JSON.stringify(target)}: ${failureSummary ?? ''}`,
      ),
    );
}
