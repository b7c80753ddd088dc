import mysql from 'mysql2/promise';
import type { BrowserContext, Page } from 'playwright-core';
import type { Role } from '../../src/domain/principal.js';
import { startChromium } from '../../test/support/chromium.js';
import type { BenchBroker } from '../broker.js';
import { callersOf } from '../callers.js';
import { type Figure, median } from '../figures.js';
import { longTask } from '../long-task.js';
import type { Row } from '../row.js';
import { DATABASE, TABLE } from '../servers.js';
import { until } from '../until.js';

const SLOWED = 4;
const OPENINGS = 7;
const JUMPS = 30;
/** Nothing here takes as long, however busy the machine is. */
const PATIENCE_MS = 60_000;
const PREVIEW_MS_MAX = 30_000;

/**
 * How long an approver waits for a question on the page. The clock runs from the beginning of the navigation to the moment at
 * which the button can be pressed, as the page itself sees both.
 */
export const pageApprovalRow: Row = {
  name: 'page-approval',
  what: 'opening a question on the page until it can be decided, the processor slowed four times, p50',
  bounds: { floor: 1_000, goal: 700, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const grant = await broker.openGrant(['SELECT', 'UPDATE']);
    const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
    // It is never answered: the client goes while it waits.
    void connection.query(`UPDATE ${TABLE} SET k = k + 1 WHERE id = 1`).catch(() => undefined);
    try {
      const id = await until('a held statement', PREVIEW_MS_MAX, () => broker.pendingApproval(grant));
      return await inBrowser(broker, 'approver', (context) =>
        opened({ context, address: `${broker.vouched.api}/approvals/${id}`, shows: CAN_DECIDE, slowed: SLOWED }, say),
      );
    } finally {
      connection.destroy();
      await broker.closeGrant(grant);
    }
  },
};

/** How long a reviewer waits for the first entries of a very long recording. */
export const pageOpenRow: Row = {
  name: 'page-open',
  what: 'opening a sealed recording of a million entries on the page until its first entries stand, p50',
  bounds: { floor: 1_500, goal: 700, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const task = await longTask(broker, say);
    if (typeof task === 'string') return task;
    return inBrowser(broker, 'reviewer', (context) =>
      opened({ context, address: addressOf(broker, task.grant), shows: rowOf(2), slowed: 1 }, say),
    );
  },
};

/** How long a jump anywhere in it takes until the entry is there. */
export const pageJumpRow: Row = {
  name: 'page-jump',
  what: 'a jump to any entry of that recording until it stands there chosen, p50',
  bounds: { floor: 300, goal: 100, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const task = await longTask(broker, say);
    if (typeof task === 'string') return task;
    return inBrowser(broker, 'reviewer', async (context) => {
      const page = await context.newPage();
      await page.goto(addressOf(broker, task.grant));
      await page.locator(rowOf(2)).waitFor();
      const samples: number[] = [];
      for (let jump = 1; jump <= JUMPS; jump += 1) {
        const seq = 2 + Math.floor((((jump * 17) % JUMPS) / JUMPS) * (task.entries - 2));
        samples.push(await jumped(page, seq));
      }
      const detail = `${JUMPS} places, the slowest ${Math.max(...samples).toFixed(0)} ms`;
      return { value: median(samples), samples, detail };
    });
  },
};

function addressOf({ vouched }: BenchBroker, grant: string): string {
  return `${vouched.api}/recordings/${grant}`;
}

/** The first of the two buttons, when it can be pressed. */
const CAN_DECIDE = '.decide-acts button:enabled';

/** The row of an entry that has been read. */
function rowOf(seq: number, which = ''): string {
  return `.entry${which}[data-seq="${seq}"] .entry-time`;
}

interface Opening {
  readonly context: BrowserContext;
  readonly address: string;
  /** A selector of what is there once the page can be used. */
  readonly shows: string;
  readonly slowed: number;
}

/** Opens a page some times, each in a window of its own. The first brings its files into the browser's cache, and does not count. */
async function opened({ context, address, shows, slowed }: Opening, say: (line: string) => void): Promise<Figure> {
  await context.addInitScript(`window.thereMs = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(${JSON.stringify(shows)}) === null) return;
      observer.disconnect();
      resolve(performance.now());
      console.log('there');
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });`);
  const samples: number[] = [];
  for (let opening = 0; opening <= OPENINGS; opening += 1) {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowed });
    // What is evaluated in a page counts as an act of the person, so the page says by itself that it is there.
    const there = page.waitForEvent('console', {
      predicate: (message) => message.text() === 'there',
      timeout: PATIENCE_MS,
    });
    await page.goto(address, { waitUntil: 'commit' });
    await there;
    samples.push(Number(await page.evaluate('thereMs')));
    await page.close();
  }
  const [first = 0, ...measured] = samples;
  const detail = `${OPENINGS} times, the slowest ${Math.max(...measured).toFixed(0)} ms, the very first ${first.toFixed(0)} ms`;
  say(detail);
  return { value: median(measured), samples: measured, detail };
}

/** The milliseconds until the entry stands there, chosen, and was painted. */
async function jumped(page: Page, seq: number): Promise<number> {
  return Number(
    await page.evaluate(`new Promise((resolve) => {
      const startedMs = performance.now();
      const look = () => {
        if (document.querySelector(${JSON.stringify(rowOf(seq, '[aria-selected=true]'))}) === null) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - startedMs));
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributes: true });
      location.hash = 'e=${seq}';
    })`),
  );
}

/** Runs `use` in a browser where somebody of the role is signed in. */
async function inBrowser<T>(broker: BenchBroker, role: Role, use: (context: BrowserContext) => Promise<T>): Promise<T> {
  const callers = await callersOf(broker);
  const browser = await startChromium();
  try {
    const { context } = browser;
    context.setDefaultTimeout(PATIENCE_MS);
    const [name = '', value = ''] = ((await callers.session(role))['cookie'] ?? '').split('=');
    const { hostname } = new URL(broker.vouched.api);
    await context.addCookies([
      { name, value, domain: hostname, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' },
    ]);
    return await use(context);
  } finally {
    await browser.close();
  }
}
