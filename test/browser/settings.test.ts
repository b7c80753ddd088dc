import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { identityMappingView } from '../../src/contracts/identity/identity-mapping.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { AUDIENCE } from '../support/idp/providers.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = usePages();
let issuer: LyingIssuer;
beforeAll(async () => {
  issuer = await startLyingIssuer();
});
afterAll(() => issuer.close());

function asOperator(path: string, body?: unknown, method?: 'PUT') {
  const { api, keys } = pages.broker();
  return callApi(api, path, { key: keys.operator, body, ...(method === undefined ? {} : { method }) });
}

async function putProvider(name: string, change: object = {}): Promise<void> {
  const body = {
    kind: 'oidc',
    for: ['agents'],
    issuer: issuer.issuer,
    audience: AUDIENCE,
    allowPrivateAddresses: true,
  };
  const answer = await asOperator(`/v1/identity-providers/${name}`, { ...body, ...change }, 'PUT');
  expect(answer).toMatchObject({ status: 200 });
}

const RULE = {
  provider: 'ci',
  when: { repository: ['acme/shop', 'acme/billing'], environment: 'production' },
  principal: '{repository}',
  kind: 'agent',
  roles: ['agent'],
  groups: [],
};

function putRules(rules: readonly object[], reason: string) {
  return asOperator('/v1/identity-mapping', { rules, reason }, 'PUT');
}

