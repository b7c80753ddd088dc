import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { slackInteractionEntity } from '../../src/persistence/entities/channels/slack-interaction.js';
import { type Asked, TERMS } from '../support/approval-state.js';
import { useBroker } from '../support/broker.js';
import { useQuestions } from '../support/questions.js';
import { callWith, signIn } from '../support/sign-in.js';
import { decisionsOn, entriesAbout, linkAs, shownIn, toldIn } from '../support/slack/shown-questions.js';
import { FIRST, OUTSIDER, SECOND, slackEnvironment, useSlack } from '../support/slack/use-slack.js';

const STRANGER = 'U0STRANGER';
const local = useSlack({
  channels: [{ id: 'C0APPROVALS', name: 'approvals' }],
  people: [
    { id: FIRST, name: 'First' },
    { id: SECOND, name: 'Second' },
    { id: OUTSIDER, name: 'Outsider' },
    { id: STRANGER, name: 'Stranger', teamId: 'T0ELSEWHERE', isStranger: true },
    { id: 'U0GUEST', name: 'Guest', isRestricted: true },
  ],
});
const broker = useBroker({
  policies: 'default',
  gateways: 0,
  envOf: async () => ({ api: slackEnvironment(local.slack) }),
});
const questions = useQuestions(broker);

beforeAll(async () => {
  const { api } = broker();
  local.slack.deliverBy({
    kind: 'http',
    interactivity: `${api}/slack/interactivity`,
    commands: `${api}/slack/commands`,
  });
  await questions().newApprover([], 'second');
  await linkAs(broker(), local.slack, FIRST, 'test-approver');
  await linkAs(broker(), local.slack, SECOND, 'second');
}, 60_000);

interface Shown {
  readonly id: ApprovalId;
  readonly message: SlackMessage;
}

async function ask(changed: Asked = {}): Promise<Shown> {
  const id = await questions().ask(changed);
  return { id, message: await shownIn(local.slack, questions(), id) };
}

async function settled(id: ApprovalId): Promise<string> {
  return (await questions().look(id, broker().keys.approver, 20)).body.state;
}

/** Nothing has changed, and the record says who wanted it and why not. */
async function expectRefused({ id }: Shown, user: string, code: string): Promise<void> {
  const refusal = { act: 'slack.refused', outcome: 'refused', code, signIn: expect.stringContaining(`/${user}`) };
  await expect.poll(() => entriesAbout(questions(), 'approval', id), { timeout: 30_000 }).toContainEqual(refusal);
  await toldIn(local.slack, user, `(\`${code}\`)`);
  expect((await questions().row(id)).state).toBe('pending');
  expect(await decisionsOn(questions(), id)).toEqual([]);
}

