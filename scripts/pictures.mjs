// Makes the pictures of the README: starts the quickstart, signs in as its approver and its reviewer in Chromium, and takes what
// they see: the question that waits, on the page and in the local Slack, and the recording of the task that is over.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ROOT, inLocal, inRoot } from './setup/paths.mjs';
import { say } from './setup/step.mjs';

const STATE = inLocal('quickstart.json');
const FOLDER = inRoot('docs', 'pictures');
const START_MS_MAX = 180_000;
const SCHEMES = ['light', 'dark'];
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

const quickstart = spawn(process.execPath, ['dist/apps/quickstart/main.js', '--slack'], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
quickstart.stdout.setEncoding('utf8').on('data', (text) => void (output += text));
const profile = mkdtempSync(join(tmpdir(), 'doorwarden-pictures-'));
try {
  const state = await untilServing();
  mkdirSync(FOLDER, { recursive: true });
  await takePictures(state);
} finally {
  quickstart.kill('SIGTERM');
  await new Promise((resolve) => (quickstart.exitCode === null ? quickstart.once('exit', resolve) : resolve()));
  rmSync(profile, { recursive: true, force: true });
}

async function untilServing() {
  const untilMs = performance.now() + START_MS_MAX;
  while (!(existsSync(STATE) && output.includes('Serving until Ctrl-C.'))) {
    if (quickstart.exitCode !== null || performance.now() > untilMs)
      throw new Error(`The quickstart does not serve:\n${output}`);
    await delay(200);
  }
  return JSON.parse(readFileSync(STATE, 'utf8'));
}

async function takePictures({ web, signIn, slack }) {
  const as = async (role) => {
    const context = await chromium.launchPersistentContext(join(profile, role), {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--hide-scrollbars'],
      viewport: WIDE,
      deviceScaleFactor: 1.5,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(signIn[role]);
    return { context, page };
  };
  const approver = await as('approver');
  const { page } = approver;
  await page.goto(new URL('/inbox', web).href);
  await page
    .getByRole('link', { name: /UPDATE/ })
    .first()
    .waitFor();
  await take(page, 'inbox');
  const { items } = await read(page, '/v1/approvals?state=pending&decidable=true');
  await page.goto(new URL(`/approvals/${items[0].id}`, web).href);
  await page
    .getByRole('button', { name: /Approve/ })
    .first()
    .waitFor();
  await take(page, 'approval');
  await take(page, 'approval-phone', NARROW);
  await page.goto(slack);
  await page
    .getByRole('button', { name: /Approve/ })
    .first()
    .waitFor();
  await take(page, 'slack');
  await approver.context.close();

  const reviewer = await as('reviewer');
  const recording = (await read(reviewer.page, '/v1/recordings')).items.find(({ state }) => state === 'sealed').grantId;
  const held = (await read(reviewer.page, `/v1/recordings/${recording}/entries?verdict=hold&limit=1`)).items[0].seq;
  await reviewer.page.goto(new URL(`/recordings/${recording}#e=${held}`, web).href);
  await reviewer.page.getByText('refunded').first().waitFor();
  await take(reviewer.page, 'replay');
  await reviewer.context.close();
}

/** One picture for each colour scheme, as the README shows them. */
async function take(page, name, viewport = WIDE) {
  await page.setViewportSize(viewport);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await delay(500); // fonts and colours settle
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`) });
    say(`  docs/pictures/${name}-${colorScheme}.png`);
  }
  await page.setViewportSize(WIDE);
}

async function read(page, path) {
  return page.evaluate((address) => fetch(address).then((answer) => answer.json()), path);
}