const dialog = (page: Page) => page.getByRole('dialog');
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('identity providers', () => {
  it('are stored after the broker has looked, with what is wrong said at its field, and nothing typed lost', async () => {
    const page = await pages.as('operator', { path: '/settings' });
    await page.getByText('There is no identity provider yet').waitFor();
    await page.getByRole('link', { name: 'New OpenID Connect provider' }).click();
    await page.getByLabel('Name', { exact: true }).fill('ci');
    await page.getByLabel('people who sign in').uncheck();
    await page.getByLabel('agents’ tokens').check();
    await page.getByLabel('Issuer').fill(issuer.issuer);
    await page.getByLabel('Claims that tokens must have').fill('{"repository_owner": ');
    expect(await page.getByRole('alert').textContent()).toBe('This is no JSON.');
    expect(await page.getByRole('button', { name: 'Store it' }).isDisabled()).toBe(true);
    await page.getByLabel('Claims that tokens must have').fill('{"repository_owner": "acme"}');
    await page.getByRole('button', { name: 'Store it' }).click();
    pages.forgive(/400|422/);
    await expect
      .poll(async () => page.getByLabel('Audience', { exact: true }).getAttribute('aria-invalid'))
      .toBe('true');
    await page.getByLabel('Audience', { exact: true }).fill(AUDIENCE);
    await page.getByLabel('It may be at a private address').check();
    await page.getByLabel('Reason').fill('CI works at the shop');
    await page.getByRole('button', { name: 'Store it' }).click();
    await page.waitForURL('**/settings/providers/ci');
    expect(await page.getByLabel('Claims that tokens must have').inputValue()).toContain('"acme"');
    await expectAccessible(page);
    await shoot(page, 'provider', { whole: true });
  });

  it('that somebody else has changed meanwhile are shown beside what was typed', async () => {
    const page = await pages.as('operator', { path: '/settings/providers/ci' });
    await page.getByLabel('Claim with the sponsor').fill('actor');
    await putProvider('ci', { sponsorClaim: 'owner', requiredClaims: { repository_owner: 'acme' } });
    await page.getByRole('button', { name: 'Save' }).click();
    pages.forgive(/409/);
    const conflict = page.getByRole('row', { name: 'Claim with the sponsor' });
    await conflict.waitFor();
    expect(await conflict.getByRole('cell').allTextContents()).toEqual(['owner', 'actor']);
    expect(await page.getByLabel('Claim with the sponsor').inputValue()).toBe('actor');
    await shoot(page, 'provider-conflict');
    await page.getByRole('button', { name: /^Go on with mine/ }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const stored = await asOperator('/v1/identity-providers/ci');
    expect(stored.body).toMatchObject({ sponsorClaim: 'actor', requiredClaims: { repository_owner: 'acme' } });
  });
});

describe('the identity mapping', () => {
  it('is tried with a pasted token, whose signature never leaves the browser', async () => {
    expect((await putRules([RULE], 'the shop builds itself')).status).toBe(200);
    const page = await pages.as('operator', { path: '/settings/mapping' });
    const signature = 'c2lnbmF0dXJlLW9mLWEtdG9rZW4';
    const claims = { sub: 'repo:acme/shop', repository: 'acme/shop', environment: 'staging' };
    const sent: string[] = [];
    page.on('request', (request) => void sent.push(`${request.url()} ${request.postData() ?? ''}`));
    await page.getByLabel('Claims, as JSON, or a token').fill(`${part({ alg: 'ES256' })}.${part(claims)}.${signature}`);
    await page.getByLabel('They come').selectOption('agents');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('No rule fits.').waitFor();
    const trial = page.getByRole('region', { name: 'What every rule says' });
    expect(await trial.textContent()).toContain('environment wants "production"; there is "staging"');
    await page.getByText('Nobody', { exact: true }).waitFor();
    expect(sent.join('\n')).toContain('acme/shop');
    expect(sent.join('\n')).not.toContain(signature);
    expect(await page.content()).not.toContain(signature);
    await page.getByLabel('Claims, as JSON, or a token').fill(JSON.stringify({ ...claims, environment: 'production' }));
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('ci:acme/shop').waitFor();
    await expectAccessible(page);
    await shoot(page, 'mapping', { whole: true });
  });

  it('is put into force with a reason, and keeps both texts when somebody else was first', async () => {
    const page = await pages.as('operator', { path: '/settings/mapping' });
    await page.getByRole('button', { name: 'New rule' }).click();
    await dialog(page).getByLabel('Claim', { exact: true }).fill('environment');
    await dialog(page)
      .getByLabel(/^Values/)
      .fill('staging');
    await dialog(page).getByLabel('Principal').fill('staging/{repository}');
    await dialog(page)
      .getByLabel(/^agent: a program/)
      .check();
    await dialog(page)
      .getByLabel(/^agent: asks/)
      .check();
    await shoot(page, 'rule');
    await dialog(page).getByRole('button', { name: 'Take it over' }).click();
    await page.getByText('The rules below differ').waitFor();
    await putRules([{ ...RULE, groups: ['ci'] }], 'somebody was first');
    await page.getByRole('button', { name: 'Put into force' }).click();
    await dialog(page).getByLabel('Reason').fill('staging too');
    await dialog(page).getByRole('button', { name: 'Put into force' }).click();
    pages.forgive(/409/);
    await page.getByText('Somebody else has changed the rules meanwhile').waitFor();
    expect(await page.getByRole('region', { name: 'Stored now' }).textContent()).toContain('"ci"');
    expect(await page.getByRole('region', { name: 'Yours' }).textContent()).toContain('staging/{repository}');
    await shoot(page, 'mapping-conflict');
    await page.getByRole('button', { name: /^Go on with mine/ }).click();
    await page.getByRole('button', { name: 'Put into force' }).click();
    await dialog(page).getByLabel('Reason').fill('staging too');
    await dialog(page).getByRole('button', { name: 'Put into force' }).click();
    await page.getByText('Revision 3').first().waitFor();
    const stored = identityMappingView.parse((await asOperator('/v1/identity-mapping')).body);
    expect(stored).toMatchObject({
      revision: 3,
      reason: 'staging too',
      rules: [{ groups: [] }, { when: { environment: 'staging' } }],
    });
  });
});

describe('the broker', () => {
  it('shows what the environment decides, and no secret', async () => {
    const page = await pages.as('operator', { path: '/settings/broker' });
    await page.getByRole('row', { name: 'DATABASE_URL' }).waitFor();
    expect(await page.getByRole('row', { name: 'DATABASE_URL' }).textContent()).toContain('set, and never shown');
    expect(await page.content()).not.toContain(pages.broker().env.DATABASE_URL);
    await expectAccessible(page);
    await shoot(page, 'broker', { whole: true });
  });

  it('drains a gateway after a question', async () => {
    const page = await pages.as('operator', { path: '/settings/gateways' });
    await page.getByText('running').waitFor();
    await expectAccessible(page);
    await shoot(page, 'gateways');
    await page.getByRole('button', { name: 'Drain' }).click();
    await dialog(page).getByRole('button', { name: 'Drain' }).click();
    await expect.poll(() => page.textContent('main')).toMatch(/draining|lost|No gateway runs/);
  });
});

describe('the administrative record', () => {
  it('is narrowed by what stands in the address, leads to what its entries are about, and is checked', async () => {
    const page = await pages.as('reviewer', { path: '/record?act=mapping.put' });
    await expect.poll(() => page.getByRole('row').count()).toBe(4);
    expect(await page.textContent('main')).toContain('staging too');
    await page.getByLabel('What').selectOption('');
    await page.getByLabel('About (name or id)').fill('ci');
    await page.waitForURL(/subject=ci/);
    await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(3);
    const change = page.getByRole('row').filter({ hasText: 'sponsorClaim' }).first();
    expect(await change.textContent()).toMatch(/sponsorClaim\s+(nothing|owner)\s+→\s+(owner|actor)/);
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('The record holds.').waitFor();
    await expectAccessible(page);
    await shoot(page, 'record', { whole: true });
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).click();
    expect((await download).suggestedFilename()).toBe('administrative-record.jsonl');
  });
});
