import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { SlackSettings } from '../../../config/slack.js';
import type { ApprovalId } from '../../../kernel/brand.js';
import type { Clock } from '../../../kernel/clock.js';
import {
  CLAIM_MS_MAX,
  type ClaimedMessage,
  EDITS,
  type SlackMessageRepository,
} from '../../../persistence/slack/slack-message.repository.js';
import type { SlackPaceRepository } from '../../../persistence/slack/slack-pace.repository.js';
import type { ChannelLog, ChannelMetrics } from '../../channel.js';
import { approvalMessage, leastMessage, type MessageOptions, type SlackMessage } from '../message/approval-message.js';
import { reminderText } from '../message/reminder.js';
import { CHANNEL_NAME } from '../channel-name.js';
import { failureWords, type SlackFailure, slackFailureOf } from '../slack-api.js';
import type { SlackWriter } from '../slack-writer.js';
import { followInMs } from './follow.js';

/** Slack takes a message a second in a channel, and fifty edits a minute; calls may overtake each other on their way. */
export const POST_GAP_MS = 1_100;
const EDIT_GAP_MS = 1_250;
const HISTORY_GAP_MS = 1_250;
const HISTORY = 'conversations.history';
/** Until another one of its worker's turns to look through the history comes. */
const TURN_MS = 500;
/** A call takes 10 s at most: one that begins later than this could end after somebody else has the message. */
const BEGIN_MS_MAX = CLAIM_MS_MAX - 25_000;
const REFUSED_MS_MIN = 30_000;
const REFUSED_MS_MAX = 600_000;
/** What Slack calls a message by that it does not like. */
const ABOUT_THE_MESSAGE =
  /^(invalid_blocks|invalid_blocks_format|msg_blocks_too_long|msg_too_long|no_text|metadata_|invalid_metadata)/;
/** Somebody took the message away, or it cannot be edited any more. */
const GONE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
]);

const GIVEN_UP = 'A message was given up: its time was over, or somebody took it away in Slack.';

export interface SlackSenderOptions {
  readonly messages: SlackMessageRepository;
  readonly paces: SlackPaceRepository;
  readonly writer: SlackWriter;
  readonly questionOf: (id: ApprovalId) => Promise<ApprovalView | undefined>;
  readonly message: MessageOptions;
  readonly usergroups: SlackSettings['usergroups'];
  readonly clock: Clock;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
}

interface Sending {
  readonly row: ClaimedMessage;
  readonly view: ApprovalView;
  /** When the row was claimed, on the monotonic clock. */
  readonly sinceUs: number;
}

/** Shows one approval in one channel as it is now: posts it, edits it, or reminds of it. */
export class SlackSender {
  constructor(private readonly options: SlackSenderOptions) {}

  /** The next one of a lane; nothing where nothing is due. */
  async sendNext(lane: string): Promise<void> {
    const { messages, questionOf, clock } = this.options;
    const sinceUs = clock.monotonicUs();
    const row = await messages.claim(lane);
    if (row === undefined) return;
    const view = row.isOver ? undefined : await questionOf(row.approvalId);
    if (view === undefined) return this.#giveUp(row);
    const sending = { row, view, sinceUs };
    if (row.ts === null) return this.#post(sending);
    if (row.reminder === 'wanted') return this.#remind(sending, row.ts);
    return this.#edit(sending, row.ts);
  }

  async #post(sending: Sending): Promise<void> {
    const { messages, writer, message: words } = this.options;
    const { row, view } = sending;
    const { channel, postingAtMs } = row;
    if (!(await this.#isMyTurn(sending, channel, POST_GAP_MS))) return;
    if (postingAtMs !== null && !(await this.#isNew(sending, postingAtMs))) return;
    await this.#during(sending, channel, async () => {
      if (!(await messages.posting(row)) || this.#isLate(sending)) return;
      const whole = approvalMessage(view, words);
      const [shown, ts] = await this.#orLess(sending, whole, (message) => writer.post(channel, message));
      await this.#shown(sending, ts, shown);
    });
  }

  /** Whether nothing came of an earlier call that had no answer: nothing is posted twice. Else what is known is noted. */
  async #isNew(sending: Sending, postingAtMs: number): Promise<boolean> {
    const { messages, writer, log } = this.options;
    const { row } = sending;
    if (!(await this.#isMyTurn(sending, HISTORY, HISTORY_GAP_MS))) return false;
    let isNew = false;
    await this.#during(sending, HISTORY, async () => {
      const ts = await writer.find(row.channel, row.approvalId, postingAtMs).catch((error: unknown) => {
        const failure = slackFailureOf(error);
        if (failure.kind !== 'refused') throw error;
        log.warn(placeOf(row, failure), 'Slack does not show the history of a channel: a message may be there twice');
        return undefined;
      });
      isNew = ts === undefined;
      if (ts !== undefined) await messages.shows(row, { ts, revision: 0, hash: null, nextInMs: 0 });
    });
    return isNew;
  }

  async #edit(sending: Sending, ts: string): Promise<void> {
    const { writer, message: words } = this.options;
    const { row, view } = sending;
    const whole = approvalMessage(view, words);
    if (hashOf(whole) === row.shownHash) return this.#shown(sending, ts, whole, false);
    if (!(await this.#isMyTurn(sending, EDITS, EDIT_GAP_MS))) return;
    await this.#during(sending, EDITS, async () => {
      if (this.#isLate(sending)) return;
      const [shown] = await this.#orLess(sending, whole, (message) => writer.edit(row.channel, ts, message));
      await this.#shown(sending, ts, shown);
    });
  }

  async #remind(sending: Sending, ts: string): Promise<void> {
    const { messages, writer, usergroups } = this.options;
    const { row, view } = sending;
    const isWanted = view.state === 'pending';
    if (isWanted && !(await this.#isMyTurn(sending, row.channel, POST_GAP_MS))) return;
    await this.#during(sending, row.channel, async () => {
      if (!(await messages.reminding(row)) || this.#isLate(sending)) return;
      if (isWanted) {
        await writer.remind(row.channel, ts, reminderText(view, usergroups));
        this.options.metrics.sent(CHANNEL_NAME, 'sent');
      }
      await messages.shows(row, { ts, revision: row.revisionShown ?? 0, hash: row.shownHash, nextInMs: 0 });
    });
  }

  async #shown({ row, view }: Sending, ts: string, message: SlackMessage, isSent = true): Promise<void> {
    const { messages, metrics, clock } = this.options;
    const nextInMs = followInMs(view, clock.nowMs());
    await messages.shows(row, { ts, revision: view.revision, hash: hashOf(message), nextInMs });
    if (isSent) metrics.sent(CHANNEL_NAME, 'sent');
  }

