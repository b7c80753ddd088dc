import type { BrowserContext, Page } from 'playwright-core';
import type { ResultSetHeader } from 'mysql2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { TERMS } from '../support/approval-state.js';
import { decide, outcomeOf, seeHeld } from '../support/approvals.js';
import { beginSession } from '../support/begun-session.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { callAs } from '../support/http.js';
import { type RealProvider, startOidcProvider } from '../support/idp/oidc-provider.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/idp/providers.js';
import { useQuestions } from '../support/questions.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';
import { expectAccessible } from './support/accessible.js';
import { useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';
import { STORED_QUESTIONS, storeQuestion } from './support/stored-questions.js';

const pages = useSharedPages(DEFAULT_POLICY_TEXT);
const questions = useQuestions(pages.broker);
let target: TestTarget;
let provider: RealProvider | undefined;

beforeAll(async () => {
  target = await makeTarget(pages.broker(), servers().mariadb, {
    database: `shop_${Date.now()}`,
    schema: [
      'CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(40), note TEXT)',
      "INSERT INTO orders VALUES (1, 'new', 'a'), (2, 'new', 'b'), (3, 'paid', NULL)",
    ],
    registration: { labels: { env: 'prod' } },
  });
});
afterAll(async () => {
  await provider?.close();
  await target?.drop();
});

async function canDecide(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Approve…/ })
    .and(page.locator(':enabled'))
    .waitFor();
}

async function storedQuestion(name: string): Promise<string> {
  const question = STORED_QUESTIONS.find((one) => one.name === name);
  if (question === undefined) throw new Error(`Nothing is stored as ${name}`);
  return storeQuestion(questions(), target.name, question);
}

describe('what is open over or in a question', () => {
  it.each([
    ['a', 'approve', 'radio'],
    ['d', 'deny', 'textbox'],
  ] as const)('the form behind %s can be used by everybody', async (key, name, first) => {
    const page = await pages.as('approver', { path: `/approvals/${await storedQuestion('one row of a few')}` });
    await canDecide(page);
    await page.keyboard.press(key);
    await page.getByRole(first).first().and(page.locator(':focus')).waitFor();
    await expectAccessible(page);
    await shoot(page, `form-${name}`);
    if (first !== 'radio') return;
    await page.getByRole('radio', { name: /shape/ }).check();
    await expectAccessible(page);
  });

  it.each([
    ['s', 'a statement of sixty lines', 'Statement as it was sent'],
    ['?', 'one row of a few', 'Keys'],
  ] as const)('the dialog behind %s can be used by everybody', async (key, question, title) => {
    const page = await pages.as('approver', { path: `/approvals/${await storedQuestion(question)}` });
    await canDecide(page);
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name: title }).waitFor();
    await expectAccessible(page);
    await shoot(page, `dialog-${title.slice(0, 4).toLowerCase()}`);
  });

  it('the dialog that takes an approval back can be used by everybody', async () => {
    const id = await storedQuestion('no row at all');
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await canDecide(page);
    await questions().decide(id, { decision: 'approve' });
    await page.getByRole('button', { name: 'Take my approval back…' }).click();
    await page.getByRole('dialog', { name: 'Take the approval back' }).waitFor();
    await expectAccessible(page);
  });
});

