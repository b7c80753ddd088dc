import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { servers } from '../support/engines.js';
import { callAs } from '../support/http.js';
import { useQuestions } from '../support/questions.js';
import { makeTarget } from '../support/task.js';
import { DESKTOP, PHONE, useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';
import { STORED_QUESTIONS, storeQuestion } from './support/stored-questions.js';

const pages = useSharedPages();
const questions = useQuestions(pages.broker);
const ids = new Map<string, string>();
let target = '';

beforeAll(async () => {
  const registration = { labels: { env: 'prod', team: 'orders' } };
  const body = { groups: ['dba'] };
  const changed = await callAs(pages.broker(), 'operator', {
    method: 'PATCH',
    path: '/v1/principals/test-approver',
    body,
  });
  expect(changed.status).toBe(200);
  target = (await makeTarget(pages.broker(), servers().mariadb, { registration })).name;
  for (const stored of STORED_QUESTIONS) ids.set(stored.name, await storeQuestion(questions(), target, stored));
});

/** What the accessibility tree of the first so many pixels says. */
async function firstScreen(page: Page, height: number): Promise<string> {
  const shown: unknown = await page.evaluate(`(() => {
    const texts = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const element = node.parentElement;
      if (!element || !element.checkVisibility({ visibilityProperty: true }) || element.closest('[aria-hidden="true"]')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.bottom > 0 && box.top < ${height}) texts.push(node.textContent);
    }
    return texts.join(' ').replaceAll(/\\s+/g, ' ').replaceAll(/ ([:,.)])/g, '$1').replaceAll('( ', '(');
  })()`);
  return String(shown);
}

describe('a question can be answered in ten seconds', () => {
  it.each(STORED_QUESTIONS)('$name: the first screen has all seven answers', async (stored) => {
    const page = await pages.as('approver', { path: `/approvals/${ids.get(stored.name)}` });
    await page.getByRole('heading', { level: 1, name: stored.headline }).waitFor();
    await page.getByText('env=prod').waitFor();
    for (const [size, pixels] of [
      [DESKTOP, DESKTOP.height],
      [PHONE, PHONE.height * 2],
    ] as const) {
      await page.setViewportSize(size);
      const text = await firstScreen(page, pixels);
      expect(text, 'who').toContain('test-agent');
      expect(text, 'where').toContain(target);
      expect(text, 'where').toContain('env=prod');
      expect(text, 'what').toMatch(stored.headline);
      expect(text, 'how much').toMatch(stored.amount);
      expect(text, 'why me').toContain('It changes rows.');
      if (stored.warning !== null) expect(text, 'why me').toContain(stored.warning);
      for (const group of stored.approvers ?? []) expect(text, 'why me').toContain(group);
      expect(text, 'until when').toMatch(/\d+ (min|s)( \d+ s)? left/);
      expect(text, 'what').toContain(stored.text.split(/[\s'\n]/)[0]);
    }
    await page.setViewportSize(DESKTOP);
    for (const name of [/^Approve…/, /^Deny…/]) {
      const box = await page.getByRole('button', { name }).boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 0), 'the buttons are on the first screen').toBeLessThanOrEqual(800);
    }
    await shoot(page, `question-${stored.name.replaceAll(/\W+/g, '-')}`, { whole: true });
  });
});
