import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBody } from '../../src/apps/quickstart/slack/http-body.js';
import { servePage } from '../../src/apps/quickstart/slack/page/serve-page.js';
import { type LocalSlack, startSlack } from '../../src/apps/quickstart/slack/start-slack.js';
import { expectAccessible } from '../browser/support/accessible.js';
import { DESKTOP } from '../browser/support/pages.js';
import { useBrowser } from '../support/chromium.js';
import { HOSTILE_LINES } from '../support/hostile-texts.js';

const CHANNEL = 'C0APPROVALS';
const FIRST = 'U0FIRST';
const SECOND = 'U0SECOND';
const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: false });

const browser = useBrowser();
let slack: LocalSlack;
let app: Server;
/** One for all tests, each of which loads it again. */
let page: Page;
const problems: string[] = [];
const heard: Record<string, unknown>[] = [];

beforeAll(async () => {
  slack = await startSlack(
    {
      channels: [
        { id: CHANNEL, name: 'approvals' },
        { id: 'C0OTHER', name: 'payments' },
      ],
      people: [
        { id: FIRST, name: 'First approver', note: 'linked' },
        { id: SECOND, name: 'Second approver' },
        { id: 'U0GUEST', name: 'Guest', isRestricted: true },
      ],
      usergroups: ['S0DBA'],
      usergroupNames: { S0DBA: 'dba' },
      links: ['https://broker.example/'],
    },
    servePage,
  );
  app = createServer((request, response) => {
    void readBody(request, 1_000_000).then((body) => {
      const { payload, ...command } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
      heard.push(payload === undefined ? command : z.record(z.string(), z.unknown()).parse(JSON.parse(payload)));
      answer(response);
    });
  });
  await once(app.listen(0, '127.0.0.1'), 'listening');
  const address = app.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  slack.deliverBy({ kind: 'http', interactivity: `${url}/interactivity`, commands: `${url}/commands` });
  page = await browser().newPage({ locale: 'en-GB' });
  page.on('pageerror', ({ message }) => void problems.push(message));
  page.on('console', (line) => void (line.type() === 'error' && problems.push(line.text())));
});
afterAll(async () => {
  await page?.close();
  await slack?.close();
  app?.close();
});

type Respond = (response: { end(text?: string): void; writeHead(status: number, headers?: object): unknown }) => void;
const nothing: Respond = (response) => response.end();
let answer: Respond = nothing;

beforeEach(async () => {
  heard.length = 0;
  answer = nothing;
  for (const message of slack.workspace.messages.in(CHANNEL)) slack.workspace.messages.remove(message);
  slack.workspace.changed();
  await page.setViewportSize(DESKTOP);
  await open(FIRST);
  return () => {
    expect(problems.splice(0)).toEqual([]);
    expect(slack.violations.all).toEqual([]);
  };
});

function open(user: string): Promise<unknown> {
  return page.goto(`${slack.url}/?user=${user}&channel=${CHANNEL}`);
}

/** As the app posts it, through the Web API, but at no rate. */
function post(blocks: readonly object[], threadTs: string | null = null) {
  return slack.workspace.messages.add({
    channel: CHANNEL,
    threadTs,
    author: slack.botUserId,
    text: 'Approval needed',
    blocks: blocks as never,
    metadata: null,
    onlyFor: null,
  });
}

const question = [
  { type: 'header', text: plain('Approval needed: UPDATE on shop') },
  { type: 'section', text: plain('UPDATE shop.orders: 1 row of 6 changes (exact).') },
  {
    type: 'section',
    fields: [{ type: 'mrkdwn', text: '*Agent*' }, plain('quickstart-agent')],
  },
  {
    type: 'rich_text',
    elements: [
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: "UPDATE orders\n  SET a = '<!channel>'" }] },
    ],
  },
  {
    type: 'actions',
    block_id: 'dw:1:1',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: plain('Approve (at most 1 row)'),
        value: '{"a":"1","r":1}',
        style: 'primary',
        confirm: {
          title: plain('Approve this?'),
          text: plain('It runs once.'),
          confirm: plain('Approve'),
          deny: plain('Not now'),
        },
      },
      { type: 'button', action_id: 'deny', text: plain('Deny…'), value: '{"a":"1","r":1}' },
      {
        type: 'button',
        action_id: 'open',
        text: plain('Open'),
        value: '{"a":"1","r":1}',
        url: 'https://broker.example/approvals/1',
      },
    ],
  },
];

