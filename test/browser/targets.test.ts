import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { type OwnDatabase, makeDatabase, runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { openGrant } from '../support/grants.js';
import { atState } from '../support/sign-in.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';
import { newTargetId } from '../../src/domain/ids.js';
import { targetEntity, type TargetRow } from '../../src/persistence/entities/grants/target.js';
import { expectAccessible } from './support/accessible.js';
import { expectHarmless } from './support/hostile-checks.js';
import { PHONE, useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = useSharedPages();
const username = `prov_${randomBytes(4).toString('hex')}`;
const password = randomBytes(9).toString('hex');
let database: OwnDatabase;

beforeAll(async () => {
  const { mariadb } = servers();
  database = await makeDatabase(mariadb);
  await runAsRoot(mariadb, [
    `CREATE USER '${username}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON *.* TO '${username}'@'%' WITH GRANT OPTION`,
    `REVOKE PROCESS ON *.* FROM '${username}'@'%'`,
  ]);
});

afterAll(async () => {
  await runAsRoot(servers().mariadb, [`DROP USER IF EXISTS '${username}'@'%'`]);
  await database?.drop();
});

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

/** The text of the page when it has this in it. */
async function untilShown(page: Page, text: string | RegExp): Promise<void> {
  await page.locator('main').getByText(text).first().waitFor();
}

async function register(page: Page, name: string): Promise<void> {
  const { host, port } = servers().mariadb;
  await button(page, 'Register a target').click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Host', { exact: true }).fill(host);
  await page.getByLabel('Port', { exact: true }).fill(String(port));
  await page.getByLabel('Account', { exact: true }).fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Default database', { exact: true }).fill(database.database);
  await page.getByLabel('Labels', { exact: true }).fill('env=prod\nteam=shop');
}

describe('the page of targets', () => {
  it('registers a target, says which statements its account lacks, and loses nothing that was typed', async () => {
    const page = await pages.as('operator', { path: '/targets' });
    await untilShown(page, 'There is no target yet.');
    await register(page, 'shop');
    pages.forgive(/422/);
    await button(page, 'Register').click();
    await untilShown(page, `GRANT PROCESS ON *.* TO '${username}'@'%';`);
    await untilShown(page, /target_privileges_missing/);
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(password);
    await expectAccessible(page);
    await shoot(page, 'targets-register', { whole: true });
    await runAsRoot(servers().mariadb, [`GRANT PROCESS ON *.* TO '${username}'@'%'`]);
    await button(page, 'Register').click();
    await page.waitForURL('**/targets/shop');
    await untilShown(page, 'env=prod');
    await untilShown(page, 'No task needs it now.');
    expect(await page.content()).not.toContain(password);
  });

  it('tests the connection step by step', async () => {
    const page = await pages.as('operator', { path: '/targets/shop' });
    await button(page, 'Test connection').click();
    await untilShown(page, /^It works\. The look took /);
    await runAsRoot(servers().mariadb, [`REVOKE CREATE USER ON *.* FROM '${username}'@'%'`]);
    await button(page, 'Test connection').click();
    await untilShown(page, 'It does not work.');
    await untilShown(page, `GRANT CREATE USER ON *.* TO '${username}'@'%';`);
    const steps = await page.locator('.test-steps li').allTextContents();
    expect(steps.map((step) => step.slice(0, 24))).toEqual([
      expect.stringContaining('Find its address'),
      expect.stringContaining('Connect'),
      expect.stringContaining('Encrypt'),
      expect.stringContaining('Log in'),
      expect.stringContaining('Its version'),
      expect.stringContaining('What the account may do'),
      expect.stringContaining('The default database'),
    ]);
    await expectAccessible(page);
    await shoot(page, 'target-test', { whole: true });
    await page.goto('/targets');
    await untilShown(page, 'fails');
    await runAsRoot(servers().mariadb, [`GRANT CREATE USER ON *.* TO '${username}'@'%'`]);
  });

  it('changes limits and labels, and replaces a password that nobody can read', async () => {
    const page = await pages.as('operator', { path: '/targets/shop' });
    await button(page, 'Change').click();
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Longest task, in seconds').fill('x');
    pages.forgive(/400/, /502/);
    await button(page, 'Save').click();
    await page.getByRole('alert').first().waitFor();
    await page.getByLabel('Longest task, in seconds').fill('900');
    await page.getByLabel('Labels', { exact: true }).fill('env=test');
    await button(page, 'Save').click();
    await untilShown(page, '15 min (900 seconds)');
    await untilShown(page, 'env=test');
    await button(page, 'Replace the password').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').fill('not this one');
    await dialog.getByRole('button', { name: 'Replace the password' }).click();
    await dialog.getByText('target_login_refused').waitFor();
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Replace the password' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  it('lists targets, with what is open and what is not safe', async () => {
    const page = await pages.as('operator', { path: '/targets' });
    await page.getByRole('link', { name: 'shop' }).waitFor();
    await untilShown(page, 'an account for each task');
    await expectAccessible(page);
    await shoot(page, 'targets', { whole: true });
    await page.setViewportSize(PHONE);
    await page.getByRole('link', { name: 'shop' }).click();
    await untilShown(page, 'Default database');
    await shoot(page, 'target', { whole: true });
  });

  it('shows hostile names, labels and versions, and nothing comes of them', async () => {
    const made = await atState(pages.broker(), async (source) => {
      const targets = source.getRepository(targetEntity);
      const shop = await targets.findOneByOrFail({ name: 'shop' });
      const rows = HOSTILE_LINES.map(({ text }, place): TargetRow => {
        const line = text.toWellFormed();
        return {
          ...shop,
          id: newTargetId(),
          name: `hostile-${place}`,
          username: line.slice(0, 120),
          defaultDatabase: line.slice(0, 60),
          labels: { env: line, team: line },
          report: shop.report && { ...shop.report, version: line },
        };
      });
      await targets.insert([...rows]);
      return rows;
    });
    try {
      const page = await pages.as('operator', { path: '/targets' });
      await page.getByRole('link', { name: 'hostile-0', exact: true }).waitFor();
      await expectHarmless(page, 'the list');
      await shoot(page, 'targets-hostile');
      for (const { name } of made.filter((_, place) => place % 6 === 1)) {
        await page.goto(`/targets/${name}`);
        await untilShown(page, 'Default database');
        await expectHarmless(page, name);
        await button(page, 'Change').click();
        await page.getByLabel('Labels', { exact: true }).waitFor();
        await expectHarmless(page, `${name}, changed`);
      }
    } finally {
      await atState(pages.broker(), (source) => source.getRepository(targetEntity).delete(made.map(({ id }) => id)));
    }
  });

  it('does not remove a target that a task needs, and removes it afterwards', async () => {
    const grant = await openGrant(pages.broker(), 'shop', { ttlSeconds: 60 });
    const page = await pages.as('operator', { path: '/targets/shop' });
    await untilShown(page, '1 open task needs it.');
    await button(page, 'Remove').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 task on it is not sealed.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const { api, keys } = pages.broker();
    await callApi(api, `/v1/grants/${grant.id}/close?wait=10`, { method: 'POST', key: keys.agent });
    await page.reload();
    await button(page, 'Remove').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.waitForURL('**/targets');
    await untilShown(page, 'There is no target yet.');
  });

  it('says to others which role it takes', async () => {
    const page = await pages.as('reviewer', { path: '/targets' });
    await untilShown(page, 'This page takes the role operator.');
  });
});
