import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import type { NewWebhookView } from '../../src/contracts/channels/webhook.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { answerStatus, OK, useReceivers } from '../support/webhooks/receiver.js';
import { until } from '../support/webhooks/webhook-state.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = usePages({
  gateways: 0,
  env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_INCLUDE: 'statement' },
});
const receiver = useReceivers();

async function make(name: string, url: string): Promise<NewWebhookView> {
  const { api, keys } = pages.broker();
  const body = { name, url, types: ['grant.sealed'] };
  const answer = await callApi(api, '/v1/webhooks', { key: keys.operator, body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body as NewWebhookView;
}

const dialog = (page: Page) => page.getByRole('dialog');
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

describe('webhooks', () => {
  it('are made with their secret shown once, tested, and what came of it is shown', async () => {
    const hook = await receiver();
    const page = await pages.as('operator', { path: '/settings/webhooks' });
    await page.getByText('There is no webhook yet').waitFor();
    await press(page, 'New webhook');
    await dialog(page).getByLabel('Name').fill('siem');
    await dialog(page).getByLabel('Address').fill('http://10.0.0.1/');
    await dialog(page).getByLabel('Only these', { exact: true }).check();
    await dialog(page)
      .getByRole('checkbox', { name: /^grant\.sealed/ })
      .check();
    await shoot(page, 'webhooks-new');
    pages.forgive(/422/);
    await dialog(page).getByRole('button', { name: 'Make the webhook' }).click();
    await dialog(page).getByText('WEBHOOK_ALLOWED_NETWORKS does not have it').waitFor();
    await dialog(page).getByLabel('Address').fill(hook.url);
    await dialog(page).getByRole('button', { name: 'Make the webhook' }).click();
    const secret =
      (await dialog(page)
        .locator('code', { hasText: /^whsec_/ })
        .textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);
    await shoot(page, 'webhook-secret');
    await page.keyboard.press('Escape');
    expect(await dialog(page).isVisible()).toBe(true);
    await press(page, 'I have kept it');
    await page.getByRole('link', { name: 'siem' }).click();
    await press(page, 'Send a test event');
    await until('it comes', () => hook.arrived.length === 1);
    expect(hook.verified(secret)).toMatchObject([
      { type: 'webhook.test', data: { webhook: 'siem', by: 'test-operator' } },
    ]);
    await page.getByText('delivered', { exact: true }).waitFor();
    await shoot(page, 'webhook');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Send again: webhook.test' }).click();
    await until('it comes again', () => hook.arrived.length === 2);
    expect(await page.content()).not.toContain('whsec_');
  });

  it('that fail say so and why; one that is paused is resumed, and gets what waited', async () => {
    const hook = await receiver();
    hook.answer = answerStatus(500);
    const { id, signingSecret } = await make('on-call', hook.url);
    const page = await pages.as('operator', { path: `/settings/webhooks/${id}` });
    await press(page, 'Send a test event');
    await page.getByText('The broker goes on trying').waitFor();
    await page.getByText('it was answered with another status than 2xx (500)').first().waitFor();
    await shoot(page, 'webhook-failing');
    const state = await createStateSource(pages.broker().stateDatabaseUrl).initialize();
    try {
      await state.query('UPDATE webhooks SET failing_since = failing_since - 86400000 WHERE id = ?', [id]);
      // The attempt that finds it so is due now: on a busy machine the next one may be minutes away.
      await state.query('UPDATE webhook_deliveries SET next_at = 0 WHERE webhook_id = ? AND next_at IS NOT NULL', [id]);
    } finally {
      await state.destroy();
    }
    await page.getByText('It is paused: no attempt was good for a day').waitFor();
    await shoot(page, 'webhook-paused');
    await expectAccessible(page);
    expect(await page.getByRole('button', { name: 'Send a test event' }).count()).toBe(0);
    hook.answer = OK;
    await press(page, 'Resume');
    await dialog(page).getByLabel('Reason').fill('the receiver is back');
    await dialog(page).getByRole('button', { name: 'Resume' }).click();
    await page.getByText('delivered', { exact: true }).waitFor();
    expect(new Set(hook.arrived.map((one) => one.id)).size).toBe(1);
    expect(hook.verified(signingSecret).length).toBeGreaterThan(1);
  });

  it('are given a new secret, changed and deleted', async () => {
    const hook = await receiver();
    const { id, signingSecret: old } = await make('chat', hook.url);
    const page = await pages.as('operator', { path: `/settings/webhooks/${id}` });
    await press(page, 'New secret');
    await dialog(page).getByLabel('The old one signs too for').selectOption('an hour');
    await dialog(page).getByRole('button', { name: 'New secret' }).click();
    const next =
      (await dialog(page)
        .locator('code', { hasText: /^whsec_/ })
        .textContent()) ?? '';
    await press(page, 'I have kept it');
    await page.getByText('the one before signs too until').waitFor();
    await press(page, 'Send a test event');
    await until('it comes', () => hook.arrived.length === 1);
    expect(hook.verified(next)).toEqual(hook.verified(old));
    await press(page, 'Change');
    await dialog(page).getByLabel('Name').fill('chat-room');
    await dialog(page).getByLabel('the text of held statements, with their values').check();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'chat-room' }).waitFor();
    const facts = page.getByRole('region', { name: 'What it is' }); // the dialog, which goes, says it too
    await facts.getByText('the text of held statements, with their values').waitFor();
    await press(page, 'Delete the webhook');
    await dialog(page).getByRole('button', { name: 'Delete the webhook' }).click();
    await page.waitForURL('**/settings/webhooks');
    await expect.poll(async () => page.getByRole('link', { name: 'chat-room' }).count()).toBe(0);
  });
});
