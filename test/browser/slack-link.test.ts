import { beforeAll, describe, expect, it } from 'vitest';
import { FIRST, slackEnvironment, useSlack } from '../support/slack/use-slack.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const local = useSlack();
const pages = usePages({ gateways: 0, envOf: async () => ({ api: slackEnvironment(local.slack) }) });

beforeAll(() => {
  const { api } = pages.broker();
  local.slack.deliverBy({
    kind: 'http',
    interactivity: `${api}/slack/interactivity`,
    commands: `${api}/slack/commands`,
  });
});

describe('the account of Slack', () => {
  it('is linked by the command that the page shows, and the link is taken away there', async () => {
    const page = await pages.as('approver', { path: '/me' });
    const part = page.getByRole('region', { name: 'Slack', exact: true });
    await part.getByRole('button', { name: 'Link an account' }).click();
    const command = part.getByText(/^\/doorwarden link [A-Z2-7-]{19}$/);
    await command.waitFor();
    await shoot(page, 'slack-link-code');
    await expectAccessible(page);
    const typed = ((await command.textContent()) ?? '').replace('/doorwarden ', '');
    await local.slack.command(FIRST, typed);
    await local.slack.waitFor(
      () => local.slack.ephemerals(FIRST).find(({ text }) => text.includes('here from now on')),
      'the account is linked',
    );
    await part.getByRole('button', { name: 'I have sent it' }).click();
    await part.getByText(`${local.slack.teamId}/${FIRST}`).waitFor();
    await shoot(page, 'slack-linked');
    await expectAccessible(page);
    await part.getByRole('button', { name: 'Take the link away' }).click();
    await part.getByRole('button', { name: 'Link an account' }).waitFor();
    expect(await command.count()).toBe(0);
  }, 120_000);

  it('is nothing for people who do not decide', async () => {
    const page = await pages.as('reviewer', { path: '/me' });
    await page.getByRole('region', { name: 'What you may do', exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'Slack', exact: true }).count()).toBe(0);
  });
});
