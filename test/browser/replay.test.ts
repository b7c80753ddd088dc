import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servers } from '../support/engines.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';
import { DENIED, FAILS, FEW, REPLAY_POLICIES, REPLAY_SCHEMA, UPDATE, playTask } from './replay-scene.js';

const pages = usePages({ policies: REPLAY_POLICIES });
let target: TestTarget;
/** Sealed: what a reviewer reads. */
let task: Task;

beforeAll(async () => {
  const { mariadb } = servers();
  target = await makeTarget(pages.broker(), mariadb, { schema: REPLAY_SCHEMA, database: 'shop_replay' });
  task = await playTask(pages.broker(), target);
  await task.close();
}, 120_000);
afterAll(async () => target?.drop());

const replayOf = (id: string, entry?: number): string => `/recordings/${id}${entry === undefined ? '' : `#e=${entry}`}`;
const chosen = (page: Page) => page.locator('.entry[aria-selected=true]');
const rows = (page: Page) => page.locator('.entry');
const detail = (page: Page) => page.getByRole('region', { name: 'The chosen entry' });
const table = (page: Page) => detail(page).locator('.result-table');

/** The replay, once its entries are there. */
async function replay(id = task.id, entry?: number): Promise<Page> {
  const page = await pages.as('reviewer', { path: replayOf(id, entry) });
  await chosen(page).locator('.entry-time').waitFor();
  return page;
}

