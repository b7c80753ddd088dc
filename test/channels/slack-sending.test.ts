import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import type { NoticeEvent } from '../../src/persistence/approvals/approval-sweep.repository.js';
import { SlackLanes } from '../../src/channels/slack/send/slack-lanes.js';
import { SlackSender } from '../../src/channels/slack/send/slack-sender.js';
import { SlackTestSender } from '../../src/channels/slack/send/slack-test-sender.js';
import { slackClient } from '../../src/channels/slack/slack-api.js';
import { SlackNotifier } from '../../src/channels/slack/slack-notifier.js';
import { SlackWriter } from '../../src/channels/slack/slack-writer.js';
import { approvalViewOf } from '../../src/control/approvals/approval-view.js';
import { ranViewsOf } from '../../src/control/approvals/ran-views.js';
import { KnownProtocols } from '../../src/control/modules/known-protocols.js';
import { newId } from '../../src/domain/ids.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { slackMessageEntity, slackPaceEntity } from '../../src/persistence/entities/channels/slack-message.js';
import { SlackMessageRepository } from '../../src/persistence/slack/slack-message.repository.js';
import { SlackPaceRepository } from '../../src/persistence/slack/slack-pace.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { StatementRows } from '../../src/persistence/statements/statement-rows.js';
import { approve, deny, insertActiveGrant, questionOf, TERMS } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { APPROVALS, useSlack } from '../support/slack/use-slack.js';

const OTHER = 'C0OTHER';
const USERGROUP = 'S0DBA';
const CALL_MS_MAX = 1_000;
const WAIT = { timeout: 60_000, interval: 10 };
/** What passes from one look to the next. */
const BETWEEN_LOOKS_MS = 500;

/** So far is the clock of the local Slack ahead: time that tests have let pass. */
let passedMs = 0;

const local = useSlack({
  channels: [
    { id: APPROVALS, name: 'approvals' },
    { id: OTHER, name: 'other' },
  ],
  usergroups: [USERGROUP],
  nowMs: () => Date.now() + passedMs,
});

