import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { focusProblems, overflowProblems, targetProblems } from './hand-checks.js';
import { DESKTOP, PHONE } from './pages.js';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
/** Without its comments and long names, the script is less than half as long; each document is sent it and reads it. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The rules that look at colours: contrast, and links that nothing but their colour tells from the text around them. */
const COLOUR_RULES = axe.getRules(TAGS).flatMap(({ ruleId, tags }) => (tags.includes('cat.color') ? [ruleId] : []));
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
 * hand does: targets of 24 px, nothing wider than 320 px, no focus that is hidden. Rules that do not look at colours are not
 * asked again in a mode that changes nothing but colours: they would say the same of the same elements at the same places. Leaves
 * the page light and of desktop size.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const problems: string[] = [];
  let before: unknown;
  for (const { name, size, media } of MODES) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const now = await page.evaluate(ALL_BUT_COLOURS);
    const runOnly = now === before ? COLOUR_RULES : TAGS;
    before = now;
    const found = [
      ...(await axeProblems(page, runOnly)),
      ...(await targetProblems(page)),
      ...(await overflowProblems(page)),
    ];
    if (size === PHONE) found.push(...(await focusProblems(page)));
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  await page.setViewportSize(NARROWEST);
  problems.push(...(await overflowProblems(page)).map((problem) => `320 px: ${problem}`));
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: null });
  await page.setViewportSize(DESKTOP);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** The elements of the page with their attributes, and where each is seen, as one text. */
const ALL_BUT_COLOURS = `[innerWidth, ...[...document.querySelectorAll('*')].map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  const attributes = [...element.attributes].map(({ name, value }) => name + '=' + value);
  const isSeen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  return [element.tagName, isSeen, x, y, width, height, ...attributes].join(' ');
})].join('\\n')`;

/** Playwright evaluates past the page's policy, which stays as it is for all else. */
async function axeProblems(page: Page, runOnly: readonly string[]): Promise<readonly string[]> {
  if ((await page.evaluate('typeof window.axe')) === 'undefined') await page.evaluate(`${AXE}; undefined`);
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] });
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