describe('a replay', () => {
  it('tells a task as it happened, with what each statement was, how it was judged and what it was answered', async () => {
    const page = await replay();
    await page.getByRole('button', { name: /^1 write: / }).click();
    await detail(page).getByText(UPDATE, { exact: true }).waitFor();
    for (const words of ['held', 'default#writes', 'test-approver approved', /UPDATE ON .*orders/, '1 row changed'])
      await detail(page).getByText(words).first().waitFor();
    await detail(page).getByText('✔ The digest of the entry before').waitFor();
    await page.getByRole('button', { name: /denied: / }).click();
    await page.getByRole('button', { name: /errors?: / }).click();
    await shoot(page, 'replay');
    await page.getByRole('button', { name: /sessions?: / }).click();
    await page.keyboard.press('ArrowRight');
    await detail(page).getByText('SELECT id, status, total, photo, note FROM orders').first().waitFor();
    await table(page).getByRole('cell', { name: '0x00ff10' }).waitFor();
    expect(await table(page).getByRole('row').nth(2).textContent()).toContain('empty text');
    expect(await table(page).getByRole('row').nth(1).textContent()).toContain('NULL');
    expect(await table(page).getByRole('row').count()).toBe(101);
    await detail(page).getByRole('button', { name: 'Further rows' }).click();
    await detail(page).getByText('Rows page 2 of 3').waitFor();
    await table(page).getByRole('cell', { name: '101', exact: true }).waitFor();
    await shoot(page, 'replay-result');
  });

  it('goes by keys alone: marks, statements, ends, an entry by its number, playing and its pace', async () => {
    const page = await replay();
    const at = async (text: string | RegExp) => chosen(page).getByText(text).first().waitFor();
    await page.keyboard.press('h');
    await at(/UPDATE/);
    await page.keyboard.press('e');
    await at(/SELECT/);
    await detail(page).getByText(FAILS, { exact: true }).waitFor();
    await page.keyboard.press('d');
    await detail(page).getByText(DENIED, { exact: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await detail(page).getByText(FAILS, { exact: true }).waitFor();
    await page.keyboard.press('Shift+ArrowLeft');
    await detail(page).getByText(UPDATE, { exact: true }).waitFor();
    await page.keyboard.press('End');
    await detail(page).getByText('Task ended').waitFor();
    await page.keyboard.press('Home');
    await detail(page).getByText('Entry 1 of').waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await detail(page).getByText('Entry 4 of').waitFor();
    await expect.poll(() => page.url()).toMatch(/#e=4$/);
    for (let times = 0; times < 3; times += 1) await page.keyboard.press(']');
    await page.getByRole('button', { name: 'instant', pressed: true }).waitFor();
    await page.keyboard.press('Space');
    await detail(page).getByText('Task ended').waitFor();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Next of the denied').waitFor();
  });

  it('opens at the entry that its address names, and filters on the server', async () => {
    const page = await replay(task.id, 7);
    await detail(page).getByText('Entry 7 of').waitFor();
    await page.getByLabel('Show').selectOption('Denied statements');
    await expect.poll(() => rows(page).locator('.entry-title').count()).toBe(1);
    await page
      .getByRole('option')
      .filter({ hasText: DENIED.slice(0, 12) })
      .first()
      .click();
    await detail(page).getByText(DENIED, { exact: true }).waitFor();
    await page.getByLabel('Show').selectOption('All entries');
    const bar = page.getByRole('slider');
    const box = (await bar.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + 20, box.y + 15);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 15, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: /^From .* to / }).click();
    await page.mouse.click(box.x + box.width - 1, box.y + 15);
    await detail(page).getByText('Task ended').waitFor();
  });

  it('can be used by everybody, and has its shape', async () => {
    const page = await replay();
    await page.keyboard.press('End');
    await detail(page).getByText('Task ended').waitFor();
    await page.keyboard.press('ArrowLeft');
    await detail(page).getByText(FEW, { exact: true }).first().waitFor();
    for (const name of ['0x00ff10', 'NULL', 'empty text'])
      await table(page).getByRole('cell', { name }).first().waitFor();
    await detail(page).getByText('Chain', { exact: true }).waitFor();
    await expectAccessible(page);
    const shape = await page.locator('.replay').ariaSnapshot();
    const frame = shape
      .split('\n')
      .filter((line) => !/^ *- '?(option|time|cell|row|text|mark|definition|term|code)\b/.test(line));
    // How many, when and which differ from run to run.
    const same = frame.slice(0, 24).map((line) => line.replaceAll(/\d+:\d\d\.\d{3}|\d+/g, '#'));
    expect(same.join('\n')).toMatchSnapshot();
  });

  it('writes out what is hidden in texts of agents, and runs none of them', async () => {
    const page = await replay();
    await page.getByLabel('Show').selectOption('Statements');
    await page.getByText('⟨U+202E⟩').first().waitFor();
    expect(await page.title()).not.toContain('taken');
    expect(await page.locator('.replay img, .replay script, .replay style').count()).toBe(0);
  });
});

describe('the evidence', () => {
  it('has the verdict of the broker beside one of this browser, which needs no network', async () => {
    const page = await replay();
    await page.keyboard.press('v');
    await page.getByRole('button', { name: 'Have the broker verify it' }).click();
    await page.getByText(/✔ Everything holds: \d+ entries/).waitFor();
    await page.getByRole('button', { name: /^Fetch the recording/ }).click();
    await page.getByText(/^The file is here/).waitFor();
    await page.context().setOffline(true);
    pages.forgive(/ERR_INTERNET_DISCONNECTED/);
    await page.getByRole('button', { name: 'Verify here' }).click();
    const here = page.locator('.verification-side').nth(1);
    await here.getByText(/✔ Everything holds: \d+ entries/).waitFor();
    await here.getByText('It is the digest that the broker lists.').waitFor();
    await page.context().setOffline(false);
    await shoot(page, 'evidence', { whole: true });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'I have read it', exact: true }).click();
    await page.getByText('test-reviewer (you)').waitFor();
  });

  it('says where a recording does not hold, and that one is gone', async () => {
    const file = join(pages.broker().recordingsFolder, `${task.id}.tar`);
    const bytes = await readFile(file);
    const page = await pages.as('reviewer', { path: `/tasks/${task.id}?tab=evidence` });
    try {
      const changed = Buffer.from(bytes);
      changed[changed.length - 3_000] = (changed[changed.length - 3_000] ?? 0) ^ 1;
      await rename(file, `${file}.kept`);
      await writeFile(file, changed);
      await page.getByRole('button', { name: 'Have the broker verify it' }).click();
      await page.getByText('✘ Something does not hold.').first().waitFor();
      await page
        .getByLabel('Or a file that you have')
        .setInputFiles({ name: 'changed.tar', mimeType: 'application/x-tar', buffer: changed });
      await page.locator('.verification-side').nth(1).getByText('✘ Something does not hold.').waitFor();
      await page.getByText('It is not the digest that the broker lists.').waitFor();
      await rm(file);
      pages.forgive(/status of 5\d\d|status of 404/);
      await page.goto(replayOf(task.id));
      await page.getByRole('alert').first().waitFor();
      await shoot(page, 'recording-gone');
    } finally {
      await rm(file, { force: true });
      await rename(`${file}.kept`, file);
    }
  });
});

