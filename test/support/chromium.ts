import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';

const PROGRAM = '/usr/bin/chromium';
/** Chromium's engine without the browser around it: a page costs a third of the processor time. Not every system has it. */
const SHELL = '/usr/bin/chromium-headless-shell';
/** It talks to nobody but the pages of the test, and runs as root. */
const ARGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/**
 * A browser of a few minutes without a profile keeps no code for a later one, collects little that is old, and should not
 * have to read code again that was not needed for a while.
 */
const SHORT_LIVED = ['--v8-cache-options=none', '--js-flags=--min-semi-space-size=16,--no-flush-bytecode'];
/** The pages of one person share a process while one of them is open: it has compiled the page's code already. */
const ONE_PROCESS = '--process-per-site';
const START_MS_MAX = 45_000;
/** Files with a browser run after each other; when they are through, nobody needs it. */
const KEPT_MS = 15_000;

let idle: { readonly browser: Browser; readonly closing: NodeJS.Timeout } | undefined;

/** A browser with a folder of its own, which is gone with it. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts Debian's Chromium without a window. */
export async function startChromium(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'doorwarden-chromium-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: PROGRAM,
    headless: true,
    args: ARGS,
    timeout: START_MS_MAX,
    viewport: { width: 1280, height: 800 },
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Gives the tests of a file Chromium's engine without a profile, which other files have had before and get after it: people who
 * use it beside each other get a context each. It is the headless shell where the system has that, else the same program as
 * {@link startChromium}. It is passed on without the file's contexts when no test has failed; otherwise it is closed.
 */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  let hasFailed = false;
  beforeAll(async () => {
    browser = await takeBrowser();
  }, 90_000);
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail';
  });
  afterAll(async () => {
    if (browser) await (hasFailed ? browser.close() : passOn(browser));
  });
  return () => {
    if (browser === undefined) throw new Error('The browser is there inside of tests and hooks only');
    return browser;
  };
}

async function takeBrowser(): Promise<Browser> {
  const taken = idle;
  clearTimeout(taken?.closing);
  idle = undefined;
  if (taken?.browser.isConnected() === true) return taken.browser;
  const executablePath = existsSync(SHELL) ? SHELL : PROGRAM;
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...ARGS, ...SHORT_LIVED, ONE_PROCESS],
    timeout: START_MS_MAX,
  });
}

async function passOn(browser: Browser): Promise<void> {
  if (idle !== undefined) return browser.close();
  await Promise.all(browser.contexts().map((context) => context.close()));
  const close = (): void => {
    idle = undefined;
    void browser.close().catch(() => undefined); // at the end of a run it may go first
  };
  idle = { browser, closing: setTimeout(close, KEPT_MS).unref() };
}
