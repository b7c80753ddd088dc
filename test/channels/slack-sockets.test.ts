import { beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { useBroker } from '../support/broker.js';
import { useQuestions } from '../support/questions.js';
import { decisionsOn, linkAs, shownIn } from '../support/slack/shown-questions.js';
import { FIRST, slackEnvironment, useSlack } from '../support/slack/use-slack.js';

const RECONNECTED_MS_MAX = 120_000;

const local = useSlack();
const broker = useBroker({
  policies: 'default',
  gateways: 0,
  envOf: async () => ({ api: { ...slackEnvironment(local.slack), SLACK_APP_TOKEN: local.slack.appToken } }),
});
const questions = useQuestions(broker);

async function connected(): Promise<void> {
  await local.slack.waitFor(
    () => (local.slack.connections.count === 2 ? true : undefined),
    'two connections stand',
    RECONNECTED_MS_MAX,
  );
}

async function approve(): Promise<ApprovalId> {
  const id = await questions().ask();
  const message = await shownIn(local.slack, questions(), id);
  const { status } = await local.slack.click({ user: FIRST, message, action: 'approve' });
  expect(status).toBe(200);
  return id;
}

async function expectApproved(id: ApprovalId): Promise<void> {
  await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe('approved');
  expect(await decisionsOn(questions(), id)).toHaveLength(1);
}

beforeAll(async () => {
  await connected();
  local.slack.deliverBy({ kind: 'socket' });
  await linkAs(broker(), local.slack, FIRST, 'test-approver');
}, 180_000);

describe('by Socket Mode', () => {
  it('clicks, forms and commands work without an address of ours', async () => {
    await expectApproved(await approve());
    const id = await questions().ask();
    await local.slack.click({ user: FIRST, message: await shownIn(local.slack, questions(), id), action: 'deny' });
    const modal = await local.slack.waitFor(() => local.slack.modals(FIRST)[0], 'a form opens');
    await local.slack.submit({ modal, typed: { 'Reason; the agent is told': 'No' } });
    await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe('denied');
    expect((await local.slack.command(FIRST, 'help')).status).toBe(200);
    expect(await metric()).toBe(2);
  }, 90_000);

  it('what comes while a connection is renewed is acted on once', async () => {
    const clicks: Promise<ApprovalId>[] = [];
    for (let number = 0; number < 6; number += 1) {
      clicks.push(approve());
      if (number === 2) local.slack.connections.refresh(0);
    }
    for (const id of await Promise.all(clicks)) await expectApproved(id);
    await connected();
    await expectApproved(await approve());
  }, 240_000);

  it('the api lives on, and comes back, while Slack refuses and cuts connections', async () => {
    local.slack.faults.inject('apps.connections.open', { kind: 'status', status: 503 }, 3);
    local.slack.connections.cutAll();
    await connected();
    await expectApproved(await approve());
    expect((await fetch(`${broker().api}/health/ready`)).status).toBe(200);
  }, 240_000);
});

async function metric(): Promise<number> {
  const text = await (await fetch(`${broker().api}/metrics`)).text();
  return Number(/^doorwarden_slack_connections (\d+)$/m.exec(text)?.[1]);
}
