import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { ApprovalId } from '../../kernel/brand.js';
import { METADATA_TYPE, type SlackMessage } from './message/approval-message.js';
import type { SlackReminderText } from './message/reminder.js';

const PAGES_MAX = 5;
const PAGE_MAX = 200;
/** Slack's clock and the database's may differ by so much. */
const CLOCKS_MS_MAX = 300_000;

const posted = z.object({ ts: z.string().min(1).max(30) });
const history = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string().max(30),
        metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** What the broker says in Slack's channels. Every call may fail as `slackFailureOf` says. */
export class SlackWriter {
  constructor(private readonly client: WebClient) {}

  /** @returns the message's id in its channel */
  async post(channel: string, { text, blocks, metadata }: SlackMessage): Promise<string> {
    const answer = await this.client.apiCall('chat.postMessage', {
      channel,
      text,
      blocks,
      metadata,
      unfurl_links: false,
      unfurl_media: false,
    });
    return posted.parse(answer).ts;
  }

  async edit(channel: string, ts: string, { text, blocks, metadata }: SlackMessage): Promise<void> {
    await this.client.apiCall('chat.update', { channel, ts, text, blocks, metadata });
  }

  /** In the message's thread. */
  async remind(channel: string, ts: string, { text, blocks }: SlackReminderText): Promise<void> {
    const sent = { channel, thread_ts: ts, text, blocks, unfurl_links: false, unfurl_media: false };
    await this.client.apiCall('chat.postMessage', sent);
  }

  /** The message of an approval that was posted since then; undefined: there is none. */
  async find(channel: string, approval: ApprovalId, sinceMs: number): Promise<string | undefined> {
    const oldest = String(Math.max(0, Math.floor((sinceMs - CLOCKS_MS_MAX) / 1_000)));
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.client.apiCall('conversations.history', {
        channel,
        oldest,
        limit: PAGE_MAX,
        include_all_metadata: true,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const { messages, response_metadata } = history.parse(answer);
      const found = messages.find(
        ({ metadata }) => metadata?.event_type === METADATA_TYPE && metadata.event_payload['approval'] === approval,
      );
      if (found !== undefined) return found.ts;
      cursor = response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') return undefined;
    }
    return undefined;
  }
}
