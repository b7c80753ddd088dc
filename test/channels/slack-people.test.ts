import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { identityMappingEntity } from '../../src/persistence/entities/identity/identity-mapping.js';
import { identityProviderEntity } from '../../src/persistence/entities/identity/identity-provider.js';
import { slackInteractionEntity } from '../../src/persistence/entities/channels/slack-interaction.js';
import { IdentityMappingRepository } from '../../src/persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../src/persistence/identity/identity-provider.repository.js';
import { IdentityRepository } from '../../src/persistence/identity/identity.repository.js';
import { TERMS } from '../support/approval-state.js';
import { useBroker } from '../support/broker.js';
import { useQuestions } from '../support/questions.js';
import { decisionsOn, entriesAbout, shownIn, toldIn } from '../support/slack/shown-questions.js';
import { APPROVALS, FIRST, SECOND, slackEnvironment, useSlack } from '../support/slack/use-slack.js';

const HOUR_MS = 3_600_000;
const ANA = { id: FIRST, name: 'Ana', email: 'Ana@example.com' };
const PEOPLE = [
  ANA,
  { id: SECOND, name: 'Bea', email: 'bea@example.com' },
  { id: 'U0GUEST', name: 'Guest', email: 'guest@example.com', isRestricted: true },
  { id: 'U0GONE', name: 'Gone', email: 'gone@example.com', isDeleted: true },
  { id: 'U0BOT', name: 'Bot', email: 'bot@example.com', isBot: true },
  { id: 'U0STRANGER', name: 'Stranger', email: 'stranger@example.com', teamId: 'T0ELSEWHERE', isStranger: true },
  { id: 'U0UNSURE', name: 'Unsure', email: 'unsure@example.com', isEmailConfirmed: false },
  { id: 'U0NOMAIL', name: 'No mail', email: null },
  { id: 'U0TWICE', name: 'Twice', email: 'twice@example.com' },
  { id: 'U0NOBODY', name: 'Nobody', email: 'nobody@example.com' },
];

const local = useSlack({ channels: [{ id: APPROVALS, name: 'approvals' }], people: PEOPLE });
/** Two apis; what the first one leaves, the second one finishes. */
const broker = useBroker({
  policies: 'default',
  apis: 2,
  gateways: 0,
  envOf: async () => {
    const env = { ...slackEnvironment(local.slack), SLACK_IDENTITY: 'verified-email' };
    return { api: env, 'api-2': env };
  },
});
const questions = useQuestions(broker);

/** Somebody as an identity provider has signed them in so long ago. */
async function signedIn(
  email: string,
  { agoMs = 0, groups = [] as readonly string[], subject = email } = {},
): Promise<void> {
  const seen = { provider: 'corp', issuer: 'https://id.example.com', subject };
  const mapped = {
    name: `corp:${subject}`,
    provider: 'corp',
    kind: 'user' as const,
    roles: ['approver' as const],
    groups,
    email,
    displayName: null,
  };
  await new IdentityRepository(questions().source).bringPerson(seen, mapped, Date.now() - agoMs);
}

async function ask(changed: object = {}): Promise<{ readonly id: ApprovalId; readonly message: SlackMessage }> {
  const id = await questions().ask(changed);
  return { id, message: await shownIn(local.slack, questions(), id) };
}

async function approve(user: string, changed: object = {}): Promise<ApprovalId> {
  const { id, message } = await ask(changed);
  expect((await local.slack.click({ user, message, action: 'approve' })).status).toBe(200);
  return id;
}

async function expectRefused(user: string, code: string, changed: object = {}): Promise<void> {
  const id = await approve(user, changed);
  await expect
    .poll(() => entriesAbout(questions(), 'approval', id), { timeout: 30_000 })
    .toContainEqual(expect.objectContaining({ act: 'slack.refused', code }));
  await toldIn(local.slack, user, `(\`${code}\`)`);
  expect(await decisionsOn(questions(), id)).toEqual([]);
}

beforeAll(async () => {
  const { source } = questions();
  const providers = new IdentityProviderRepository(source);
  const change = {
    kind: 'saml' as const,
    purposes: ['people'],
    settings: { issuer: 'https://id.example.com' },
    sealedSecret: null,
    changedAtMs: Date.now() - 48 * HOUR_MS,
    changedBy: 'test-operator',
    deletedAtMs: null,
  };
  expect(await providers.insert('corp', change)).toBe(true);
  const mapping = { revision: 1, rules: [], reason: null, changedBy: 'test-operator' };
  await new IdentityMappingRepository(source).add({ ...mapping, changedAtMs: Date.now() - 48 * HOUR_MS });
  for (const email of ['guest', 'gone', 'bot', 'stranger', 'unsure']) await signedIn(`${email}@example.com`);
  await signedIn('twice@example.com');
  await signedIn('twice@example.com', { subject: 'twice-again' });
}, 60_000);

