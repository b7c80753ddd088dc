import { setTimeout as pause } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { Role } from '../../src/domain/principal.js';
import type { BrowserContext, Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../../test/support/chromium.js';
import { startVouching } from '../../test/support/idp/vouched-callers.js';
import type { BenchBroker } from '../broker.js';
import { pointSelects } from '../clients.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';
import { DATABASE, TABLE } from '../servers.js';

const SLOWED = 4;
const OPENINGS = 7;
const JUMPS = 30;
const ENTRIES = 1_000_000;
const RECORD_SECONDS_MAX = 120;
const LOOK_EVERY_MS = 50;
const LOOKS_MAX = 200;

/** How long an approver waits for a question on the page, with a processor that is four times slower. */
export const pageApprovalRow: Row = {
  name: 'page-approval',
  what: 'opening a question on the page until it can be decided, the processor slowed four times, p50',
  bounds: { floor: 1, goal: 0.7, unit: 's', better: 'lower' },
  async measure({ broker, say }) {
    const grant = await broker.openGrant(['SELECT', 'UPDATE']);
    const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
    const answer = connection.query(`UPDATE ${TABLE} SET k = k + 1 WHERE id = 1`).catch(() => undefined);
    try {
      const id = await seen(() => broker.pendingApproval(grant));
      return await inBrowser(broker, 'approver', async (context) => {
        const samples: number[] = [];
        for (let opening = 0; opening <= OPENINGS; opening += 1) {
          const page = await context.newPage();
          await slow(page);
          const startedMs = performance.now();
          await page.goto(`${broker.vouched.api}/approvals/${id}`, { waitUntil: 'commit' });
          await page
            .locator('button:enabled', { hasText: /^Approve/ })
            .first()
            .waitFor();
          samples.push((performance.now() - startedMs) / 1_000);
          await page.close();
        }
        const measured = samples.slice(1); // the first fills the browser's cache of compiled code
        const detail = `${OPENINGS} times, the first ${samples[0]?.toFixed(2)} s`;
        say(detail);
        return { value: median(measured), samples: measured, detail };
      });
    } finally {
      connection.destroy();
      await answer;
      await broker.closeGrant(grant);
    }
  },
};

/** How long a reviewer waits for the first entries of a very long recording. */
export const pageOpenRow: Row = {
  name: 'page-open',
  what: 'opening a sealed recording of a million entries on the page, p50',
  bounds: { floor: 1.5, goal: 1, unit: 's', better: 'lower' },
  async measure({ broker, say }) {
    const { grant } = await longRecording(broker, say);
    return inBrowser(broker, 'reviewer', async (context) => {
      const samples: number[] = [];
      for (let opening = 0; opening <= OPENINGS; opening += 1) {
        const page = await context.newPage();
        const startedMs = performance.now();
        await page.goto(`${broker.vouched.api}/recordings/${grant}`, { waitUntil: 'commit' });
        await entry(page, 2).waitFor();
        samples.push((performance.now() - startedMs) / 1_000);
        await page.close();
      }
      const measured = samples.slice(1);
      const detail = `${OPENINGS} times, the first ${samples[0]?.toFixed(2)} s`;
      return { value: median(measured), samples: measured, detail };
    });
  },
};

/** How long a jump anywhere in it takes until the entry is there. */
export const pageJumpRow: Row = {
  name: 'page-jump',
  what: 'a jump anywhere in it, p50',
  bounds: { floor: 300, goal: 150, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const { grant, entries } = await longRecording(broker, say);
    return inBrowser(broker, 'reviewer', async (context) => {
      const page = await context.newPage();
      await page.goto(`${broker.vouched.api}/recordings/${grant}`);
      await entry(page, 2).waitFor();
      const samples: number[] = [];
      for (let jump = 1; jump <= JUMPS; jump += 1) {
        const seq = 2 + Math.floor((((jump * 17) % JUMPS) / JUMPS) * (entries - 2));
        const startedMs = performance.now();
        await page.evaluate(`location.hash = 'e=${seq}'`);
        await entry(page, seq).waitFor();
        samples.push(performance.now() - startedMs);
      }
      const detail = `${JUMPS} places in ${entries} entries, the slowest ${Math.max(...samples).toFixed(0)} ms`;
      return { value: median(samples), samples, detail };
    });
  },
};

function entry(page: Page, seq: number) {
  return page.locator(`[data-seq="${seq}"]`).first();
}

interface LongRecording {
  readonly grant: string;
  readonly entries: number;
}

let made: Promise<LongRecording> | undefined;

function longRecording(broker: BenchBroker, say: (line: string) => void): Promise<LongRecording> {
  made ??= makeLongRecording(broker, say);
  return made;
}

/** Two entries for each point select, until there are enough. */
async function makeLongRecording(broker: BenchBroker, say: (line: string) => void): Promise<LongRecording> {
  const grant = await broker.openGrant();
  let statements = 0;
  for (let seconds = 0; statements * 2 < ENTRIES && seconds < RECORD_SECONDS_MAX; seconds += 10) {
    statements += 10 * (await pointSelects(grant.login, { connections: 8, seconds: 10, prepared: false }));
  }
  await broker.closeGrant(grant);
  const entries = Math.floor(statements) * 2;
  say(`a sealed recording of about ${entries} entries`);
  if (entries < ENTRIES) throw new Error(`Only ${entries} entries in ${RECORD_SECONDS_MAX} s`);
  return { grant: grant.id, entries: ENTRIES };
}

/** Runs `use` in a browser where somebody is signed in. */
async function inBrowser<T>(broker: BenchBroker, role: Role, use: (context: BrowserContext) => Promise<T>): Promise<T> {
  const callers = await startVouching(broker.vouched);
  let browser: TestBrowser | undefined;
  try {
    browser = await startChromium();
    const { context } = browser;
    await context.addCookies([cookieOf((await callers.session(role))['cookie'] ?? '', broker.vouched.api)]);
    return await use(context);
  } finally {
    await browser?.close();
    await callers.close();
  }
}

function cookieOf(header: string, url: string) {
  const [name = '', value = ''] = header.split('=');
  return { name, value, url, secure: true, httpOnly: true, sameSite: 'Lax' as const };
}

async function slow(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
}

async function seen(look: () => Promise<string | undefined>): Promise<string> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error('No statement is held.');
}
