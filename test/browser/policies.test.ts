import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { policyView } from '../../src/contracts/policies/policy.js';
import { useHeldShop } from '../gateway/held-shop.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { untilFound } from '../support/statements.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';
import { expectAccessible } from './support/accessible.js';
import { expectHarmless } from './support/hostile-checks.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = usePages({ policies: 'default', env: { INDEX_EVERY_SECONDS: '1', LIMIT_SEARCHES_PER_MINUTE: '0' } });
const shop = useHeldShop(pages.broker, servers().mariadb, () => ({
  schema: ['CREATE TABLE secrets (id INT PRIMARY KEY)', 'CREATE TABLE plain (id INT PRIMARY KEY)'],
}));

const HOLD_SECRETS = `@id("secrets")
@approvers("dba")
forbid (principal, action == Action::"read", resource is Table)
when { resource.name == "secrets" }
unless { context.approved };
`;

function button(page: Page, name: string | RegExp) {
  return page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
}

async function untilShown(page: Page, text: string | RegExp): Promise<void> {
  await page.locator('main').getByText(text).first().waitFor();
}

/** Puts a text in the place of what stands in the editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Text of the policy' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

async function save(page: Page, reason: string): Promise<void> {
  await page.getByLabel('Reason for the change').fill(reason);
  await button(page, 'Save').click();
}

async function put(name: string, text: string): Promise<void> {
  const { api, keys } = pages.broker();
  const answer = await callApi(api, `/v1/policies/${name}`, { method: 'PUT', body: { text }, key: keys.operator });
  expect(answer.status).toBe(200);
}

async function stored(name: string) {
  const { api, keys } = pages.broker();
  return policyView.parse((await callApi(api, `/v1/policies/${name}`, { key: keys.operator })).body);
}

beforeAll(async () => {
  const task = await shop().newTask();
  await withMysql2(task.login, async (client) => {
    await client.query('SELECT id FROM plain');
    for (const id of [1, 2, 3]) await client.query(`SELECT id FROM secrets WHERE id = ${id}`);
  });
  await untilFound(pages.broker(), { grant: task.id }, 4);
});

describe('the page of policies', () => {
  it('lists them, with their last change, what they decided and whether they are valid', async () => {
    const page = await pages.as('operator', { path: '/policies' });
    await page.getByRole('link', { name: 'default' }).waitFor();
    const row = page.getByRole('row', { name: /default/ });
    expect(await row.textContent()).toMatch(/came with the broker/);
    expect(await row.textContent()).toMatch(/valid/);
    await expectAccessible(page);
    await shoot(page, 'policies', { whole: true });
  });

  it('takes a new one: what is wrong is marked at its place, and saving needs a reason', async () => {
    pages.forgive(/404/);
    const page = await pages.as('operator', { path: '/policies' });
    await button(page, 'New policy').click();
    await page.getByRole('dialog').getByLabel('Name').fill('secrets');
    await button(page, 'Write its text').click();
    await page.waitForURL('**/policies/secrets');
    await untilShown(page, 'There is no policy of this name yet.');
    await write(page, '@id("secrets")\npermit (principal, action == Action::"fly", resource);\n');
    await untilShown(page, 'Line 2, column 30');
    await page.locator('.cm-lintRange-error').first().waitFor();
    await button(page, 'Go there').click();
    expect(await page.locator('.cm-content').evaluate('document.activeElement.className')).toContain('cm-content');
    await write(page, 'permit (principal, action, resource);\n');
    await untilShown(page, 'It lets statements run at once that the broker does not understand.');
    await shoot(page, 'policy-warned', { whole: true });
    await write(page, '');
    await page.keyboard.type('@appr');
    await page.locator('.cm-tooltip-autocomplete').getByText('@approvers').click();
    await page.locator('.cm-content').getByText('@approvers("dba,security")').waitFor();
    await write(page, HOLD_SECRETS);
    await untilShown(page, 'The text is valid.');
    await button(page, 'Save').click();
    await untilShown(page, 'Say why: a change of a policy needs a reason.');
    await save(page, 'Secrets are read after an approval.');
    await untilShown(page, 'It is saved and in force within a second.');
    expect(await stored('secrets')).toMatchObject({ text: HOLD_SECRETS, updatedBy: 'test-operator' });
  });

  it('says what the text in the editor would have changed of what was recorded', async () => {
    const page = await pages.as('operator', { path: '/policies/secrets' });
    await page.locator('.cm-content').waitFor();
    await write(page, '');
    await page.getByRole('tab', { name: 'What would change' }).click();
    await button(page, 'Judge them again').click();
    await untilShown(page, /^3 of \d+ statements would get another answer\.$/);
    await button(page, 'hold → allow: 3').click();
    expect(await page.getByRole('row').count()).toBe(4);
    await shoot(page, 'policy-replay', { whole: true });
  });

  it('tries a statement and a request for a grant, with the text in the editor', async () => {
    const page = await pages.as('operator', { path: '/policies/secrets' });
    await page.locator('.cm-content').waitFor();
    await page.getByLabel('Target').first().selectOption(shop().target.name);
    await page.getByLabel('Statement', { exact: true }).fill('SELECT * FROM secrets');
    await button(page, 'Try it').click();
    await untilShown(page, 'It waits for people.');
    await untilShown(page, 'secrets#secrets');
    await untilShown(page, 'The target was not asked.');
    await write(page, HOLD_SECRETS.replace('unless { context.approved }', ''));
    await page.getByLabel('With the text that stands in the editor').waitFor();
    await button(page, 'Try it').click();
    await untilShown(page, 'It does not run.');
    await expectAccessible(page);
    await shoot(page, 'policy-try', { whole: true });
    await page.getByLabel('A request for a grant').check();
    await button(page, 'Try it').click();
    await untilShown(page, 'It runs at once.');
    await button(page, 'Take back my changes').click();
  });

  it('loses nothing that was written when somebody else was first', async () => {
    const page = await pages.as('operator', { path: '/policies/secrets' });
    await page.locator('.cm-content').waitFor();
    await write(page, `// mine\n${HOLD_SECRETS}`);
    await put('secrets', `// theirs\n${HOLD_SECRETS}`);
    pages.forgive(/409/);
    await save(page, 'Mine is better.');
    await untilShown(page, /Somebody has changed this policy since you opened it/);
    await button(page, 'See how theirs differs from yours').click();
    await page.getByRole('region', { name: 'See how theirs differs from yours' }).waitFor();
    await shoot(page, 'policy-conflict', { whole: true });
    expect(await page.locator('.cm-content').textContent()).toContain('// mine');
    await button(page, 'Go on with mine, over theirs').click();
    expect(await page.getByLabel('Reason for the change').inputValue()).toBe('Mine is better.');
    await button(page, 'Save').click();
    await untilShown(page, 'It is saved and in force within a second.');
    expect((await stored('secrets')).text).toBe(`// mine\n${HOLD_SECRETS}`);
  });

  it('shows the difference and every version, and takes an earlier text again as a new version', async () => {
    const page = await pages.as('operator', { path: '/policies/secrets' });
    await page.getByRole('tab', { name: 'History' }).click();
    await untilShown(page, 'Secrets are read after an approval.');
    await untilShown(page, 'Mine is better.');
    const first = page.getByRole('listitem').filter({ hasText: 'Secrets are read after an approval.' });
    await first.getByRole('button', { name: 'See the difference' }).click();
    await page.getByRole('region', { name: 'From this version to the text in the editor' }).waitFor();
    await expectAccessible(page);
    await shoot(page, 'policy-history', { whole: true });
    await first.getByRole('button', { name: 'Take this text again' }).click();
    await untilShown(page, 'Saving it makes a new version; nothing is rewritten.');
    await page.getByRole('tab', { name: 'Difference' }).click();
    await page.getByText('// mine').last().waitFor();
    await button(page, 'Save').click();
    await untilShown(page, 'It is saved and in force within a second.');
    await page.getByRole('tab', { name: 'History' }).click();
    await untilShown(page, /^Back to the text of revision \d+\.$/);
    expect((await stored('secrets')).text).toBe(HOLD_SECRETS);
  });

  it('deletes one, and asks why', async () => {
    pages.forgive(/404/);
    const page = await pages.as('operator', { path: '/policies/secrets' });
    await button(page, 'Delete').click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason for the change').fill('It was a trial.');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await untilShown(page, 'There is no policy of this name yet.');
  });

  it('shows hostile texts of policies, reasons and warnings, and nothing comes of them', async () => {
    const lines = HOSTILE_LINES.map(({ text }) => text.toWellFormed());
    // Cedar takes them in comments, but not a line break.
    const comments = lines.map((line) => `// ${line.replaceAll(/[\n\r\u2028\u2029\u0085]/g, ' ')}`);
    const annotation = JSON.stringify('<img src=x onerror="document.title=\'taken\'"></main>');
    const text = `${comments.join('\n')}\n${HOLD_SECRETS.replace('@approvers', `@warning(${annotation})\n@approvers`)}`;
    const reason = '<svg/onload=document.title="taken"></p></main><h1>Approved</h1>';
    const { api, keys } = pages.broker();
    const path = '/v1/policies/hostile';
    const first = await callApi(api, path, { method: 'PUT', body: { text, reason }, key: keys.operator });
    expect(first.status).toBe(200);
    await put('hostile', `${text}\n// changed`);
    for (const [role, tab] of [
      ['operator', 'History'],
      ['reviewer', 'History'],
    ] as const) {
      const page = await pages.as(role, { path: '/policies/hostile' });
      await page.locator('.cm-content').getByText('⟨U+202E⟩').first().waitFor();
      await expectHarmless(page, `the editor of ${role}`);
      await page.getByRole('tab', { name: tab }).click();
      await untilShown(page, reason);
      await page.getByRole('button', { name: 'See the difference' }).last().click();
      await expectHarmless(page, `the history of ${role}`);
      if (role === 'operator') await shoot(page, 'policy-hostile');
      await page.goto('/policies');
      await page.getByRole('link', { name: 'hostile' }).waitFor();
      await expectHarmless(page, `the list of ${role}`);
    }
    const { revision } = await stored('hostile');
    const gone = await callApi(api, `${path}?revision=${revision}&reason=over`, {
      method: 'DELETE',
      key: keys.operator,
    });
    expect(gone.status).toBe(204);
  });

  it('can be read by reviewers and tried by approvers, and changed by neither', async () => {
    const reviewer = await pages.as('reviewer', { path: '/policies/default' });
    await untilShown(reviewer, 'You can read it. Only operators change policies.');
    await reviewer.locator('.cm-content').waitFor();
    expect(await reviewer.getByRole('tab').allTextContents()).toEqual(['History']);
    expect(await button(reviewer, 'Save').count()).toBe(0);
    const approver = await pages.as('approver', { path: '/policies/default' });
    await approver.locator('.cm-content').waitFor();
    expect(await approver.getByRole('tab').allTextContents()).toEqual(['Try', 'History']);
  });
});
