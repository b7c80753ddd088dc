import { EntitySchema } from 'typeorm';
import type { SlackAsked, SlackPlace } from '../../../domain/slack-asked.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';

/** `accepted`: Slack was told that the broker has it; `settled`: it has had its effect, and its answer is to be shown. */
export const SLACK_INTERACTION_STATES = ['accepted', 'settled', 'done'] as const;
export type SlackInteractionState = (typeof SLACK_INTERACTION_STATES)[number];

/** What its maker is told: how a link ended well, or why nothing has changed. */
export interface SlackAnswer {
  /** A code of the error table, or `linked`. */
  readonly code: string;
  /** The name of the principal, of a link. */
  readonly principal?: string;
}

/** A click, a form or a command of Slack that the broker has accepted, so that it is acted on once whatever dies meanwhile. */
export interface SlackInteractionRow {
  readonly id: string;
  /** SHA-256 in hex of what makes it the same one when it comes again. */
  readonly sameKey: string;
  readonly team: string;
  readonly user: string;
  /** Null once it is done. */
  readonly asked: SlackAsked | null;
  /** Null once it is done. */
  readonly place: SlackPlace | null;
  readonly state: SlackInteractionState;
  readonly answer: SlackAnswer | null;
  /** Counts those who began to work on it: only the last one may change it. */
  readonly attempts: number;
  readonly claimedUntilMs: number;
  readonly acceptedAtMs: number;
}

/** TypeORM's description of the table `slack_interactions`. */
export const slackInteractionEntity = new EntitySchema<SlackInteractionRow>({
  name: 'SlackInteraction',
  tableName: 'slack_interactions',
  columns: {
    id: { ...ulidColumn, primary: true },
    sameKey: { type: 'char', length: 64, name: 'same_key' },
    team: { ...word(30), name: 'team_id' },
    user: { ...word(30), name: 'user_id' },
    asked: { ...jsonColumn, nullable: true },
    place: { ...jsonColumn, nullable: true },
    state: word(10),
    answer: { ...jsonColumn, nullable: true },
    attempts: { type: 'int' },
    claimedUntilMs: { ...msColumn, name: 'claimed_until' },
    acceptedAtMs: { ...msColumn, name: 'accepted_at' },
  },
  indices: [
    { name: 'slack_interactions_same', columns: ['sameKey'], unique: true },
    { name: 'slack_interactions_due', columns: ['state', 'claimedUntilMs'] },
    { name: 'slack_interactions_accepted', columns: ['acceptedAtMs'] },
  ],
});