  /** Sends the message, or the least of it where Slack does not take it as it is. @returns the one that it took */
  async #orLess<T>(
    { row, view }: Sending,
    whole: SlackMessage,
    send: (message: SlackMessage) => Promise<T>,
  ): Promise<readonly [SlackMessage, T]> {
    try {
      return [whole, await send(whole)];
    } catch (error) {
      const failure = slackFailureOf(error);
      if (failure.kind !== 'refused' || !ABOUT_THE_MESSAGE.test(failure.code)) throw error;
      this.options.log.warn(placeOf(row, failure), 'Slack does not take a message as it is; it gets a link alone');
      await sleep(POST_GAP_MS);
      const result = await send(leastMessage(view, this.options.message));
      // By the hash of the whole: it is not sent again as long as it stays the same.
      return [whole, result];
    }
  }

  async #isMyTurn({ row }: Sending, lane: string, gapMs: number): Promise<boolean> {
    if (await this.options.paces.take(lane, gapMs)) return true;
    await this.options.messages.later(row, { inMs: lane === HISTORY ? TURN_MS : 0, isUnsent: false });
    return false;
  }

  /** Calls Slack; what fails is noted, with when it may be tried again. */
  async #during({ row }: Sending, lane: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
      await this.options.paces.answered(lane);
    } catch (error) {
      await this.#failed(row, lane, slackFailureOf(error));
    }
  }

  /** What an earlier call may have stored stays open, whatever came of this one. */
  async #failed(row: ClaimedMessage, lane: string, failure: SlackFailure): Promise<void> {
    const { messages, paces, metrics, log } = this.options;
    const isFirst = row.postingAtMs === null;
    if (failure.kind === 'refused') {
      log.warn(placeOf(row, failure), 'Slack refused what it was told of an approval');
      if (GONE.has(failure.code)) return this.#giveUp(row);
      const inMs = Math.min(REFUSED_MS_MAX, REFUSED_MS_MIN * 2 ** Math.min(row.tries, 10));
      await messages.later(row, { inMs, isUnsent: isFirst, isRefused: true });
    } else if (failure.kind === 'limited') {
      await paces.pause(lane, failure.retryAfterMs);
      await messages.later(row, { inMs: 0, isUnsent: isFirst });
    } else {
      log.warn(placeOf(row, failure), 'Slack does not answer; what it has to be told waits');
      await paces.failed(lane);
      if (lane === HISTORY) await paces.failed(row.channel);
      await messages.later(row, { inMs: 0, isUnsent: isFirst && failure.kind === 'unreached' });
    }
    // A pace that Slack asks for is no fault of the channel.
    const why = failure.kind === 'limited' ? undefined : failureWords(failure);
    metrics.sent(CHANNEL_NAME, 'repeated', why);
  }

  async #giveUp(row: ClaimedMessage): Promise<void> {
    const { messages, metrics } = this.options;
    await messages.leave(row);
    const isShown = row.revisionShown !== null && row.revisionShown >= row.revisionWanted;
    if (!isShown) metrics.sent(CHANNEL_NAME, 'given-up', GIVEN_UP);
  }

  #isLate({ sinceUs }: Sending): boolean {
    return this.options.clock.monotonicUs() - sinceUs > BEGIN_MS_MAX * 1_000;
  }
}

function placeOf({ approvalId, channel }: ClaimedMessage, failure: SlackFailure): object {
  return { approval: approvalId, channel, ...failure };
}

/** Of what people see: the revision in it changes more often. */
function hashOf({ text, blocks }: SlackMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([text, blocks]))
    .digest('hex');
}