describe('a click', () => {
  it('decides as the principal to which the account is linked', async () => {
    const shown = await ask();
    expect((await local.slack.click({ user: FIRST, message: shown.message, action: 'approve' })).status).toBe(200);
    expect(await settled(shown.id)).toBe('approved');
    expect(await decisionsOn(questions(), shown.id)).toMatchObject([
      { principalName: 'test-approver', decision: 'approve', decidedWith: `slack:${local.slack.teamId}/${FIRST}` },
    ]);
  });

  it('counts once, however often it comes and however often somebody clicks', async () => {
    const shown = await ask({ terms: { ...TERMS, quorum: 2 } });
    const click = { user: FIRST, message: shown.message, action: 'approve' };
    const { call } = await local.slack.click(click);
    if (call === null) throw new Error('It went over HTTP');
    const again = await Promise.all([local.slack.send(call), local.slack.send(call)]);
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
    await expect.poll(() => decisionsOn(questions(), shown.id), { timeout: 30_000 }).toHaveLength(1);
    await local.slack.click(click);
    await toldIn(local.slack, FIRST, 'approval_answered_by_you');
    expect(await decisionsOn(questions(), shown.id)).toHaveLength(1);
  });

  it('of two people at once is one decision and one refusal', async () => {
    const shown = await ask();
    await Promise.all(
      [FIRST, SECOND].map((user) => local.slack.click({ user, message: shown.message, action: 'approve' })),
    );
    expect(await settled(shown.id)).toBe('approved');
    await local.slack.waitFor(
      () =>
        [FIRST, SECOND]
          .flatMap((user) => local.slack.ephemerals(user))
          .find(({ text }) => text.includes('approval_already_decided')),
      'one of the two is told',
    );
    expect(await decisionsOn(questions(), shown.id)).toHaveLength(1);
  });

  it('on a button of an older revision decides nothing', async () => {
    const shown = await ask({ terms: { ...TERMS, quorum: 2 } });
    await local.slack.click({ user: SECOND, message: shown.message, action: 'approve' });
    await expect.poll(() => decisionsOn(questions(), shown.id), { timeout: 30_000 }).toHaveLength(1);
    await local.slack.click({ user: FIRST, message: shown.message, action: 'approve' });
    await toldIn(local.slack, FIRST, 'approval_changed');
    expect(await decisionsOn(questions(), shown.id)).toHaveLength(1);
  });

  it('after it was decided on the page is late', async () => {
    const shown = await ask();
    await questions().decide(shown.id, { decision: 'deny', reason: 'Not now' });
    await local.slack.click({ user: SECOND, message: shown.message, action: 'approve' });
    await toldIn(local.slack, SECOND, 'approval_already_decided');
    expect((await questions().row(shown.id)).state).toBe('denied');
  });

  it('of somebody who is linked to nobody, or comes from elsewhere, changes nothing', async () => {
    for (const [user, code] of [
      [OUTSIDER, 'slack_not_linked'],
      [STRANGER, 'slack_account_refused'],
    ] as const) {
      const shown = await ask();
      await local.slack.click({ user, message: shown.message, action: 'approve' });
      await expectRefused(shown, user, code);
      await local.slack.click({ user, message: shown.message, action: 'deny' });
      expect(local.slack.modals(user)).toEqual([]);
    }
  });

  it('of another workspace changes nothing', async () => {
    const shown = await ask();
    const forge = (payload: object) => ({ ...payload, team: { id: 'T0OTHER', domain: 'other' } });
    await local.slack.click({ user: SECOND, message: shown.message, action: 'approve', forge });
    await expectRefused(shown, SECOND, 'slack_account_refused');
  });

  it('of the one who asked, of a group that was not asked and of a disabled principal changes nothing', async () => {
    const own = await ask();
    const principals = questions().source.getRepository(principalEntity);
    const { id: agent } = await principals.findOneByOrFail({ name: 'test-agent' });
    const approver = { name: 'test-approver' };
    await principals.update(approver, { personId: agent });
    await local.slack.click({ user: FIRST, message: own.message, action: 'approve' });
    await expectRefused(own, FIRST, 'approval_of_own_request');
    await principals.update(approver, { personId: null });

    const ofGroup = await ask({ terms: { ...TERMS, approvers: ['dba'] } });
    await local.slack.click({ user: FIRST, message: ofGroup.message, action: 'approve' });
    await expectRefused(ofGroup, FIRST, 'approval_not_an_approver');

    await principals.update(approver, { disabledAtMs: Date.now() });
    const disabled = await ask();
    await local.slack.click({ user: FIRST, message: disabled.message, action: 'approve' });
    await expectRefused(disabled, FIRST, 'signin_principal_disabled');
    await principals.update(approver, { disabledAtMs: null });
  });

  it('does not do where the policy wants the page, or a fresh sign-in', async () => {
    for (const [terms, code] of [
      [{ ...TERMS, decideIn: 'web' as const }, 'approval_web_only'],
      [{ ...TERMS, reauthenticateSeconds: 900 }, 'reauthentication_required'],
    ] as const) {
      const shown = await ask({ terms });
      await local.slack.click({ user: FIRST, message: shown.message, action: 'approve' });
      await expectRefused(shown, FIRST, code);
    }
  });

  it('whose approval there is not, or whose button is none of ours, is refused', async () => {
    const shown = await ask();
    const wrongValue = (value: unknown) => (payload: Readonly<Record<string, unknown>>) => {
      const { actions } = z.looseObject({ actions: z.array(z.looseObject({})) }).parse(payload);
      return { ...payload, actions: [{ ...actions[0], value }] };
    };
    for (const value of ['', '{}', '[]', JSON.stringify({ a: shown.id, r: '1' }), JSON.stringify({ a: 'x', r: 1 })]) {
      const click = { user: FIRST, message: shown.message, action: 'approve', forge: wrongValue(value) };
      expect((await local.slack.click(click)).status, value).toBe(400);
    }
    const unknown = JSON.stringify({ a: '01aaaaaaaaaaaaaaaaaaaaaaaa', r: 1 });
    await local.slack.click({ user: FIRST, message: shown.message, action: 'approve', forge: wrongValue(unknown) });
    await toldIn(local.slack, FIRST, 'approval_not_found');
    expect((await questions().row(shown.id)).state).toBe('pending');
  });
});

