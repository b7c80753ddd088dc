import { EntitySchema } from 'typeorm';
import type { ApprovalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** `none`: nobody is to be reminded; `wanted`: somebody is, and was not; `sent`: it went out, or may have. */
export type SlackReminder = 'none' | 'wanted' | 'sent';

/** An approval in a channel of Slack, as it is stored. Times are the state database's own clock. */
export interface SlackMessageRow {
  readonly approvalId: ApprovalId;
  /** The channel's id. */
  readonly channel: string;
  /** The message's id in its channel, as Slack gave it: `1767225600.000100`; null: it is not posted, as far as is known. */
  readonly ts: string | null;
  /** The revision of the approval that the message shows. */
  readonly revisionShown: number | null;
  /** The last revision that somebody was to be told of. */
  readonly revisionWanted: number;
  /** The SHA-256 of what the message shows, in hex: what looks the same is not sent again. */
  readonly shownHash: string | null;
  readonly reminder: SlackReminder;
  /** Since when it may have been posted without an answer that said so. */
  readonly postingAtMs: number | null;
  /** When it must be looked at next; null: there is nothing to do. */
  readonly dueAtMs: number | null;
  /** Until then a worker has it. */
  readonly claimedUntilMs: number | null;
  /** Refusals in a row. */
  readonly tries: number;
  /** Nobody tries any longer. */
  readonly giveUpAtMs: number;
}

/** TypeORM's description of the table `slack_messages`. */
export const slackMessageEntity = new EntitySchema<SlackMessageRow>({
  name: 'SlackMessage',
  tableName: 'slack_messages',
  columns: {
    approvalId: { ...ulidColumn, name: 'approval_id', primary: true },
    channel: { ...word(30), primary: true },
    ts: { ...word(30), nullable: true },
    revisionShown: { name: 'revision_shown', type: 'int', nullable: true },
    revisionWanted: { name: 'revision_wanted', type: 'int' },
    shownHash: { name: 'shown_hash', type: 'char', length: 64, nullable: true },
    reminder: word(10),
    postingAtMs: { ...msColumn, name: 'posting_at', nullable: true },
    dueAtMs: { ...msColumn, name: 'due_at', nullable: true },
    claimedUntilMs: { ...msColumn, name: 'claimed_until', nullable: true },
    tries: { type: 'int' },
    giveUpAtMs: { ...msColumn, name: 'give_up_at' },
  },
  indices: [{ name: 'slack_messages_due', columns: ['dueAtMs'] }],
});

/** When Slack may be called next for one thing, by any worker. */
export interface SlackPaceRow {
  /** The id of a channel, for what is posted there; or the name of a method. */
  readonly name: string;
  readonly freeAtMs: number;
  /** Calls in a row that Slack did not answer. */
  readonly failures: number;
}

/** TypeORM's description of the table `slack_paces`. */
export const slackPaceEntity = new EntitySchema<SlackPaceRow>({
  name: 'SlackPace',
  tableName: 'slack_paces',
  columns: {
    name: { ...word(40), primary: true },
    freeAtMs: { ...msColumn, name: 'free_at' },
    failures: { type: 'int' },
  },
});
