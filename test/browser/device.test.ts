import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { type DeviceOpening, deviceOpening } from '../../src/contracts/sign-in/device.js';
import { ROOT } from '../support/folders.js';
import { makeLink } from '../support/sign-in.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const pages = usePages({
  gateways: 0,
  env: { LIMIT_DEVICE_STARTS_PER_MINUTE: '0', LIMIT_DEVICE_CODES_PER_MINUTE: '0', TRUSTED_PROXY: '127.0.0.1' },
});
let home: string;
const started: { readonly stop: () => void }[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'device-'));
});
afterAll(async () => {
  started.forEach(({ stop }) => stop());
  await rm(home, { recursive: true });
});

/** A command line that asks, from an address of the test's choice. */
async function ask(names: object = {}, address?: string): Promise<DeviceOpening> {
  const response = await fetch(`${pages.broker().api}/auth/device`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(address === undefined ? {} : { 'x-forwarded-for': address, 'x-forwarded-proto': 'http' }),
    },
    body: JSON.stringify(names),
  });
  return deviceOpening.parse(await response.json());
}

/** What became of it: the code of a refusal, or the principal as which it acts. */
async function outcomeOf({ deviceCode }: DeviceOpening): Promise<string> {
  const { body } = await callApi(pages.broker().api, '/auth/device/token', { body: { deviceCode } });
  return String(Reflect.get(Object(body), 'code') ?? Reflect.get(Object(body), 'principal'));
}

/** `doorwarden login`, which waits for somebody to type its code. */
function beginLogin() {
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, BROWSER: 'none' };
  const child = spawn(process.execPath, [CLI, 'login', '--api', pages.broker().api], { env, cwd: home });
  started.push({ stop: () => child.kill('SIGKILL') });
  let said = '';
  let answer = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  child.stdin.end();
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(answer)));
  const shown = vi.waitFor(
    () => {
      const [, address, code] = /Open (\S+)\nand type this code: {2}(\S+)/.exec(said) ?? [];
      if (address === undefined || code === undefined) throw new Error(`No code yet: ${said}`);
      return { address, code };
    },
    { timeout: 45_000, interval: 50 },
  );
  return { shown, ended };
}

const allow = (page: Page) => page.getByRole('button', { name: 'Let it in' });
const compared = (page: Page) => page.getByLabel('My terminal shows exactly this code');
const heading = (page: Page) => page.getByRole('heading', { level: 1, name: 'Let a command line in' });

describe('the page for a command line', () => {
  it('lets doorwarden login in by the code that the person types', async () => {
    const { shown, ended } = beginLogin();
    const { address, code } = await shown;
    const page = await pages.as('approver', { path: address });
    await heading(page).waitFor();
    await expectAccessible(page);
    await shoot(page, 'device-code');
    await page.getByLabel('Code').fill(code.toLowerCase().replace('-', ' '));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(code, { exact: true }).waitFor();
    const text = (await page.textContent('main')) ?? '';
    expect(text).toMatch(/doorwarden\/\d/);
    expect(text).toContain('127.0.0.1');
    expect(text).toContain('It then acts as you, test-approver, with your roles: approver');
    expect(await compared(page).count()).toBe(0);
    await expectAccessible(page);
    await shoot(page, 'device-question', { whole: true });
    await allow(page).click();
    await page.getByText('It is let in. Go back to your terminal.').waitFor();
    await shoot(page, 'device-allowed');
    expect(await ended).toContain('You are test-approver (approver)');
    await page.goto('/me');
    const row = page.getByRole('row').filter({ hasText: /command line, \S+@/ });
    await expect.poll(() => row.count()).toBe(1);
    await expectAccessible(page);
    await row.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await expect.poll(() => row.count(), { timeout: 30_000 }).toBe(0);
  }, 120_000);

  it('decides nothing by a link alone: the person has to compare the code first', async () => {
    const asked = await ask({ client: 'doorwarden/1.2.3', machine: 'ana@laptop' });
    const page = await pages.as('reviewer', { path: `/device?code=${asked.userCode}` });
    await page.getByText(asked.userCode, { exact: true }).waitFor();
    expect(await allow(page).isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await outcomeOf(asked)).toBe('authorization_pending');
    await compared(page).check();
    await expectAccessible(page);
    await allow(page).click();
    await page.getByText('It is let in. Go back to your terminal.').waitFor();
    await expect.poll(() => outcomeOf(asked), { timeout: 30_000, interval: 500 }).toBe('test-reviewer');
  }, 120_000);

  it('warns of one that asked from elsewhere, which has to be compared also where its code was typed', async () => {
    const asked = await ask({}, '203.0.113.9');
    const page = await pages.as('approver', { path: '/device' });
    await page.getByLabel('Code').fill(asked.userCode);
    await page.keyboard.press('Enter');
    await page.getByText('It asked from 203.0.113.9, which is not the address of this browser.').waitFor();
    expect(await page.textContent('main')).toContain('a program that does not say what it is');
    expect(await allow(page).isDisabled()).toBe(true);
    await expectAccessible(page);
    await shoot(page, 'device-elsewhere', { whole: true });
    await page.getByRole('button', { name: 'Refuse it' }).click();
    await page.getByText('It is refused.').waitFor();
    expect(await outcomeOf(asked)).toBe('access_denied');
    await page.getByRole('button', { name: 'Type another code' }).click();
    await page.getByLabel('Code').waitFor();
  }, 120_000);

  it('says so where no command line waits, and lets nobody in twice', async () => {
    pages.forgive(/status of 40[04]/);
    const page = await pages.as('approver', { path: '/device?code=BDFH-JKLM' });
    await page.getByText('No command line waits with that code.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Type another code' }).click();
    await page.getByLabel('Code').fill('<b>no code</b>');
    await page.keyboard.press('Enter');
    await page.getByText(/eight letters that the command line shows/).waitFor();
    const asked = await ask();
    const [one, other] = [
      await pages.as('approver', { path: '/device' }),
      await pages.as('reviewer', { path: '/device' }),
    ];
    for (const both of [one, other]) {
      await both.getByLabel('Code').fill(asked.userCode);
      await both.keyboard.press('Enter');
      await allow(both).waitFor();
    }
    await allow(one).click();
    await one.getByText('It is let in. Go back to your terminal.').waitFor();
    await allow(other).click();
    await other.getByText('No command line waits with that code.').waitFor();
    await expect.poll(() => outcomeOf(asked), { timeout: 30_000, interval: 500 }).toBe('test-approver');
  }, 120_000);

  it('is reached through sign-in, with the code that the link had', async () => {
    const asked = await ask();
    const page = await pages.stranger({ path: `/device?code=${asked.userCode}` });
    await page.waitForURL(`**/auth/sign-in?return=%2Fdevice%3Fcode%3D${asked.userCode}`);
    expect(await outcomeOf(asked)).toBe('authorization_pending');
    await page.goto(await makeLink(pages.broker(), 'test-operator'));
    await page.goto(`/device?code=${asked.userCode}`);
    await page.getByText(asked.userCode, { exact: true }).waitFor();
  }, 120_000);
});
