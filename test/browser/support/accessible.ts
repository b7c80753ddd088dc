import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { OVERFLOW_PROBLEMS, TARGET_PROBLEMS, focusProblems, overflowProblems } from './hand-checks.js';
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

const modeResults = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      help: z.string(),
      nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
    }),
  ),
  byHand: z.array(z.string()),
});

/**
 * Fails if axe-core finds a violation of WCAG 2.2 A or AA on the page as it is now, in one of the four modes, or if a check by
 * hand does: targets of 24 px, nothing wider than 320 px, no focus that is hidden. Rules that do not look at colours are not
 * asked again in a mode that changes nothing but colours: they would say the same of the same elements at the same places. Leaves
 * the page light and of desktop size.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const problems: string[] = [];
  await prepareAxe(page);
  let sizeNow: PageMode['size'] | undefined;
  for (const { name, size, media } of MODES) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
    if (size !== sizeNow) await page.setViewportSize(size);
    sizeNow = size;
    const found = [...(await modeProblems(page))];
    if (size === PHONE) found.push(...(await focusProblems(page)));
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  await page.setViewportSize(NARROWEST);
  problems.push(...(await overflowProblems(page)).map((problem) => `320 px: ${problem}`));
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: null });
  await page.setViewportSize(DESKTOP);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Gives the document the script, and has it forget how it was when it was looked at before. */
async function prepareAxe(page: Page): Promise<void> {
  const hasAxe = await page.evaluate(`window.__lookBefore = undefined; 'axe' in window`);
  if (hasAxe !== true) await page.evaluate(`${AXE}; undefined`);
}

/**
 * The elements of the page with their attributes, and where each is that is seen, as one text. One that is not seen has its
 * place when somebody has asked for it, such as the menu of a closed `details`.
 */
const ALL_BUT_COLOURS = `[innerWidth, ...[...document.querySelectorAll('*')].map((element) => {
  const attributes = [...element.attributes].map(({ name, value }) => name + '=' + value);
  if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    return [element.tagName, 'unseen', ...attributes].join(' ');
  const { x, y, width, height } = element.getBoundingClientRect();
  return [element.tagName, x, y, width, height, ...attributes].join(' ');
})].join('\\n')`;

/** All in one turn of the page: what would come between two looks would not be of one state. */
const LOOK = `(async () => {
  const now = ${ALL_BUT_COLOURS};
  const runOnly = now === window.__lookBefore ? ${JSON.stringify(COLOUR_RULES)} : ${JSON.stringify(TAGS)};
  window.__lookBefore = now;
  const byHand = [...${TARGET_PROBLEMS}, ...${OVERFLOW_PROBLEMS}];
  const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] });
  return {
    violations: violations.map(({ id, help, nodes }) => ({ id, help,
      nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })) })),
    byHand,
  };
})()`;

/** Playwright evaluates past the page's policy, which stays as it is for all else. */
async function modeProblems(page: Page): Promise<readonly string[]> {
  const { violations, byHand } = modeResults.parse(await page.evaluate(LOOK));
  const byAxe = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${JSON.stringify(target)}: ${failureSummary ?? ''}`),
  );
  return [...byAxe, ...byHand];
}