describe('a question that several groups must answer', () => {
  it('says who of which group has answered, and of how many one is missing', async () => {
    const dba = await questions().newApprover(['dba'], 'ann-of-dba');
    for (const name of ['sam', 'sue', 'sid']) await questions().newApprover(['security'], `${name}-of-security`);
    const id = await storedQuestion('two groups');
    const page = await pages.signedIn('sam-of-security', { path: `/approvals/${id}` });
    const line = page.locator('.groups-line').first();
    await line.getByText('dba: still one of 1').waitFor();
    await line.getByText('security: still one of 3').waitFor();
    expect((await questions().decide(id, { decision: 'approve' }, dba)).status).toBe(200);
    await line.getByText(/dba: ann-of-dba/).waitFor();
    await line.getByText('security: still one of 3').waitFor();
    await shoot(page, 'approval-groups');
    await expectAccessible(page);
    await page.keyboard.press('a');
    await page.getByRole('radio').first().and(page.locator(':focus')).waitFor();
    await expect
      .poll(
        async () => {
          await page.keyboard.press('Control+Enter');
          return (await questions().look(id)).body.state;
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('approved');
  });
});

describe('an UPDATE', () => {
  it('shows each value before and after, and its replay what was seen before beside what came', async () => {
    const task = await openTask(pages.broker(), target);
    await withMysql2(task.login, async (client) => {
      const held = outcomeOf(client.query<ResultSetHeader>("UPDATE orders SET status = 'shipped' WHERE id = 1"));
      try {
        const { id } = await seeHeld(pages.broker(), task.id, { withPreview: true });
        const page = await pages.as('approver', { path: `/approvals/${id}` });
        await becomes(page, 'new', 'shipped');
        await shoot(page, 'approval-before-after');
        await decide(pages.broker(), id, { decision: 'approve' });
        expect((await held).result?.[0].affectedRows).toBe(1);
      } catch (error) {
        client.destroy();
        throw error;
      }
    });
    await task.close();
    const page = await pages.as('reviewer', { path: `/recordings/${task.id}` });
    await page.getByRole('button', { name: /^1 write: / }).click();
    const seen = page.getByRole('region', { name: 'What was seen before the decision' });
    await seen.getByText('Counted, not estimated: 1 row.').waitFor();
    await seen.getByText('1 row changed', { exact: true }).waitFor();
    await seen.getByText('✔ 1 row counted before the decision, 1 changed.').waitFor();
    await becomes(page, 'new', 'shipped');
    await expectAccessible(page);
    await seen.scrollIntoViewIfNeeded();
    await shoot(page, 'replay-before-after');
  });

  async function becomes(page: Page, before: string, after: string): Promise<void> {
    const cell = page.locator('.before-after').first();
    await cell.locator('del').getByText(before, { exact: true }).waitFor();
    await cell.locator('ins').getByText(after, { exact: true }).waitFor();
  }
});

/** From here on there is a provider, and one-time links are over. */
describe('somebody who signed in too long ago to decide', () => {
  it('is led to a new sign-in, and back to the question, which they decide then', async () => {
    const context = await signedInLongAgo();
    const id = await questions().ask({ terms: { ...TERMS, reauthenticateSeconds: 900 } }, { targetName: target.name });
    const page = await context.newPage();
    await page.goto(`/approvals/${id}`);
    await page.getByText('You cannot decide this.').waitFor();
    expect(await page.getByRole('button', { name: /^Approve|^Deny/ }).count()).toBe(0);
    await shoot(page, 'approval-sign-in-again');
    await page.getByRole('link', { name: 'Sign in again, then decide' }).click();
    await throughProvider(page, { asks: false });
    await page.waitForURL(`**/approvals/${id}`);
    await canDecide(page);
    await page.keyboard.press('d');
    await page.getByRole('textbox', { name: /^Reason/ }).fill('Signed in again to say no');
    await expect
      .poll(
        async () => {
          await page.keyboard.press('Control+Enter');
          return (await questions().look(id)).body.state;
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('denied');
  });

  /** Kim's browser, which the provider knows: a session of twenty minutes ago is all that it has of the broker. */
  async function signedInLongAgo(): Promise<BrowserContext> {
    const { api } = pages.broker();
    provider = await startOidcProvider([`${api}/auth/oidc/corp/callback`]);
    const body = {
      kind: 'oidc',
      for: ['people'],
      issuer: provider.issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scopes: ['openid', 'email', 'profile', 'groups'],
      allowPrivateAddresses: true,
    };
    const rule = { provider: 'corp', when: { groups: 'dba' }, principal: '{email|lower}', kind: 'user' };
    const rules = [{ ...rule, roles: ['approver'], groups: ['{groups}'] }];
    for (const [path, sent] of [
      ['/v1/identity-providers/corp', body],
      ['/v1/identity-mapping', { rules }],
    ] as const) {
      const answer = await callAs(pages.broker(), 'operator', { method: 'PUT', path, body: sent });
      expect(answer.status, path).toBe(200);
    }
    const page = await pages.stranger({ path: '/auth/oidc/corp?return=%2Fme' });
    await throughProvider(page, { asks: true });
    await page.waitForURL('**/me');
    const claims = { sub: 'kim', email: 'kim@example.com', email_verified: true, groups: ['dba', 'security'] };
    const principal = await questions()
      .source.getRepository(principalEntity)
      .findOneByOrFail({ name: 'corp:kim@example.com' });
    const identity = {
      provider: 'corp',
      kind: 'oidc',
      issuer: provider.issuer,
      subject: 'kim',
      claims,
      authAtMs: Date.now() - 20 * 60_000,
      acr: null,
      amr: [],
      email: 'kim@example.com',
      displayName: null,
      untilMs: null,
      providerSession: null,
    } as const;
    const value = await beginSession(pages.broker(), { principal, minutesAgo: 20, identity });
    const context = page.context();
    const [own] = (await context.cookies()).filter(({ name }) => name === '__Host-doorwarden');
    if (own === undefined) throw new Error('Kim is not signed in');
    await context.addCookies([{ ...own, value }]);
    return context;
  }

  /** The forms of the provider: who it is; and that the broker may know, which it asks once. */
  async function throughProvider(page: Page, { asks }: { readonly asks: boolean }): Promise<void> {
    pages.forgive(/fonts\.googleapis\.com/, /favicon\.ico/); // of the provider's own pages
    await page.locator('input[name=login]').fill('kim');
    await page.locator('input[name=password]').fill('x');
    await page.locator('button[type=submit]').click();
    if (asks) await page.getByRole('button', { name: 'Continue' }).click();
  }
});
