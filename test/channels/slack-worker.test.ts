import { expect, it } from 'vitest';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { useBroker } from '../support/broker.js';
import { useQuestions } from '../support/questions.js';
import { APPROVALS, slackEnvironment, useSlack } from '../support/slack/use-slack.js';
import { slackClaimsRunOut } from '../support/time-passes.js';

const WAIT = { timeout: 90_000, interval: 200 };

const local = useSlack();
const broker = useBroker({
  policies: 'default',
  gateways: 0,
  envOf: async () => ({
    worker: { ...slackEnvironment(local.slack), PUBLIC_URL: 'https://broker.example' },
  }),
});
const questions = useQuestions(broker);

function textsOf(id: ApprovalId): readonly string[] {
  return local.slack
    .messages(APPROVALS)
    .filter(({ metadata }) => metadata?.event_payload['approval'] === id)
    .map(({ text }) => text);
}

it('a worker shows a question in Slack, and how it ended', async () => {
  const id = await questions().ask();
  await expect.poll(() => textsOf(id), WAIT).toEqual(['Approval needed: UPDATE on shop']);
  await questions().decide(id, { decision: 'deny', reason: 'Not now.' });
  await expect.poll(() => textsOf(id), WAIT).toEqual(['Denied: UPDATE on shop']);
  expect(broker().logs('worker')).not.toContain('UPDATE orders');
});

it('a worker that is killed while Slack has the message, and has not answered, leaves one message', async () => {
  local.slack.faults.inject('chat.postMessage', { kind: 'silence', isStored: true }, 1);
  const id = await questions().ask();
  await expect.poll(() => textsOf(id), WAIT).toEqual(['Approval needed: UPDATE on shop']);
  await broker().kill('worker', 'SIGKILL');
  // The next one finds it again once the dead one has it no more: by itself, a minute later at most.
  expect(await slackClaimsRunOut(broker())).toBeGreaterThan(0);
  await broker().restart('worker');
  await questions().decide(id, { decision: 'deny', reason: 'Not now.' });
  await expect.poll(() => textsOf(id), WAIT).toEqual(['Denied: UPDATE on shop']);
}, 300_000);