async function shot(name: string): Promise<void> {
  const folder = process.env['DOORWARDEN_TEST_SHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `slack-${name}.png`) });
}

describe('the page of the local Slack', () => {
  it('shows a question as it comes, its edit, and the answer in its thread, without being loaded again', async () => {
    await page.getByText('Nothing was posted here yet.').waitFor();
    const message = post(question);
    slack.workspace.changed();
    await page.getByRole('heading', { name: 'Approval needed: UPDATE on shop' }).waitFor();
    expect(await page.locator('pre').textContent()).toBe("UPDATE orders\n  SET a = '<!channel>'");
    post(
      [{ type: 'section', text: { type: 'mrkdwn', text: '<!subteam^S0DBA> *Half* of the time is over' } }],
      message.ts,
    );
    slack.workspace.changed();
    await page.getByText('1 reply').waitFor();
    await page.getByText('@dba').waitFor();
    await shot('question');
    slack.workspace.messages.edit(message, { blocks: [{ type: 'header', text: plain('Approved: UPDATE on shop') }] });
    slack.workspace.changed();
    await page.getByRole('heading', { name: 'Approved: UPDATE on shop' }).waitFor();
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    await page.getByText('(edited)').waitFor();
  });

  it('asks once more before it sends a click, and sends it as the one who looks', async () => {
    post(question);
    await open(SECOND);
    await page.getByRole('button', { name: 'Approve (at most 1 row)' }).click();
    await page.getByRole('dialog', { name: 'Approve this?' }).waitFor();
    await shot('confirm');
    await page.getByRole('button', { name: 'Not now' }).click();
    expect(heard).toEqual([]);
    await page.getByRole('button', { name: 'Approve (at most 1 row)' }).click();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect
      .poll(() => heard)
      .toMatchObject([{ type: 'block_actions', user: { id: SECOND }, actions: [{ action_id: 'approve' }] }]);
  });

  it('says so when the app does not answer', async () => {
    post(question);
    slack.workspace.changed();
    answer = (response) => {
      response.writeHead(500);
      response.end();
    };
    await page.getByRole('button', { name: 'Deny…' }).click();
    await page.getByText('Doorwarden did not respond.').waitFor();
  });

  it('shows a modal, keeps what was typed beside what is wrong with it, and sends it off', async () => {
    post(question);
    slack.workspace.changed();
    await page.getByRole('button', { name: 'Deny…' }).click();
    await expect.poll(() => heard.length).toBe(1);
    slack.workspace.modals.open(FIRST, {
      type: 'modal',
      title: plain('Deny'),
      submit: plain('Deny'),
      close: plain('Cancel'),
      blocks: [
        {
          type: 'input',
          block_id: 'reason',
          label: plain('Reason'),
          element: { type: 'plain_text_input', action_id: 'reason', max_length: 100 },
        },
      ],
    });
    slack.workspace.changed();
    const modal = page.getByRole('dialog', { name: 'Deny' });
    await modal.waitFor();
    await modal.getByRole('button', { name: 'Deny' }).click();
    await modal.getByText('Please complete this required field.').waitFor();
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ response_action: 'errors', errors: { reason: 'Say more.' } }));
    };
    await modal.getByLabel('Reason').fill('no');
    await modal.getByRole('button', { name: 'Deny' }).click();
    await modal.getByText('Say more.').waitFor();
    expect(await modal.getByLabel('Reason').inputValue()).toBe('no');
    await shot('modal');
    await expectAccessible(page);
    answer = nothing;
    await modal.getByLabel('Reason').fill('Ask with WHERE');
    await modal.getByRole('button', { name: 'Deny' }).click();
    await modal.waitFor({ state: 'detached' });
    expect(heard.at(-1)).toMatchObject({
      type: 'view_submission',
      view: { state: { values: { reason: { reason: { value: 'Ask with WHERE' } } } } },
    });
  });

  it('shows an ephemeral answer to one person alone, until they dismiss it', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ response_type: 'ephemeral', text: 'You are quickstart-approver here.' }));
    };
    await page.getByLabel('Message or command').fill('/doorwarden link ABC');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('You are quickstart-approver here.').waitFor();
    expect(heard).toMatchObject([{ command: '/doorwarden', text: 'link ABC', user_id: FIRST }]);
    await page.getByText('Only visible to you').waitFor();
    await page.getByRole('link', { name: 'Second approver' }).click();
    await page.getByText('Nothing was posted here yet.').waitFor();
    expect(await page.getByText('You are quickstart-approver here.').count()).toBe(0);
    await open(FIRST);
    await page.getByRole('button', { name: 'Dismiss message' }).click();
    await page.getByText('Nothing was posted here yet.').waitFor();
  });

  it('takes every hostile text as text', async () => {
    for (const { text } of HOSTILE_LINES) {
      post([
        { type: 'header', text: plain(text) },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') },
        },
        { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] },
      ]);
    }
    slack.workspace.changed();
    await expect.poll(() => page.locator('.message').count()).toBe(HOSTILE_LINES.length);
    // HTML has no NUL and one kind of line end.
    const readable = (text: string): string => text.toWellFormed().replaceAll('\0', '').replaceAll(/\r\n?/g, '\n');
    const shown = await page.locator('.rich pre').allTextContents();
    expect(shown.map(readable)).toEqual(HOSTILE_LINES.map(({ text }) => readable(text)));
    expect(await page.title()).toBe('#approvals · Local Slack');
    expect(await page.locator('.message script, .message img, .message style, .message h1').count()).toBe(0);
  });

  it('is accessible', async () => {
    const message = post(question);
    post([{ type: 'section', text: plain('Half of the time is over') }], message.ts);
    slack.workspace.changed();
    await page.getByText('1 reply').waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await shot('phone');
  });

  it('lets no other site act for its people', async () => {
    post(question);
    const act = (headers: Record<string, string>) =>
      fetch(`${slack.url}/page/type`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ user: FIRST, channel: CHANNEL, text: 'hello' }),
      });
    expect((await act({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await act({})).status).toBe(403);
    expect(slack.messages(CHANNEL).length).toBe(1);
    expect((await act({ origin: slack.url })).status).toBe(200);
    expect(slack.messages(CHANNEL).length).toBe(2);
  });
});
