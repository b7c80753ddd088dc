import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';
import { MailServer } from '../support/mail/mail-server.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

let server: MailServer;
let source: StateSource;

const pages = usePages({
  gateways: 0,
  envOf: async () => {
    server = await MailServer.start();
    const worker = {
      SMTP_URL: server.url,
      EMAIL_FROM: 'doorwarden@example.com',
      PUBLIC_URL: 'https://doorwarden.example.com',
    };
    return { worker };
  },
});

beforeAll(async () => {
  source = await createStateSource(pages.broker().stateDatabaseUrl).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await server?.close();
});

async function verifiedAddress(name: string, email: string): Promise<void> {
  await source.getRepository(principalEntity).update({ name }, { email });
}

/** For what a worker does on a machine that does much else. */
const SLOW = { timeout: 60_000 };

describe('the page of the channels', () => {
  it('says how each fares, and how a test of it went', async () => {
    const page = await pages.as('operator', { path: '/settings/channels' });
    const row = page.getByRole('row', { name: 'E-mail' });
    await row.getByText('nothing sent yet').waitFor(SLOW);
    expect(await page.getByRole('row', { name: 'Log of the worker' }).getByRole('button').count()).toBe(0);
    await row.getByRole('button', { name: 'Send a test by E-mail' }).click();
    await row.getByText('You have no e-mail address that an identity provider has verified.').waitFor(SLOW);
    await verifiedAddress('test-operator', 'op@example.com');
    await row.getByRole('button', { name: 'Send a test by E-mail' }).click();
    await row.getByText('sent', { exact: true }).waitFor(SLOW);
    expect(server.to('op@example.com')).toHaveLength(1);
    await row.getByText('works', { exact: true }).waitFor(SLOW);
    await expectAccessible(page);
    await shoot(page, 'channels', { whole: true });
  }, 180_000);

  it('shows a failure as a text, whatever is in it', async () => {
    const page = await pages.as('operator', { path: '/settings/channels' });
    const row = page.getByRole('row', { name: 'E-mail' });
    for (const { text } of HOSTILE_LINES.slice(0, 20)) {
      await source.query("UPDATE channels SET failed_at = seen_at, failure = ? WHERE name = 'email'", [text]);
      await page.reload();
      await row.locator('.channel-failure').first().waitFor(SLOW);
      expect(await page.locator('main img, main script, main iframe').count()).toBe(0);
      expect(await row.locator('.channel-failure').first().textContent()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    expect(await page.title()).toContain('Channels');
    await row.getByText('fails').waitFor(SLOW);
    await expectAccessible(page);
    await shoot(page, 'channels-failing', { whole: true });
  }, 180_000);
});

describe('the page of the one who is signed in', () => {
  it('switches digests by e-mail off and on, for those who decide', async () => {
    const page = await pages.as('approver', { path: '/me' });
    const part = page.getByRole('region', { name: 'What you are sent' });
    const digest = part.getByLabel('A digest of the questions that wait for you');
    await part.getByText('has verified no e-mail address of yours').waitFor(SLOW);
    expect(await digest.isChecked()).toBe(true);
    await digest.uncheck();
    await verifiedAddress('test-approver', 'approver@example.com');
    await page.reload();
    await part.getByText('It goes to approver@example.com.').waitFor(SLOW);
    expect(await digest.isChecked()).toBe(false);
    await digest.check();
    await expect.poll(async () => (await source.query('SELECT email FROM notice_choices'))[0]?.email).toBe('digest');
    await expectAccessible(page);
    await part.scrollIntoViewIfNeeded();
    await shoot(page, 'me-notices', { whole: true });
  }, 180_000);

  it('says nothing of it to others', async () => {
    const page = await pages.as('reviewer', { path: '/me' });
    await page.getByRole('region', { name: 'How the page looks' }).waitFor(SLOW);
    expect(await page.getByRole('region', { name: 'What you are sent' }).count()).toBe(0);
  });
});
