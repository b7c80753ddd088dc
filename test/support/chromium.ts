import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

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
const START_MS_MAX = 45_000;

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
 * Chromium's engine without a profile: people who use it beside each other get a context each. It is the headless shell where
 * the system has that, else the same program as {@link startChromium}.
 */
export async function startBrowser(): Promise<Browser> {
  const program = existsSync(SHELL) ? SHELL : PROGRAM;
  return chromium.launch({ executablePath: program, headless: true, args: ARGS, timeout: START_MS_MAX });
}
