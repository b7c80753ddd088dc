import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { newApiKeyView } from '../../src/contracts/identity/principal.js';
import { newPrincipalId } from '../../src/domain/ids.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';
import { atState } from '../support/sign-in.js';
import { expectAccessible } from './support/accessible.js';
import { useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = useSharedPages();

function asOperator(path: string, body?: unknown, method?: 'PATCH' | 'DELETE') {
  const { api, keys } = pages.broker();
  return callApi(api, path, { key: keys.operator, body, ...(method === undefined ? {} : { method }) });
}

async function makePrincipal(name: string, role = 'approver', kind = 'user'): Promise<void> {
  expect((await asOperator('/v1/principals', { name, kind, roles: [role] })).status).toBe(201);
}

interface BroughtPrincipal {
  readonly name: string;
  readonly displayName: string;
  readonly email: string | null;
}

/** Principals as if an identity provider had brought them. */
async function bringPrincipals(brought: readonly BroughtPrincipal[]): Promise<void> {
  await atState(pages.broker(), async (source) => {
    const principals = new PrincipalRepository(source);
    for (const { name, displayName, email } of brought) {
      await principals.insert({
        id: newPrincipalId(),
        name,
        kind: 'user',
        roles: ['approver'],
        groups: [],
        mappedGroups: ['dba'],
        provider: 'corp',
        displayName: displayName.slice(0, 200),
        email,
        createdAtMs: Date.now(),
        signedInAtMs: Date.now(),
        disabledAtMs: null,
      });
    }
  });
}

const HOSTILE_LABEL = HOSTILE_LINES.find(({ name }) => name === 'right-to-left override')?.text ?? '';
const dialog = (page: Page) => page.getByRole('dialog');
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

describe('people and keys', () => {
  it('makes a principal, gives it a key that is shown once, and takes the key back', async () => {
    const page = await pages.as('operator', { path: '/people' });
    await page.getByRole('button', { name: 'New principal' }).click();
    await dialog(page).getByLabel('Name').fill('Not A Name');
    await dialog(page)
      .getByLabel(/^agent: asks/)
      .check();
    await dialog(page)
      .getByLabel(/^agent: a program/)
      .check();
    await dialog(page).getByRole('button', { name: 'Make it' }).click();
    pages.forgive(/400/);
    await expect.poll(() => dialog(page).textContent()).toContain('must be 1 to 128 of a-z');
    expect(await dialog(page).getByLabel('Name').inputValue()).toBe('Not A Name');
    await dialog(page).getByLabel('Name').fill('ci-bot');
    await dialog(page).getByRole('button', { name: 'Make it' }).click();
    await page.waitForURL('**/people/ci-bot');

    await page.getByRole('button', { name: 'New key' }).click();
    await dialog(page).getByLabel('Label').fill(HOSTILE_LABEL);
    await dialog(page).getByLabel('Works until').selectOption({ label: '7 days' });
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    const key = (await dialog(page).locator('.new-key').textContent()) ?? '';
    expect(key).toMatch(/^dw_[a-z2-7]{8}_/);
    await shoot(page, 'key-shown-once');
    await page.keyboard.press('Escape');
    expect(await dialog(page).isVisible()).toBe(true); // only its own button lets go of it
    const { api } = pages.broker();
    expect((await callApi(api, '/v1/me', { key })).status).toBe(200);
    await dialog(page).getByRole('button', { name: 'I have kept it' }).click();
    expect(await page.content()).not.toContain(key.slice(12));
    await section(page, 'API keys').getByRole('button', { name: 'Revoke' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect.poll(() => section(page, 'API keys').textContent()).toContain('revoked');
    expect((await callApi(api, '/v1/me', { key })).status).toBe(401);
    await shoot(page, 'principal', { whole: true });
    await expectAccessible(page);
  });

  it('says that a further key of somebody who decides takes a second operator', async () => {
    await makePrincipal('dora@example.org');
    newApiKeyView.parse((await asOperator('/v1/principals/dora@example.org/keys', {})).body);
    const page = await pages.as('operator', { path: '/people/dora@example.org' });
    pages.forgive(/409/);
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog(page).getByLabel('Label').fill('laptop');
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    await expect.poll(() => dialog(page).textContent()).toContain('A second operator has to make this key');
    expect(await dialog(page).locator('.new-key').textContent()).toMatch(
      /people\/dora%40example\.org\?request=[0-9a-z]{26}$/,
    );
    expect(await dialog(page).getByLabel('Label').inputValue()).toBe('laptop');
    await shoot(page, 'second-operator');
  });

  it('shows who may be the same person, and joins and parts them', async () => {
    await makePrincipal('twin@example.org');
    await makePrincipal('twin-two');
    const page = await pages.as('operator', { path: '/people/twin-two' });
    await page.getByRole('button', { name: 'They are one person' }).click();
    await dialog(page).getByLabel('Name of the other principal').fill('nobody-there');
    await dialog(page).getByRole('button', { name: 'They are one person' }).click();
    pages.forgive(/404/);
    await expect.poll(() => dialog(page).textContent()).toContain('There is no such principal');
    await dialog(page).getByLabel('Name of the other principal').fill('twin@example.org');
    await dialog(page).getByRole('button', { name: 'They are one person' }).click();
    await expect.poll(() => section(page, 'Person').textContent()).toContain('twin@example.org');
    await page.getByRole('button', { name: 'It is somebody else' }).click();
    await dialog(page).getByRole('button', { name: 'It is somebody else' }).click();
    await expect.poll(() => section(page, 'Person').textContent()).toContain('No other principal');
  });

  it('warns of two principals with one e-mail address, whatever a provider says of a name', async () => {
    await makePrincipal('ana@example.org');
    const title = '<img src=x onerror=alert(1)>';
    await bringPrincipals([
      ...HOSTILE_LINES.slice(0, 20).map(({ text }, at) => ({
        name: `corp:hostile-${at}`,
        displayName: text,
        email: null,
      })),
      { name: 'corp:ana', displayName: `${title}\u202e ana`, email: 'ana@example.org' },
    ]);
    const page = await pages.as('operator', { path: '/people?provider=corp' });
    await expect.poll(() => page.getByRole('row').count()).toBe(22);
    const row = page.getByRole('row').filter({ hasText: 'corp:ana' });
    expect(await row.textContent()).toContain(`${title}⟨U+202E⟩ ana`);
    expect(await row.textContent()).toContain('may be the same person');
    expect(await page.locator('main img, main script, main svg').count()).toBe(0);
    await shoot(page, 'people-hostile');
    await expectAccessible(page);
    await row.getByRole('link').click();
    await page.getByText('Perhaps the same person').waitFor();
    expect(await section(page, 'Groups').textContent()).toContain('identity provider corp, by the mapping');
    await shoot(page, 'principal-alike', { whole: true });
    await page.getByRole('button', { name: 'They are one person' }).click();
    expect(await dialog(page).getByLabel('Name of the other principal').inputValue()).toBe('ana@example.org');
    await dialog(page).getByRole('button', { name: 'They are one person' }).click();
    await expect.poll(() => page.getByText('Perhaps the same person').count()).toBe(0);
    expect(await section(page, 'Person').textContent()).toContain('ana@example.org');
  });

  it('ends a session of somebody, who has to sign in again', async () => {
    await makePrincipal('eve@example.org', 'reviewer');
    const theirs = await pages.signedIn('eve@example.org', { path: '/me' });
    const page = await pages.as('operator', { path: '/people/eve@example.org' });
    await section(page, 'Sessions').getByRole('button', { name: 'End', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'End' }).click();
    await expect.poll(() => section(page, 'Sessions').textContent()).toContain('Nobody is signed in');
    pages.forgive(/401/);
    await theirs.getByRole('link', { name: 'Administrative record' }).click();
    await expect.poll(() => theirs.getByRole('alertdialog').textContent()).toContain('Your session is over');
  });

  it('disables a principal, and finds it by the filters, which stand in the address', async () => {
    await makePrincipal('to-disable', 'agent', 'agent');
    const page = await pages.as('operator', { path: '/people/to-disable' });
    await page.getByRole('button', { name: 'Disable' }).click();
    await dialog(page).getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable again' }).waitFor();
    await page.getByRole('link', { name: 'All principals' }).click();
    await page.getByLabel('Name or e-mail address').fill('DISABLE');
    await page.getByLabel('State').selectOption('disabled');
    await page.waitForURL(/text=DISABLE.*state=disabled|state=disabled.*text=DISABLE/);
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.reload();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.goto('/people');
    await page.getByRole('link', { name: 'to-disable' }).waitFor();
    await shoot(page, 'people', { whole: true });
    await expectAccessible(page);
  });
});

describe('the page of oneself', () => {
  it('says who one is and what one may do, and keeps choices in the browser', async () => {
    const page = await pages.as('approver', { path: '/me' });
    await page.getByRole('heading', { name: 'What you may do' }).waitFor();
    const text = (await page.textContent('main')) ?? '';
    expect(text).toContain('test-approver');
    expect(text).toContain('Approve and deny');
    expect(text).not.toContain('Drain gateways');
    await page.getByLabel('dark', { exact: true }).check();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.getByLabel('Single keys do something').uncheck();
    await page.reload();
    await page.getByLabel('Single keys do something').waitFor();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.keyboard.press('?');
    expect(await dialog(page).count()).toBe(0);
    await page.getByLabel('Single keys do something').check();
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('as the system has them').check();
    await shoot(page, 'me', { whole: true });
    await expectAccessible(page);
  });

  it('makes and revokes one’s own key without an operator', async () => {
    const page = await pages.as('reviewer', { path: '/me' });
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog(page).getByLabel('Only these').check();
    await dialog(page).getByLabel('Approve and deny').check();
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    pages.forgive(/422/);
    await expect.poll(() => dialog(page).textContent()).toContain('approval.decide');
    await dialog(page).getByLabel('Approve and deny').uncheck();
    await dialog(page).getByLabel('See tasks').check();
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    await dialog(page).getByRole('button', { name: 'I have kept it' }).click();
    const rows = section(page, 'Your API keys').getByRole('row');
    await rows.filter({ hasText: 'grant.read' }).getByRole('button', { name: 'Revoke' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect.poll(() => rows.filter({ hasText: 'grant.read' }).textContent()).toContain('revoked');
  });

  it('signs out here, and says so', async () => {
    await makePrincipal('going@example.org', 'reviewer');
    const page = await pages.signedIn('going@example.org', { path: '/me' });
    await page.locator('.header-person summary').click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Everywhere' }).waitFor();
    await shoot(page, 'sign-out');
    await dialog(page).getByRole('button', { name: 'Here', exact: true }).click();
    await page.getByText('You are signed out here.').waitFor();
  });

  it('signs out everywhere', async () => {
    await makePrincipal('leaving@example.org', 'reviewer');
    const page = await pages.signedIn('leaving@example.org', { path: '/me' });
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await dialog(page).getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByText('You are signed out everywhere').waitFor();
    pages.forgive(/401/);
    await page.goto('/me');
    await page.waitForURL('**/auth/sign-in*');
  });
});
