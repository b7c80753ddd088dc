import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { servers } from '../support/engines.js';
import { HOSTILE_LINES, HOSTILE_TEXTS, UNSEEN_CHARACTERS } from '../support/hostile-texts.js';
import { useQuestions } from '../support/questions.js';
import { askForGrant, makeTarget, type TestTarget } from '../support/task.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { expectAccessible } from './support/accessible.js';
import { useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';
import { STORED_QUESTIONS, type StoredQuestion, storeQuestion } from './support/stored-questions.js';

const POLICIES = `${DEFAULT_POLICY_TEXT.replace(/@id\("grants"\)\s*permit[^;]*;/, '')}
@id("asked-grants") @hold("10m") @warning("It asks for more than reading.")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };`;

const pages = useSharedPages(POLICIES);
const questions = useQuestions(pages.broker);
let target: TestTarget;

beforeAll(async () => {
  const registration = { labels: { env: 'prod' } };
  target = await makeTarget(pages.broker(), servers().mariadb, { registration, database: `shop_${Date.now()}` });
});

function stored(name: string): StoredQuestion {
  const found = STORED_QUESTIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`Nothing is stored as ${name}`);
  return found;
}

async function canDecide(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Approve…/ })
    .and(page.locator(':enabled'))
    .waitFor();
}

/** Has the page say by itself that the button for approving can be pressed: whatever is evaluated in it counts as an act of the person. */
const SAYS_WHEN_IT_CAN_BE_OPENED = `
  const looking = new MutationObserver(() => {
    const buttons = [...document.querySelectorAll('button:enabled')];
    if (!buttons.some(({ textContent }) => textContent.startsWith('Approve…'))) return;
    console.log('can be opened');
    looking.disconnect();
  });
  looking.observe(document, { subtree: true, childList: true, attributes: true });`;

/** From now on time passes in the page only as the test lets it. */
async function stopTime(page: Page): Promise<void> {
  await page.clock.pauseAt(Date.now() + 1_000);
}