describe('a task that goes on', () => {
  it('is followed while a real client works, and ended by an approver with a reason', async () => {
    const live = await openTask(pages.broker(), target);
    const page = await pages.as('reviewer', { path: `/tasks/${live.id}?tab=timeline` });
    await withMysql2(live.login, async (client) => {
      await client.query('SELECT 1 AS first');
      await rows(page).filter({ hasText: '1 AS first' }).waitFor();
      await page.getByRole('button', { name: 'Follow', pressed: true }).waitFor();
      await page.keyboard.press('Home');
      await client.query('SELECT 2 AS second');
      await page.getByText(/new entr(y|ies) below/).waitFor();
      await detail(page).getByText('Entry 1 of').waitFor();
      await page.getByRole('button', { name: 'Follow' }).click();
      await chosen(page).waitFor();
      await page.getByRole('tab', { name: 'Now' }).click();
      await page.getByText('Session 1').waitFor();
      await page.getByText('nothing runs').waitFor();
      await shoot(page, 'task-now');
      await expectAccessible(page);

      const approver = await pages.as('approver', { path: `/tasks/${live.id}` });
      await approver.getByRole('button', { name: 'End this task' }).click();
      await approver.getByRole('button', { name: 'End it now' }).click();
      await approver.getByText('Say why.').waitFor();
      await shoot(approver, 'task-end-dialog');
      await approver.getByLabel('Why').fill('It reads too much.');
      await approver.getByRole('button', { name: 'End it now' }).click();
      await approver.getByRole('tab', { name: 'End', exact: true }).click();
      await approver.getByText('The recording is sealed').waitFor();
      await page.getByRole('tab', { name: 'End', exact: true }).click();
      await page.getByText(/was looked for after it was dropped, and is not there/).waitFor();
      await shoot(page, 'task-end');
      await expectAccessible(page);
    }).catch((error: unknown) => {
      if (!/grant_revoked|closed|lost/i.test(String(error))) throw error;
    });
    const record = await pages.as('reviewer', { path: '/v1/record?act=grant.revoked' });
    expect(await record.textContent('body')).toContain('It reads too much.');
  });

  it('shows each role what is its own, and lists of tasks and recordings', async () => {
    const page = await pages.as('approver', { path: `/tasks/${task.id}` });
    await page.getByText('The recording takes the role reviewer.').first().waitFor();
    for (const tab of ['Questions', 'Access', 'Evidence', 'End']) {
      await page.getByRole('tab', { name: tab, exact: true }).click();
      await page.getByRole('tabpanel').waitFor();
      if (tab === 'Questions') await page.getByText('Wrong rows: only order 1.').waitFor();
      await expectAccessible(page);
    }
    for (const path of ['/tasks', '/recordings']) {
      const list = await pages.as('reviewer', { path });
      await list.getByRole('link', { name: 'A test' }).first().waitFor();
      await expectAccessible(list);
      await shoot(list, path.slice(1));
    }
    const other = await pages.as('operator', { path: '/recordings' });
    await other.getByText('This page takes the role reviewer.').waitFor();
  });
});
