import type { Page } from 'playwright-core';
import { z } from 'zod';

/** What axe cannot see, or does not look at in all places. Each check gives a sentence for each thing that is wrong. */
const problemList = z.array(z.string());

const TAB_STOPS_MAX = 200;
/** So many keys are sent without waiting for what each did; what comes after the last stop moves nothing. */
const TABS_AT_ONCE = 10;

/** How a finding names an element. */
const NAME_OF = `const nameOf = (element) => element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') +
  (typeof element.className === 'string' && element.className ? '.' + element.className.trim().split(/\\s+/).join('.') : '') +
  ' "' + (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40) + '"';`;

/** An expression for {@link targetProblems}. */
export const TARGET_PROBLEMS = `(() => {
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
  return problemList.parse(await page.evaluate(TARGET_PROBLEMS));
}

/** An expression for {@link overflowProblems}. */
export const OVERFLOW_PROBLEMS = `(() => {
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
  return problemList.parse(await page.evaluate(OVERFLOW_PROBLEMS));
}

/**
 * Looks where the focus is each time that the next Tab is about to take it on, and stops it at the end of the page or where it
 * was before. The page looks by itself, since to ask it at each stop costs three times as much.
 */
const WATCH_FOCUS = `(() => {
  ${NAME_OF}
  const stops = new Set();
  const problems = [];
  let isOver = false;
  const look = (element) => {
    if (!element || element === document.body || element === document.documentElement || stops.has(element)) return true;
    stops.add(element);
    const box = element.getBoundingClientRect();
    const within = (value, end) => Math.min(Math.max(value, 1), end - 1);
    const xs = [box.left + 2, box.left + box.width / 2, box.right - 2].map((x) => within(x, innerWidth));
    const ys = [box.top + 2, box.top + box.height / 2, box.bottom - 2].map((y) => within(y, innerHeight));
    const touches = (hit) => hit && (element.contains(hit) || hit.contains(element) && hit !== document.body &&
      hit !== document.documentElement && getComputedStyle(hit).position !== 'sticky' || hit.control === element ||
      hit.closest?.('label')?.control === element);
    const seenAtAll = xs.some((x) => ys.some((y) => touches(document.elementFromPoint(x, y))));
    const offScreen = box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
    if (offScreen || !seenAtAll) problems.push('the focus is hidden: ' + nameOf(element));
    return false;
  };
  let hasBegun = false;
  const onKey = (event) => {
    if (event.key !== 'Tab') return;
    if (hasBegun) isOver ||= look(document.activeElement);
    hasBegun = true;
    if (!isOver) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.activeElement?.blur();
  scrollTo(0, 0);
  addEventListener('keydown', onKey, true);
  window.__focusWalk = {
    isOver: () => isOver,
    end: () => { removeEventListener('keydown', onKey, true); return problems; },
  };
})()`;

/** Places where the focus is when one goes through the page by Tab, and is covered or out of sight (WCAG 2.4.11). */
export async function focusProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(WATCH_FOCUS);
  let isOver = false;
  for (let pressed = 0; pressed <= TAB_STOPS_MAX && !isOver; pressed += TABS_AT_ONCE) {
    await Promise.all(Array.from({ length: TABS_AT_ONCE }, () => page.keyboard.press('Tab')));
    isOver = z.boolean().parse(await page.evaluate('window.__focusWalk.isOver()'));
  }
  const found = problemList.parse(await page.evaluate('window.__focusWalk.end()'));
  return isOver ? found : [...found, `there are more than ${TAB_STOPS_MAX} places for the focus`];
}