describe.each(engines())('Slack is told, with the state on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let source: DataSource;
  let desk: DatabaseApprovalDesk;
  let counted: string[];
  let warned: object[];
  const underWay = new Set<Promise<void>>();

  beforeAll(async () => {
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await source.runMigrations();
    desk = new DatabaseApprovalDesk({
      dataSource: source,
      clock: systemClock,
      limits: { pendingMax: 100, totalMax: 1_000 },
      announce: () => undefined,
      requestJobs: () => undefined,
    });
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });
  beforeEach(async () => {
    counted = [];
    warned = [];
    await source.getRepository(slackMessageEntity).clear();
    // The local Slack knows what earlier tests have sent, so their pace holds on.
    await source.getRepository(slackPaceEntity).updateAll({ failures: 0 });
  });

  const messages = () => new SlackMessageRepository(source);
  const approvals = () => new ApprovalRepository(source);

  async function viewOf(id: ApprovalId) {
    const row = await approvals().find(id);
    if (row === undefined) return undefined;
    const protocols = new KnownProtocols(PROTOCOLS);
    const view = approvalViewOf(row, { viewer: null, person: null, nowMs: Date.now(), protocols });
    return { ...view, ran: await ranViewsOf(row, new StatementRows(source)) };
  }

  /** What one worker has of Slack. */
  function worker(): SlackLanes {
    const metrics = {
      sent: (channel: string, outcome: string) => void counted.push(`${channel} ${outcome}`),
      waiting: () => undefined,
    };
    const log = { info: () => undefined, warn: (fields: object) => void warned.push(fields) };
    const { apiUrl, botToken } = local.slack;
    const sender = new SlackSender({
      messages: messages(),
      paces: new SlackPaceRepository(source),
      writer: new SlackWriter(slackClient({ apiUrl, botToken }, CALL_MS_MAX)),
      questionOf: viewOf,
      message: { publicUrl: 'https://broker.example', showRows: false },
      usergroups: new Map([['dba', USERGROUP]]),
      clock: systemClock,
      log,
      metrics,
    });
    const counting = {
      sendNext: (lane: string) => {
        const sent: Promise<void> = sender.sendNext(lane).finally(() => underWay.delete(sent));
        underWay.add(sent);
        return sent;
      },
    };
    return new SlackLanes({ messages: messages(), sender: counting, log, metrics, wait: timePasses });
  }

  /**
   * Lets time pass for the local Slack and for what the broker waits for, and not for anything else: what Slack limits must
   * not come earlier than before. Slack goes first, and never while a call is on its way to it.
   */
  async function timePasses(ms: number): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    passedMs += ms;
    await source.query('UPDATE slack_paces SET free_at = free_at - ?', [ms]);
    await source.query('UPDATE slack_messages SET due_at = due_at - ?', [ms]);
  }

  const look = (): Promise<void> => worker().serve(new AbortController().signal);

  /** Looks again and again, as a worker does, until it is so. */
  function lookUntil(isSo: () => Promise<void>): Promise<void> {
    return vi.waitFor(async () => {
      await look();
      await isSo().catch(async (error: unknown) => {
        await timePasses(BETWEEN_LOOKS_MS);
        throw error;
      });
    }, WAIT);
  }

  async function ask(changed: Parameters<typeof questionOf>[1] = {}): Promise<ApprovalId> {
    return (await desk.ask(questionOf(await insertActiveGrant(source), changed))).id;
  }

  async function tell(id: ApprovalId, event: NoticeEvent = 'asked', channel: string | null = APPROVALS): Promise<void> {
    const approval = await viewOf(id);
    if (approval === undefined) throw new Error('There is no such approval');
    await new SlackNotifier(messages(), channel).notify({ event, approval, approvers: approval.approvers });
  }

  function shownOf(id: ApprovalId, channel = APPROVALS): readonly SlackMessage[] {
    return local.slack.messages(channel).filter(({ metadata }) => metadata?.event_payload['approval'] === id);
  }

  /** Looks until each is shown once. */
  async function shownOnce(ids: readonly ApprovalId[], state = 'Approval needed'): Promise<void> {
    await lookUntil(async () => {
      for (const id of ids) {
        const shown = shownOf(id);
        if (shown.length > 1) expect.fail('an approval is shown twice');
        expect(shown.map(({ text }) => text)).toEqual([`${state}: UPDATE on shop`]);
      }
    });
  }

  const rowOf = (approvalId: ApprovalId) =>
    source.getRepository(slackMessageEntity).findOneByOrFail({ approvalId, channel: APPROVALS });

  it('of a question once, however often it is noted and however many workers look', async () => {
    const ids = [await ask(), await ask(), await ask(), await ask()];
    for (const id of ids) await Promise.all([tell(id), tell(id)]);
    await Promise.all([look(), look(), look()]);
    await shownOnce(ids);
    for (const id of ids) await tell(id);
    await look();
    for (const id of ids) expect(shownOf(id)).toHaveLength(1);
    expect(counted).toEqual(ids.map(() => 'slack sent'));
  });

  it('what operators want to be told: a test, and why it failed', async () => {
    const { apiUrl, botToken } = local.slack;
    const writer = new SlackWriter(slackClient({ apiUrl, botToken }, CALL_MS_MAX));
    const paces = new SlackPaceRepository(source);
    const test = async (channel: string | null) => {
      await timePasses(2_000); // it is its turn
      const sender = new SlackTestSender({ writer, paces, channel, publicUrl: 'https://broker.example' });
      await sender.send({ id: newId(), address: null }, new AbortController().signal);
    };
    await test(APPROVALS);
    expect(local.slack.messages(APPROVALS).at(-1)?.text).toBe('A test of this channel');
    local.slack.faults.inject('chat.postMessage', { kind: 'refuse', code: 'is_archived' }, 1);
    await expect(test(APPROVALS)).rejects.toThrow(/^Slack refused it: is_archived\.$/);
    local.slack.faults.goAway();
    await expect(test(APPROVALS)).rejects.toThrow(/^Slack did not answer as it should\.$/);
    await expect(test(null)).rejects.toThrow(/SLACK_CHANNEL is not set/);
  });

  it('of a preview, of a decision and of what came of it, by edits of the same message', async () => {
    const id = await ask();
    await tell(id);
    await look();
    expect(JSON.stringify(shownOf(id)[0]?.blocks)).toContain('"approve"');
    await approvals().decide(approve(id));
    await tell(id, 'settled');
    await look();
    const [approved] = shownOf(id);
    expect(approved?.text).toBe('Approved: UPDATE on shop');
    expect(JSON.stringify(approved?.blocks)).not.toContain('"button"');
    expect(JSON.stringify(approved?.blocks)).toContain('It was not used.');
    // Nobody tells of a use: an approved statement is looked at again by itself.
    await desk.use(id);
    await lookUntil(async () => {
      expect(JSON.stringify(shownOf(id)[0]?.blocks)).toContain('the statement went to the database');
    });
    expect(shownOf(id)).toHaveLength(1);
  });

  it('of a question that was decided before it could be told, as decided only', async () => {
    const id = await ask();
    await approvals().decide(deny(id, 'Not now.'));
    await tell(id, 'settled');
    await look();
    expect(shownOf(id).map(({ text, edits }) => [text, edits])).toEqual([['Denied: UPDATE on shop', 0]]);
    expect((await rowOf(id)).dueAtMs).toBeNull();
  });

  it('in the channels that policies name, and in no other', async () => {
    const id = await ask({ terms: { ...TERMS, slackChannels: [OTHER] } });
    await tell(id);
    const [nowhere, there] = [await ask(), id];
    await tell(nowhere, 'asked', null);
    await look();
    expect(shownOf(there, OTHER)).toHaveLength(1);
    expect(shownOf(there)).toEqual([]);
    expect(shownOf(nowhere)).toEqual([]);
  });

  it.each([
    ['a fault of Slack after it had stored it', { kind: 'status', status: 500, isStored: true }],
    ['a connection that is cut after it was stored', { kind: 'cut', isStored: true }],
    ['an answer that never comes after it was stored', { kind: 'silence', isStored: true }],
    ['a fault of Slack before', { kind: 'status', status: 503, isStored: false }],
    ['a connection that is cut before', { kind: 'cut', isStored: false }],
    ['a word for a fault of Slack', { kind: 'refuse', code: 'internal_error' }],
  ] as const)('once, also after %s', async (_, fault) => {
    local.slack.faults.inject('chat.postMessage', fault, 1);
    const id = await ask();
    await tell(id);
    await look();
    await shownOnce([id]);
    expect(counted).toContain('slack repeated');
  });

  it('of nothing again while it cannot say whether it was told', async () => {
    local.slack.faults.inject('chat.postMessage', { kind: 'status', status: 500, isStored: true }, 1);
    local.slack.faults.inject('conversations.history', { kind: 'status', status: 500 }, 1);
    const id = await ask();
    await tell(id);
    await shownOnce([id]);
    await lookUntil(async () => {
      expect((await rowOf(id)).ts).toBe(shownOf(id)[0]?.ts);
    });
    expect(shownOf(id)).toHaveLength(1);
  });

  it.each([
    ['limits the look', { kind: 'rate', retryAfterSeconds: 2 }],
    ['cuts the look off', { kind: 'cut' }],
  ] as const)('of nothing twice while Slack %s for what may be there', async (_, fault) => {
    local.slack.faults.inject('chat.postMessage', { kind: 'cut', isStored: true }, 1);
    local.slack.faults.inject('conversations.history', fault, 2);
    const id = await ask();
    await tell(id);
    await lookUntil(async () => {
      expect(shownOf(id)).toHaveLength(1);
      expect((await rowOf(id)).ts).toBe(shownOf(id)[0]?.ts);
    });
    expect(local.slack.calls.filter(({ method }) => method === 'conversations.history').length).toBeGreaterThan(2);
  });

  it('though it may not look whether it was told already, and says so in the log', async () => {
    local.slack.faults.inject('chat.postMessage', { kind: 'cut', isStored: false }, 1);
    local.slack.faults.inject('conversations.history', { kind: 'refuse', code: 'missing_scope' });
    const id = await ask();
    await tell(id);
    await shownOnce([id]);
    expect(warned).toContainEqual({ approval: id, channel: APPROVALS, kind: 'refused', code: 'missing_scope' });
  });

  it('of what a worker that died had begun, once', async () => {
    const id = await ask();
    await tell(id);
    // As a worker does it that is killed after Slack has it.
    const repository = messages();
    const claimed = await repository.claim(APPROVALS);
    if (claimed === undefined) throw new Error('It is not due');
    await repository.posting(claimed);
    const event = { event_type: 'doorwarden_approval', event_payload: { approval: id, revision: 1 } };
    const { apiUrl, botToken } = local.slack;
    const posted = { text: 'Approval needed', blocks: [], metadata: event };
    await new SlackWriter(slackClient({ apiUrl, botToken })).post(APPROVALS, posted);
    await look();
    expect(shownOf(id)).toHaveLength(1); // another worker leaves it alone as long as it is somebody's
    await source.getRepository(slackMessageEntity).update({ approvalId: id }, { claimedUntilMs: 1 });
    await shownOnce([id]);
    // What the dead one wakes up to say is not taken.
    await repository.leave(claimed);
    expect((await rowOf(id)).ts).toBe(shownOf(id)[0]?.ts);
  });

  it('as slowly as it says, in the whole channel, while others go on', async () => {
    local.slack.faults.inject('chat.postMessage', { kind: 'rate', retryAfterSeconds: 3 }, 1);
    const ids = [await ask(), await ask()];
    for (const id of ids) await tell(id);
    await look();
    const other = await ask({ terms: { ...TERMS, slackChannels: [OTHER] } });
    await tell(other);
    await look();
    expect(shownOf(other, OTHER)).toHaveLength(1);
    await shownOnce(ids); // a call before the time is a violation
  });

  it('of everything once it is back, though it was away for all of it', async () => {
    local.slack.faults.goAway();
    const ids = await Promise.all(Array.from({ length: 8 }, () => ask()));
    for (const id of ids) await tell(id);
    const decided = ids[0];
    if (decided === undefined) throw new Error('Nothing was asked');
    await look();
    await look();
    await approvals().decide(approve(decided));
    await tell(decided, 'settled');
    expect(counted.length).toBeLessThan(ids.length); // one is tried for all of them
    local.slack.faults.comeBack();
    await shownOnce(ids.slice(1));
    expect(shownOf(decided).map(({ text }) => text)).toEqual(['Approved: UPDATE on shop']);
  });

  it('again after some time where it refuses a channel, and says so in the log without the statement', async () => {
    local.slack.faults.inject('chat.postMessage', { kind: 'refuse', code: 'not_in_channel' }, 1);
    const id = await ask();
    await tell(id);
    await look();
    const row = await rowOf(id);
    expect(row).toMatchObject({ ts: null, postingAtMs: null, tries: 1, claimedUntilMs: null });
    expect((row.dueAtMs ?? 0) - Date.now()).toBeGreaterThan(5_000);
    expect(warned).toEqual([{ approval: id, channel: APPROVALS, kind: 'refused', code: 'not_in_channel' }]);
    await source.getRepository(slackMessageEntity).update({ approvalId: id }, { dueAtMs: 1 });
    await shownOnce([id]);
    expect(await rowOf(id)).toMatchObject({ tries: 0 });
  });

  it('with a link alone where it does not take the message as it is', async () => {
    local.slack.faults.inject('chat.postMessage', { kind: 'refuse', code: 'msg_blocks_too_long' }, 1);
    const id = await ask();
    await tell(id);
    await look();
    const [shown] = shownOf(id);
    expect(JSON.stringify(shown?.blocks)).toContain(`https://broker.example/approvals/${id}`);
    expect(JSON.stringify(shown?.blocks)).not.toContain('"button"');
    await tell(id);
    await look();
    expect(shownOf(id)).toEqual([shown]);
  });

  it('of nothing more where somebody took the message away, or long after its time', async () => {
    const [gone, old] = [await ask(), await ask()];
    await tell(gone);
    await tell(old);
    await source.getRepository(slackMessageEntity).update({ approvalId: old }, { giveUpAtMs: 1 });
    await look();
    expect(shownOf(old)).toEqual([]);
    const [message] = shownOf(gone);
    if (message === undefined) throw new Error('It is not shown');
    local.slack.workspace.messages.remove(message);
    await approvals().decide(approve(gone));
    await tell(gone, 'settled');
    await look();
    expect(shownOf(gone)).toEqual([]);
    for (const id of [gone, old]) expect((await rowOf(id)).dueAtMs).toBeNull();
    expect(counted.filter((what) => what === 'slack given-up')).toHaveLength(2);
    local.slack.violations.take('foreign-message');
  });

  it('that half of the time is over, once, in the thread, with a mention of those who must answer', async () => {
    const id = await ask({ terms: { ...TERMS, approvers: ['dba'] } });
    await tell(id);
    await look();
    await Promise.all([tell(id, 'reminded'), tell(id, 'reminded')]);
    await look();
    await tell(id, 'reminded');
    await look();
    const [message] = shownOf(id);
    const answers = local.slack.messages(APPROVALS).filter(({ threadTs }) => threadTs === message?.ts);
    expect(answers.map(({ text }) => text)).toEqual([`<!subteam^${USERGROUP}> Half of the time to decide is over.`]);
  });

  it('of no reminder that nobody knows to have been told, nor of one that comes with the question or after its end', async () => {
    const [unknown, late, settled] = [await ask(), await ask(), await ask()];
    await tell(unknown);
    await tell(settled);
    await look();
    local.slack.faults.inject('chat.postMessage', { kind: 'status', status: 500, isStored: false }, 1);
    await tell(unknown, 'reminded');
    await look();
    await tell(late, 'reminded');
    await approvals().decide(deny(settled));
    await tell(settled, 'reminded');
    await shownOnce([late]);
    await lookUntil(async () => {
      for (const id of [unknown, late, settled]) expect((await rowOf(id)).dueAtMs).toBeNull();
    });
    const ownThreads = [unknown, late, settled].flatMap((id) => shownOf(id)).map(({ ts }) => ts);
    const answers = local.slack.messages(APPROVALS).filter(({ threadTs }) => ownThreads.includes(threadTs ?? ''));
    expect(answers).toEqual([]);
  });
});