beforeEach(async () => {
  const { api } = broker();
  local.slack.deliverBy({
    kind: 'http',
    interactivity: `${api}/slack/interactivity`,
    commands: `${api}/slack/commands`,
  });
  await signedIn('ana@example.com', { groups: ['dba'] });
});

describe('by their e-mail address', () => {
  it('somebody is the one principal whom a provider knows by it', async () => {
    const id = await approve(FIRST, { terms: { ...TERMS, approvers: ['dba'] } });
    expect((await questions().look(id, broker().keys.approver, 20)).body.state).toBe('approved');
    expect(await decisionsOn(questions(), id)).toMatchObject([
      { principalName: 'corp:ana@example.com', groups: ['dba'] },
    ]);
  });

  it.each([
    ['a guest', 'U0GUEST', 'slack_account_refused'],
    ['somebody who has left', 'U0GONE', 'slack_account_refused'],
    ['a bot', 'U0BOT', 'slack_account_refused'],
    ['somebody of another workspace', 'U0STRANGER', 'slack_account_refused'],
    ['somebody whose address is not confirmed', 'U0UNSURE', 'slack_email_unknown'],
    ['somebody without an address', 'U0NOMAIL', 'slack_email_unknown'],
    ['somebody whose address two principals have', 'U0TWICE', 'slack_email_unknown'],
    ['somebody whom no provider has signed in', 'U0NOBODY', 'slack_email_unknown'],
  ])('%s decides nothing', async (_who, user, code) => {
    await expectRefused(user, code);
  });

  it('nobody is linked by a code', async () => {
    await local.slack.command(FIRST, 'link AAAA-BBBB-CCCC-DDDD');
    await toldIn(local.slack, FIRST, 'slack_link_off');
  });

  it('Slack that does not say who it is loses no click', async () => {
    local.slack.faults.inject('users.info', { kind: 'status', status: 503 }, 2);
    const id = await approve(FIRST);
    expect((await questions().look(id, broker().keys.approver, 30)).body.state).toBe('approved');
    expect(await decisionsOn(questions(), id)).toHaveLength(1);
  });
});

describe('what a provider gave', () => {
  it('counts for a day after the sign-in', async () => {
    await signedIn('bea@example.com', { agoMs: 23 * HOUR_MS });
    const id = await approve(SECOND);
    expect((await questions().look(id, broker().keys.approver, 20)).body.state).toBe('approved');
    await signedIn('bea@example.com', { agoMs: 25 * HOUR_MS });
    await expectRefused(SECOND, 'slack_sign_in_old');
  });

  it('counts no more once the mapping or the provider has changed, or the provider has gone', async () => {
    const { source } = questions();
    await signedIn('bea@example.com', { agoMs: HOUR_MS });
    const mappings = source.getRepository(identityMappingEntity);
    await mappings.update({ revision: 1 }, { changedAtMs: Date.now() - HOUR_MS / 2 });
    await expectRefused(SECOND, 'slack_sign_in_old');
    await mappings.update({ revision: 1 }, { changedAtMs: Date.now() - 48 * HOUR_MS });

    const providers = source.getRepository(identityProviderEntity);
    await providers.update({ name: 'corp' }, { changedAtMs: Date.now() - HOUR_MS / 2 });
    await expectRefused(SECOND, 'slack_sign_in_old');
    await providers.update({ name: 'corp' }, { changedAtMs: Date.now() - 48 * HOUR_MS, deletedAtMs: Date.now() });
    await expectRefused(SECOND, 'slack_sign_in_old');
    await providers.update({ name: 'corp' }, { deletedAtMs: null });
  });

  it('is not there for somebody who has lost the group at the next sign-in', async () => {
    await signedIn('ana@example.com', { groups: [] });
    await expectRefused(FIRST, 'approval_not_an_approver', { terms: { ...TERMS, approvers: ['dba'] } });
  });
});

describe('an api that dies', () => {
  it('after it has told Slack leaves the click to the other one, which acts on it once', async () => {
    local.slack.faults.inject('users.info', { kind: 'silence' });
    const id = await approve(FIRST);
    await broker().kill('api');
    const rows = questions().source.getRepository(slackInteractionEntity);
    expect(await rows.countBy({ state: 'accepted' })).toBe(1);
    expect(await decisionsOn(questions(), id)).toEqual([]);
    local.slack.faults.clear();
    await expect.poll(() => decisionsOn(questions(), id), { timeout: 60_000 }).toHaveLength(1);
    await broker().restart('api');
    await expect.poll(() => rows.countBy({ state: 'accepted' }), { timeout: 30_000 }).toBe(0);
    expect(await decisionsOn(questions(), id)).toMatchObject([{ principalName: 'corp:ana@example.com' }]);
    expect(local.slack.ephemerals(FIRST).filter(({ text }) => text.includes('answered_by_you'))).toEqual([]);
  }, 120_000);
});
