import { expect } from 'vitest';
import { z } from 'zod';
import { slackLinkCode } from '../../../src/contracts/channels/slack-link.js';
import type { LocalSlack } from '../../../src/apps/quickstart/slack/start-slack.js';
import type { SlackMessage } from '../../../src/apps/quickstart/slack/workspace/messages.js';
import type { ApprovalId } from '../../../src/kernel/brand.js';
import {
  type ApprovalDecisionRow,
  approvalDecisionEntity,
} from '../../../src/persistence/entities/approvals/approval.js';
import { recordEntryEntity } from '../../../src/persistence/entities/administrative-record.js';
import type { Broker } from '../broker.js';
import type { Questions } from '../questions.js';
import { callWith, signIn } from '../sign-in.js';
import { APPROVALS } from './use-slack.js';

/** A message as the worker would post it, as far as clicks on it go. */
export async function shownIn(slack: LocalSlack, questions: Questions, id: ApprovalId): Promise<SlackMessage> {
  const { revision } = await questions.row(id);
  const value = JSON.stringify({ a: id, r: revision });
  const button = (action: string) => ({
    type: 'button' as const,
    action_id: action,
    text: { type: 'plain_text' as const, text: action },
    value,
  });
  return slack.workspace.messages.add({
    channel: APPROVALS,
    threadTs: null,
    author: slack.botUserId,
    text: 'Approval needed',
    blocks: [{ type: 'actions', block_id: `dw:${id}:${revision}`, elements: ['approve', 'deny', 'shape'].map(button) }],
    metadata: { event_type: 'doorwarden_approval', event_payload: { approval: id, revision } },
    onlyFor: null,
  });
}

/** Links somebody in Slack to a principal, as people do. */
export async function linkAs(broker: Broker, slack: LocalSlack, user: string, principal: string): Promise<void> {
  const cookie = await signIn(broker, principal);
  const { status, body } = await callWith(broker.api, cookie, '/v1/me/slack-link', { method: 'POST' });
  expect(status).toBe(201);
  const { code } = slackLinkCode.parse(body);
  await slack.command(user, `link ${code}`);
  await toldIn(slack, user, `You are ${principal} here`);
}

/** Waits until somebody is told a sentence with this in it, and nobody else. */
export async function toldIn(slack: LocalSlack, user: string, part: string): Promise<string> {
  const found = await slack.waitFor(
    () => slack.ephemerals(user).find(({ text }) => text.includes(part)),
    `${user} is told "${part}"; they were told ${JSON.stringify(slack.ephemerals(user).map(({ text }) => text))}`,
  );
  return found.text;
}

/** Every decision on an approval. */
export function decisionsOn(questions: Questions, id: ApprovalId): Promise<readonly ApprovalDecisionRow[]> {
  return questions.source.getRepository(approvalDecisionEntity).findBy({ approvalId: id });
}

const entry = z.looseObject({
  act: z.string(),
  code: z.string().nullable(),
  outcome: z.string(),
  who: z.looseObject({ signIn: z.string().nullable() }),
});

/** The entries of the record about a thing, with what was done and by which sign-in. */
export async function entriesAbout({ source }: Questions, subjectKind: string, subjectName: string) {
  const rows = await source
    .getRepository(recordEntryEntity)
    .find({ where: { subjectKind, subjectName }, order: { seq: 'ASC' } });
  return rows.map(({ line }) => {
    const { act, code, outcome, who } = entry.parse(JSON.parse(line));
    return { act, code, outcome, signIn: who.signIn };
  });
}
