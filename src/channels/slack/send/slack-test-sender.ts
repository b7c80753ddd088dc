import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackPaceRepository } from '../../../persistence/slack/slack-pace.repository.js';
import { ChannelFailure, type ChannelTest } from '../../channel.js';
import { headerBlock, linkBlock, textBlock } from '../message/blocks.js';
import { failureWords, slackFailureOf } from '../slack-api.js';
import type { SlackWriter } from '../slack-writer.js';
import { POST_GAP_MS } from './slack-sender.js';

const TURNS_MAX = 10;
const TITLE = 'A test of this channel';

export interface SlackTestSenderOptions {
  readonly writer: Pick<SlackWriter, 'post'>;
  readonly paces: Pick<SlackPaceRepository, 'take' | 'pause'>;
  /** Null: none is set for all. */
  readonly channel: string | null;
  readonly publicUrl: string;
}

/** Posts a message that shows that the channel works. It asks nothing of anybody. */
export class SlackTestSender {
  constructor(private readonly options: SlackTestSenderOptions) {}

  /** @throws ChannelFailure */
  async send({ id }: ChannelTest, signal: AbortSignal): Promise<void> {
    const { writer, paces, channel, publicUrl } = this.options;
    if (channel === null) throw new ChannelFailure('SLACK_CHANNEL is not set: there is no channel for a test.');
    await this.#turn(channel, signal);
    const blocks = [
      headerBlock(TITLE),
      textBlock('An operator of Doorwarden has asked for it. Nobody needs to do anything.'),
      linkBlock('Open Doorwarden', `${publicUrl}/`),
    ];
    const metadata = { event_type: 'doorwarden_test', event_payload: { test: id } };
    try {
      await writer.post(channel, { text: TITLE, blocks, metadata });
    } catch (error) {
      const failure = slackFailureOf(error);
      if (failure.kind === 'limited') await paces.pause(channel, failure.retryAfterMs);
      throw new ChannelFailure(failureWords(failure), { cause: error });
    }
  }

  /** Among what is posted there besides. */
  async #turn(channel: string, signal: AbortSignal): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      if (await this.options.paces.take(channel, POST_GAP_MS)) return;
      await sleep(POST_GAP_MS / 2, undefined, { signal });
    }
    throw new ChannelFailure('Other messages wait for this channel, or Slack does not answer: try again later.');
  }
}
