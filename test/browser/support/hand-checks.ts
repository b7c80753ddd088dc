import type { Page } from 'playwright-core';
import { z } from 'zod';

/** What axe cannot see, or does not look at in all places. Each check gives a sentence for each thing that is wrong. */
const problemList = z.array(z.string());

const TAB_STOPS_MAX = 200;

/** How a finding names an element. */
const NAME_OF = `const nameOf = (element) => element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') +
  (typeof element.className === 'string' && element.className ? '.' + element.className.trim().split(/\\s+/).join('.') : '') +
  ' "' + (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40) + '"';`;

const TARGETS = `(() => {
  ${NAME_OF}
  const SMALLEST = 24;
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], ' +
    '[role=option], [role=menuitem], [role=switch], [role=slider]';
  const inText = (element) => element.matches('a, button') && getComputedStyle(element).display === 'inline' &&
    [...(element.parentElement?.childNodes ?? [])].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  const found = [];
  /** In a box of a pixel that shows nothing: there for screen readers, beside what is seen. */
  const isClipped = (element) => { for (let at = element; at; at = at.parentElement)
    if (at.clientWidth <= 1 && at.clientHeight <= 1 && getComputedStyle(at).overflow === 'hidden') return true; return false; };
  const seen = [...document.querySelectorAll(controls)].filter((element) => !isClipped(element) &&
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest('[inert]'));
  /** A smaller one has room enough: a circle of 24 px on its middle touches no other target. */
  const hasRoom = (element) => {
    const own = element.getBoundingClientRect();
    const x = own.left + own.width / 2;
    const y = own.top + own.height / 2;
    return seen.every((other) => {
      if (other === element || other.contains(element) || element.contains(other)) return true;
      const box = other.getBoundingClientRect();
      const dx = Math.max(box.left - x, 0, x - box.right);
      const dy = Math.max(box.top - y, 0, y - box.bottom);
      return Math.hypot(dx, dy) >= SMALLEST / 2;
    });
  };
  for (const element of seen) {
    const box = (element.labels?.[0] ?? element).getBoundingClientRect();
    const own = element.getBoundingClientRect();
    const width = Math.max(box.width, own.width);
    const height = Math.max(box.height, own.height);
    if (own.width <= 1 && own.height <= 1) continue; // there for screen readers, beside what is seen
    if (inText(element)) continue;
    if (element.matches('a') && hasRoom(element)) continue;
    // Half a pixel: of lines whose height is no whole number.
    if (width < SMALLEST - 0.5 || height < SMALLEST - 0.5)
      found.push('a target is ' + width.toFixed(1) + ' by ' + height.toFixed(1) + ' px: ' + nameOf(element));
  }
  return found;
})()`;

/** Targets below 24 by 24 px that are no links within a text, or with room around them (WCAG 2.5.8). */
export async function targetProblems(page: Page): Promise<readonly string[]> {
  return problemList.parse(await page.evaluate(TARGETS));
}

const OVERFLOW = `(() => {
  ${NAME_OF}
  const root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over <= 0) return [];
  const scrolls = (element) => { for (let at = element.parentElement; at; at = at.parentElement)
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true; return false; };
  const widest = [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 0.5 && !scrolls(element));
  return ['the page is ' + over + ' px wider than its window: ' + widest.slice(0, 3).map(nameOf).join(' < ')];
})()`;

/** A page that has to be scrolled to the side (WCAG 1.4.10). */
export async function overflowProblems(page: Page): Promise<readonly string[]> {
  return problemList.parse(await page.evaluate(OVERFLOW));
}

/** The element in focus: its mark, or `null` at the end of the page, and what is wrong with where it is. */
const FOCUS = `(() => {
  ${NAME_OF}
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  window.__focusMarks ??= new WeakMap();
  window.__focusCount ??= 0;
  const seen = window.__focusMarks.has(element);
  if (!seen) window.__focusMarks.set(element, ++window.__focusCount);
  const box = element.getBoundingClientRect();
  const within = (value, end) => Math.min(Math.max(value, 1), end - 1);
  const xs = [box.left + 2, box.left + box.width / 2, box.right - 2].map((x) => within(x, innerWidth));
  const ys = [box.top + 2, box.top + box.height / 2, box.bottom - 2].map((y) => within(y, innerHeight));
  const touches = (hit) => hit && (element.contains(hit) || hit.contains(element) && hit !== document.body &&
    hit !== document.documentElement && getComputedStyle(hit).position !== 'sticky' || hit.control === element ||
    hit.closest?.('label')?.control === element);
  const seenAtAll = xs.some((x) => ys.some((y) => touches(document.elementFromPoint(x, y))));
  const offScreen = box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
  return { seen, problem: offScreen || !seenAtAll ? 'the focus is hidden: ' + nameOf(element) : null };
})()`;

const focusState = z.object({ seen: z.boolean(), problem: z.string().nullable() }).nullable();

/** Places where the focus is when one goes through the page by Tab, and is covered or out of sight (WCAG 2.4.11). */
export async function focusProblems(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  await page.evaluate('document.activeElement?.blur(); window.__focusMarks = undefined; scrollTo(0, 0)');
  for (let stop = 0; stop < TAB_STOPS_MAX; stop += 1) {
    await page.keyboard.press('Tab');
    const state = focusState.parse(await page.evaluate(FOCUS));
    if (state === null || state.seen) return found;
    if (state.problem !== null) found.push(state.problem);
  }
  return [...found, `there are more than ${TAB_STOPS_MAX} places for the focus`];
}
