import { describe, expect, it } from 'vitest';
import { startSlack } from './start-slack.js';
import {
  approve,
  CHANNEL,
  clientOf,
  OPTIONS,
  OTHER,
  PERSON,
  refusalOf,
  section,
  useTriedSlack,
} from './tried-slack.fixture.js';

const tried = useTriedSlack();

describe('messages', () => {
  it('are posted, found with their metadata, and edited by those who posted them', async () => {
    const metadata = { event_type: 'doorwarden_approval', event_payload: { approval: '1', revision: 1 } };
    const { ts = '' } = await tried.say({
      channel: CHANNEL,
      text: 'Approval needed',
      blocks: [section('a'), approve],
      metadata,
    });
    const history = await tried.client.conversations.history({
      channel: CHANNEL,
      include_all_metadata: true,
      limit: 20,
    });
    expect(history.messages?.map((message) => [message.ts, message.metadata])).toEqual([[ts, metadata]]);
    await tried.client.chat.update({ channel: CHANNEL, ts, text: 'Approved', blocks: [section('b')] });
    expect(tried.slack.messages(CHANNEL)).toMatchObject([
      { ts, text: 'Approved', blocks: [section('b')], edits: 1, metadata },
    ]);
    expect(tried.slack.violations.all).toEqual([]);
  });

  it('give an answer in a thread, which the history of the channel does not have', async () => {
    const { ts = '' } = await tried.say({ channel: CHANNEL, text: 'a' });
    await tried.say({ channel: CHANNEL, text: '<!subteam^S0DBA> waits', thread_ts: ts });
    const { messages } = await tried.client.conversations.history({ channel: CHANNEL });
    expect(messages?.length).toBe(1);
    expect(tried.slack.messages(CHANNEL).map(({ threadTs }) => threadTs)).toEqual([null, ts]);
    expect(tried.slack.violations.all).toEqual([]);
  });

  it('that only one person sees are no messages of the channel', async () => {
    await tried.client.chat.postEphemeral({ channel: CHANNEL, user: PERSON, text: 'Not yours to decide' });
    expect(tried.slack.messages(CHANNEL)).toEqual([]);
    expect(tried.slack.ephemerals(PERSON).map(({ text }) => text)).toEqual(['Not yours to decide']);
    expect(await refusalOf(tried.client.chat.postEphemeral({ channel: CHANNEL, user: 'U0GONE', text: 'a' }))).toBe(
      'user_not_in_channel',
    );
  });

  it('are not edited where they are not, or where somebody else wrote them', async () => {
    const missing = tried.client.chat.update({ channel: CHANNEL, ts: '1800000000.000001', text: 'a' });
    expect(await refusalOf(missing)).toBe('message_not_found');
    const theirs = tried.slack.workspace.messages.add({
      channel: CHANNEL,
      threadTs: null,
      author: PERSON,
      text: 'mine',
      blocks: [],
      metadata: null,
      onlyFor: null,
    });
    const foreign = tried.client.chat.update({ channel: CHANNEL, ts: theirs.ts, text: 'a' });
    expect(await refusalOf(foreign)).toBe('cant_update_message');
    expect(tried.slack.violations.take('foreign-message').length).toBe(2);
  });
});

describe('rates', () => {
  it('one message a second for each channel, and those who come back too early are noted', async () => {
    const send = (channel = CHANNEL) => tried.say({ channel, text: 'a' });
    await send();
    await send();
    expect(await refusalOf(send())).toMatch(/rate/i);
    expect(tried.slack.violations.all).toEqual([]);
    await send(OTHER);
    tried.pass(200);
    expect(await refusalOf(send())).toMatch(/rate/i);
    expect(tried.slack.violations.take('retry-after').length).toBe(1);
    tried.pass(1_000);
    await send();
    expect(tried.slack.messages(CHANNEL).length).toBe(3);
  });
});

describe('people', () => {
  it('are told with what Slack knows of them', async () => {
    const seen = async (user: string) => {
      const answer = await tried.client.users.info({ user });
      const { deleted, is_restricted, is_stranger, is_email_confirmed, team_id, profile } = answer.user ?? {};
      return { deleted, is_restricted, is_stranger, is_email_confirmed, team_id, email: profile?.email };
    };
    const { teamId: team_id } = tried.slack;
    const ordinary = { deleted: false, is_restricted: false, is_email_confirmed: true, team_id };
    expect(await seen(PERSON)).toEqual({ ...ordinary, email: 'u0person@example.com' });
    expect(await seen('U0GUEST')).toMatchObject({ is_restricted: true });
    expect(await seen('U0UNSURE')).toMatchObject({ is_email_confirmed: false });
    expect(await seen('U0NOMAIL')).toEqual(ordinary);
    expect(await seen('U0STRANGER')).toEqual({ ...ordinary, is_stranger: true, team_id: 'T0ELSEWHERE' });
    expect(await seen('U0GONE')).toMatchObject({ deleted: true });
    expect(await refusalOf(tried.client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });

  it('have no e-mail for an app without the scope', async () => {
    const modest = await startSlack({ ...OPTIONS, scopes: ['users:read'] });
    try {
      const answer = await clientOf(modest).users.info({ user: PERSON });
      expect(answer.user?.profile?.email).toBeUndefined();
      expect(await refusalOf(clientOf(modest).conversations.history({ channel: CHANNEL }))).toBe('missing_scope');
    } finally {
      await modest.close();
    }
  });
});

describe('faults', () => {
  it('come before or after a message was stored', async () => {
    const send = () => tried.say({ channel: CHANNEL, text: 'a' });
    tried.slack.faults.inject('chat.postMessage', { kind: 'status', status: 500 }, 1);
    await expect(send()).rejects.toThrow();
    expect(tried.slack.messages(CHANNEL)).toEqual([]);
    tried.slack.faults.inject('chat.postMessage', { kind: 'cut', isStored: true }, 1);
    await expect(send()).rejects.toThrow();
    expect(tried.slack.messages(CHANNEL).length).toBe(1);
    tried.slack.faults.inject('chat.postMessage', { kind: 'silence', isStored: true }, 1);
    await expect(send()).rejects.toThrow();
    expect(tried.slack.messages(CHANNEL).length).toBe(2);
    tried.pass(10_000);
    tried.slack.faults.goAway();
    await expect(send()).rejects.toThrow();
    tried.slack.faults.comeBack();
    await send();
    expect(tried.slack.messages(CHANNEL).length).toBe(3);
  });

  it('of the rate close the channel for as long as they say', async () => {
    const send = () => tried.say({ channel: CHANNEL, text: 'a' });
    tried.slack.faults.inject('chat.postMessage', { kind: 'rate', retryAfterSeconds: 30 }, 1);
    expect(await refusalOf(send())).toMatch(/rate/i);
    tried.pass(29_000);
    expect(await refusalOf(send())).toMatch(/rate/i);
    expect(tried.slack.violations.take('retry-after').length).toBe(1);
    tried.pass(2_000);
    await send();
  });
});