describe('a form', () => {
  async function open(user: string, shown: Shown, action: string) {
    await local.slack.click({ user, message: shown.message, action });
    return local.slack.waitFor(() => local.slack.modals(user)[0], `a form opens for ${user}`);
  }

  it('denies with the reason that was typed', async () => {
    const shown = await ask();
    const modal = await open(FIRST, shown, 'deny');
    await local.slack.submit({ modal, typed: { 'Reason; the agent is told': 'Ask with WHERE' } });
    expect(await settled(shown.id)).toBe('denied');
    expect(await decisionsOn(questions(), shown.id)).toMatchObject([
      { principalName: 'test-approver', decision: 'deny', reason: 'Ask with WHERE' },
    ]);
    expect(local.slack.modals(FIRST)).toEqual([]);
  });

  it('says what is wrong with a reason that nobody could read', async () => {
    const shown = await ask();
    const modal = await open(FIRST, shown, 'deny');
    await local.slack.submit({ modal, typed: { 'Reason; the agent is told': 'a\u202eb' } });
    expect(local.slack.modals(FIRST)).toMatchObject([{ errors: { reason: expect.stringContaining('One line') } }]);
    expect((await questions().row(shown.id)).state).toBe('pending');
    await local.slack.dismiss(modal);
  });

  it('counts for the one who sends it, for whom it was opened or not', async () => {
    const shown = await ask();
    const modal = await open(FIRST, shown, 'deny');
    await local.slack.submit({ modal, user: OUTSIDER, typed: { 'Reason; the agent is told': 'Because' } });
    await toldIn(local.slack, OUTSIDER, 'slack_not_linked');
    expect(await decisionsOn(questions(), shown.id)).toEqual([]);
  });

  it('of which anything was forged is none', async () => {
    const shown = await ask();
    const other = await ask();
    const modal = await open(FIRST, shown, 'deny');
    const { private_metadata: note = '' } = modal.view;
    for (const forged of [note.replace(shown.id, other.id), note.slice(43), '{}', '']) {
      const view = { ...modal.view, private_metadata: forged };
      const sent = await local.slack.submit({
        modal: { ...modal, view },
        typed: { 'Reason; the agent is told': 'Because' },
      });
      expect(sent.status, forged).toBe(400);
    }
    for (const { id } of [shown, other]) expect(await decisionsOn(questions(), id)).toEqual([]);
    await local.slack.dismiss(modal);
  });

  it('approves a shape within bounds', async () => {
    const shown = await ask({ dialect: dialectOf({ flavour: 'mariadb', version: '10.11.19', sqlMode: '' }) });
    const modal = await open(SECOND, shown, 'shape');
    await local.slack.submit({ modal, typed: { 'How many of them': '5' } });
    expect(await settled(shown.id)).toBe('approved');
    expect(await decisionsOn(questions(), shown.id)).toMatchObject([{ scope: { kind: 'shape', runsMax: 5 } }]);
  });

  it('of a shape that it cannot show whole is not opened', async () => {
    const shown = await ask();
    await local.slack.click({ user: SECOND, message: shown.message, action: 'shape' });
    await expectRefused(shown, SECOND, 'slack_form_too_large');
  });

  it('that Slack does not open in time is answered with the way to the page', async () => {
    const shown = await ask();
    local.slack.faults.inject('views.open', { kind: 'refuse', code: 'trigger_expired' }, 1);
    await local.slack.click({ user: FIRST, message: shown.message, action: 'deny' });
    expect(await toldIn(local.slack, FIRST, 'slack_too_late')).toContain(`${broker().api}/me`);
    expect((await questions().row(shown.id)).state).toBe('pending');
  });
});