describe('an approval', () => {
  it('says what has changed since it was read, and takes the decision for what is shown then', async () => {
    const question = stored('one row of a few');
    const id = await storeQuestion(questions(), target.name, { ...question, preview: null });
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await canDecide(page);
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Approve this one run', exact: true }).waitFor();
    if (question.preview === null) throw new Error('It has a preview');
    await questions().desk.show(id, { ...question.preview, affected: { kind: 'exact', rows: 2 } });
    await page.getByText('The preview is newer than what you read.').waitFor();
    await page.getByText('Rows: not counted yet → 2 rows.').waitFor();
    await shoot(page, 'approval-changed');
    const approve = page.getByRole('button', { name: 'Approve this one run (at most 2 rows)' });
    await approve.and(page.locator(':enabled')).waitFor();
    await page.getByRole('button', { name: 'I have read it' }).click();
    expect(await page.getByText('The preview is newer').count()).toBe(0);
    await approve.click();
    await expect.poll(async () => (await questions().look(id)).body.state).toBe('approved');
    expect((await questions().look(id)).body.scope).toMatchObject({ rowsMax: 2 });
  });

  it('refuses a decision that was made from what is old, and shows it again', async () => {
    const id = await storeQuestion(questions(), target.name, stored('no row at all'));
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await canDecide(page);
    await page.route('**/decisions', async (route) => {
      const body: unknown = route.request().postDataJSON();
      await route.continue({ postData: JSON.stringify({ ...Object(body), revision: 1 }) });
    });
    await page.keyboard.press('d');
    await page.getByRole('textbox', { name: /^Reason/ }).fill('Too late');
    await page.locator('.act-form button:enabled', { hasText: /^Deny/ }).waitFor();
    pages.forgive(/409/);
    await page.keyboard.press('Control+Enter');
    await page
      .getByRole('alert')
      .getByText(/approval_changed/)
      .waitFor();
    expect(await page.getByRole('textbox', { name: /^Reason/ }).inputValue()).toBe('Too late');
    expect((await questions().look(id)).body.state).toBe('pending');
  });

  it('is asked for once, and can be decided by its answer until that is old, or the stream tells of newer ones', async () => {
    const id = await storeQuestion(questions(), target.name, stored('one row of a few'));
    const page = await pages.as('approver', { path: '/me' });
    await page.route('**/v1/approvals/events', () => undefined); // it never begins, and never fails
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto(`/approvals/${id}`);
    await canDecide(page);
    expect(asked.filter((path) => ['/v1/me', `/v1/approvals/${id}`].includes(path)).toSorted()).toEqual([
      `/v1/approvals/${id}`,
      '/v1/me',
    ]);
    await page.getByText('Connecting…').waitFor();
    expect(await page.getByRole('button', { name: /^Approve…/ }).isDisabled()).toBe(true);
  });

  it('that takes the place of another one cannot be approved by the click that was meant for that', async () => {
    const first = await storeQuestion(questions(), target.name, stored('one row of a few'));
    await storeQuestion(questions(), target.name, stored('no row at all'));
    const page = await pages.as('approver', { path: '/me' });
    await page.clock.install();
    await page.goto(`/approvals/${first}`);
    await canDecide(page);
    await expect.poll(() => page.title()).toMatch(/^\([2-9]/); // it knows by now what is next
    await stopTime(page);
    const button = page.getByRole('button', { name: /^Approve…/ });
    await button.evaluate((element) => element.setAttribute('data-is', 'of-the-first'));
    await page.locator('body').press('j');
    const another = button.and(page.locator(':not([data-is])'));
    await expect
      .poll(async () => {
        await page.clock.runFor(20);
        return another.count();
      })
      .toBe(1);
    await page.clock.runFor(560);
    expect(await button.isDisabled()).toBe(true);
    await page.clock.resume();
    await canDecide(page);
  });

  it('can be opened for approving as soon as it is there, and is not approved by the second click of two', async () => {
    const id = await storeQuestion(questions(), target.name, stored('one row of a few'));
    const page = await pages.as('approver', { path: '/me' });
    await page.addInitScript(SAYS_WHEN_IT_CAN_BE_OPENED);
    await page.clock.install();
    await stopTime(page);
    const canBeOpened = page.waitForEvent('console', (message) => message.text() === 'can be opened');
    await page.goto(`/approvals/${id}`, { waitUntil: 'commit' });
    await canBeOpened; // although no time passes
    await page.getByRole('button', { name: /^Approve…/ }).click();
    const act = page.getByRole('button', { name: 'Approve this one run (at most 1 row)' });
    await act.waitFor();
    await page.clock.runFor(290);
    expect(await act.isDisabled()).toBe(true);
    await page.clock.resume();
    await act.and(page.locator(':enabled')).waitFor();
    expect((await questions().look(id)).body.state).toBe('pending');
  });

  it('says in place of buttons why somebody cannot decide', async () => {
    const id = await storeQuestion(questions(), target.name, stored('two groups'));
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await page.getByText('You cannot decide this.').waitFor();
    expect(await page.getByRole('button', { name: /^Approve|^Deny/ }).count()).toBe(0);
    const looking = await pages.as('operator', { path: `/approvals/${id}` });
    await looking.getByText('You cannot decide this.').waitFor();
    await looking.getByText('Rows of the target are shown to approvers and reviewers only.').waitFor();
  });

  it('of a statement of sixty lines has all of it on the whole screen', async () => {
    const id = await storeQuestion(questions(), target.name, stored('a statement of sixty lines'));
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await page.getByRole('button', { name: '50 more lines: whole screen' }).waitFor();
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog', { name: 'Statement as it was sent' });
    await dialog.getByText('WHERE id BETWEEN 1 AND 56').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Lay out' }).click();
    await page.getByText('Only for reading: the database gets the statement as it was sent.').waitFor();
  });

  it('can be used by everybody, on a screen of any kind', async () => {
    const id = await storeQuestion(questions(), target.name, stored('triggers, cascades and locks'));
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await canDecide(page);
    await expectAccessible(page);
    await page.goto('/inbox?view=all');
    await page.getByText('Live', { exact: true }).waitFor();
    await expectAccessible(page);
    await shoot(page, 'inbox-several');
  });

  it('of a grant shows what is asked for, what is new and what the target allows, and opens it', async () => {
    const page = await pages.as('approver', { path: '/inbox' });
    const access = [{ database: target.database, privileges: ['SELECT' as const, 'UPDATE' as const] }];
    const asked = await askForGrant(pages.broker(), target, { access, ttlSeconds: 900 });
    expect(asked.status).toBe(201);
    const approval: unknown = Reflect.get(Object(Reflect.get(Object(asked.body), 'approval')), 'id');
    await page.goto(`/approvals/${String(approval)}`);
    await page.getByRole('heading', { level: 1, name: /^Access to .*: For 15 min$/ }).waitFor();
    await page.getByRole('row', { name: /SELECT, UPDATE/ }).waitFor();
    await page.getByText('This agent has had no grant on this target before.').waitFor();
    await page.getByText(/^The target allows at most: SELECT, INSERT, UPDATE, DELETE/).waitFor();
    await canDecide(page);
    await shoot(page, 'approval-grant', { whole: true });
    await page.keyboard.press('a');
    await page
      .getByRole('textbox', { name: /^Reason/ })
      .and(page.locator(':focus'))
      .waitFor();
    await page.locator('.act-form button:enabled', { hasText: /^Approve/ }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('The grant is being opened.').waitFor();
  });
});

describe('texts that are hostile', () => {
  it('are shown, and do nothing', async () => {
    const [update] = STORED_QUESTIONS;
    if (update === undefined) throw new Error('There are no questions');
    const ids = [];
    // What a target or a client sends comes decoded: half a character is in none of it.
    const [texts, lines] = [HOSTILE_TEXTS, HOSTILE_LINES].map((all) => all.map(({ text }) => text.toWellFormed()));
    for (const [place, text] of texts?.entries() ?? []) {
      const line = lines?.[place % lines.length] ?? '';
      const task = { taskTitle: line, taskReference: line.slice(0, 100) };
      const sample = { columns: [line, 'b'], rows: [[text.slice(0, 2_000), null]] };
      const preview = update.preview && { ...update.preview, sample, triggers: [line] };
      ids.push(await storeQuestion(questions(), target.name, { ...update, text, task, warning: line, preview }));
    }
    const page = await pages.as('approver', { path: '/inbox?view=all' });
    await page.getByText(`<script>document.title = "taken"</script>`).first().waitFor();
    // The list has them all; of the questions every fourth is opened, and each that is long.
    const opened = ids.filter((_, place) => place % 4 === 0 || place >= HOSTILE_LINES.length);
    for (const id of ['', ...opened]) {
      if (id !== '') {
        await page.goto(`/approvals/${id}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('Answers so far').waitFor();
      }
      await expect.poll(() => page.title(), { message: id }).toMatch(/^\(\d+\) Approvals · Doorwarden$/);
      expect(UNSEEN_CHARACTERS.exec(await page.locator('main').innerText())?.[0], id).toBeUndefined();
      expect(await page.locator('main img, main script, main iframe').count(), id).toBe(0);
      expect(await page.locator('main a:not([href^="/"]):not([href^="http"])').count(), id).toBe(0);
    }
  });
});

describe('the tree that a screen reader reads', () => {
  it('of the inbox and of an approval stays as it is', async () => {
    const id = await storeQuestion(questions(), target.name, stored('a whole large table'));
    const page = await pages.as('approver', { path: `/approvals/${id}` });
    await canDecide(page);
    await expect(told(await page.locator('main').ariaSnapshot())).toMatchFileSnapshot('goldens/approval.txt');
    await page.goto(`/inbox?chosen=${id}&target=${target.name}&warning=true`);
    await page.getByText('Live', { exact: true }).waitFor();
    await canDecide(page);
    const list = page.getByRole('listitem').filter({ hasText: 'Tidy up' });
    await expect(told(await list.first().ariaSnapshot())).toMatchFileSnapshot('goldens/inbox-question.txt');
  });

  /** Without what is another in each run. */
  function told(snapshot: string): string {
    return `${snapshot
      .replaceAll(target.name, 'TARGET')
      .replaceAll(/\d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d/g, 'TIME')
      .replaceAll(/(\d+ min )?\d+ s (left|ago)/g, 'SPAN $2')
      .replaceAll('exact, just now', 'exact, SPAN ago')
      .replaceAll(/[0-9a-hjkmnp-tv-z]{26}/g, 'ID')}\n`;
  }
});