describe('a link', () => {
  it('is made by a code that works once, and seen and taken away on the page', async () => {
    await questions().newApprover([], 'third');
    const cookie = await signIn(broker(), 'third');
    const make = () => callWith(broker().api, cookie, '/v1/me/slack-link', { method: 'POST' });
    const [first, second] = [await make(), await make()];
    const codeOf = ({ body }: { readonly body: unknown }) => String(Object(body).code);
    await local.slack.command(OUTSIDER, `link ${codeOf(first)}`);
    await toldIn(local.slack, OUTSIDER, 'slack_link_code_invalid');
    await local.slack.command(OUTSIDER, `link ${codeOf(second).toLowerCase().replaceAll('-', ' ')}`);
    await toldIn(local.slack, OUTSIDER, 'You are third here');
    const me = await callWith(broker().api, cookie, '/v1/me');
    expect(me.body).toMatchObject({ slack: { account: { team: local.slack.teamId, user: OUTSIDER } } });
    expect(await make()).toMatchObject({ status: 409, code: 'slack_linked_already' });
    expect(await entriesAbout(questions(), 'principal', 'third')).toContainEqual(
      expect.objectContaining({ act: 'slack.linked', signIn: `slack:${local.slack.teamId}/${OUTSIDER}` }),
    );
    expect((await callWith(broker().api, cookie, '/v1/me/slack-link', { method: 'DELETE' })).status).toBe(204);
    const shown = await ask();
    await local.slack.click({ user: OUTSIDER, message: shown.message, action: 'approve' });
    await expectRefused(shown, OUTSIDER, 'slack_not_linked');
  });

  it('is refused to guests, to an account that has one, to a wrong code and to a key', async () => {
    await questions().newApprover([], 'fourth');
    const cookie = await signIn(broker(), 'fourth');
    const { body } = await callWith(broker().api, cookie, '/v1/me/slack-link', { method: 'POST' });
    const { code } = Object(body);
    await local.slack.command('U0GUEST', `link ${code}`);
    await toldIn(local.slack, 'U0GUEST', 'slack_account_refused');
    await local.slack.command(FIRST, `link ${code}`);
    await toldIn(local.slack, FIRST, 'slack_linked_already');
    await local.slack.command(SECOND, 'link AAAA-BBBB-CCCC-DDDD');
    await local.slack.command(SECOND, 'link');
    await toldIn(local.slack, SECOND, 'slack_link_code_invalid');
    const keyed = await fetch(`${broker().api}/v1/me/slack-link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${broker().keys.approver}` },
    });
    expect([keyed.status, await keyed.json()]).toMatchObject([403, { code: 'slack_link_needs_session' }]);
    // The code was not used up by those who may not have it.
    await local.slack.command(OUTSIDER, `link ${code}`);
    await toldIn(local.slack, OUTSIDER, 'You are fourth here');
  });
});

it('help says what to type, and nothing else', async () => {
  const { status } = await local.slack.command(FIRST, 'help');
  expect(status).toBe(200);
  await toldIn(local.slack, FIRST, '/doorwarden link CODE');
});

it('keeps nothing of what was asked once it is done', async () => {
  const rows = () => questions().source.getRepository(slackInteractionEntity).find();
  await expect
    .poll(async () => (await rows()).filter(({ state }) => state !== 'done'), { timeout: 30_000 })
    .toEqual([]);
  const kept = await rows();
  expect(kept.length).toBeGreaterThan(10);
  for (const { asked, place } of kept) expect([asked, place]).toEqual([null, null]);
});
