import type { DataSource } from 'typeorm';
import type { ApprovalId } from '../../kernel/brand.js';
import { atState } from '../state/at-state.js';
import { slackMessageEntity, type SlackMessageRow } from '../entities/channels/slack-message.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** How long a worker that dies while it has a message keeps the others from it. */
export const CLAIM_MS_MAX = 60_000;
/** Edits of all channels go by this name; what is posted goes by the id of its channel. */
export const EDITS = 'chat.update';
const LANES_MAX = 200;

/** What Slack's channels are to show of an approval. */
export interface SlackOrder {
  readonly approvalId: ApprovalId;
  readonly channels: readonly string[];
  readonly revision: number;
  /** Whether people are to be reminded of it. */
  readonly remind: boolean;
  /** On the database's clock. */
  readonly giveUpAtMs: number;
}

/** Messages that are due and may only be sent one after the other. */
export interface SlackLane {
  /** What posts go by is the id of their channel; what edits go by is {@link EDITS}. */
  readonly name: string;
  /** Milliseconds until the next one may be sent; 0: now. */
  readonly freeInMs: number;
}

/** A message that a worker has for itself. Only while it has it, what it notes is taken. */
export interface ClaimedMessage extends SlackMessageRow {
  readonly claimedUntilMs: number;
  /** On the database's clock. */
  readonly isOver: boolean;
}

/** What a message shows now. */
export interface ShownMessage {
  readonly ts: string;
  readonly revision: number;
  /** Of what it shows, in hex. Null: it has to be shown again. */
  readonly hash: string | null;
  /** Milliseconds until it must be looked at again though nobody says so; null: there is no need. */
  readonly nextInMs: number | null;
}

/** A message that is not shown yet as it should be. */
export interface LaterMessage {
  readonly inMs: number;
  /** Slack has surely stored nothing. */
  readonly isUnsent: boolean;
  /** Slack took it for a mistake, which people may mend. */
  readonly isRefused?: boolean;
}

const LANE_SQL = `CASE WHEN ts IS NULL OR reminder = 'wanted' THEN channel ELSE '${EDITS}' END`;
const IS_DUE = `due_at <= ${NOW_MS_SQL} AND (claimed_until IS NULL OR claimed_until <= ${NOW_MS_SQL})`;
const IS_OWN = 'approval_id = :approvalId AND channel = :channel AND claimed_until = :claimedUntilMs';

/** What Slack is to show of approvals, and what it shows: the state database has the truth. */
export class SlackMessageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Notes what is to be shown; told twice it does no harm. */
  async want({ approvalId, channels, revision, remind, giveUpAtMs }: SlackOrder): Promise<void> {
    const reminder = remind ? 'wanted' : 'none';
    for (const channel of channels) {
      await againIfItGaveWay(() =>
        this.dataSource.query(
          `INSERT INTO slack_messages
             (approval_id, channel, revision_wanted, reminder, due_at, tries, give_up_at)
           VALUES (?, ?, ?, ?, ${NOW_MS_SQL}, 0, ?)
           ON DUPLICATE KEY UPDATE
             reminder = IF(reminder = 'none', ?, reminder),
             revision_wanted = GREATEST(revision_wanted, ?),
             due_at = LEAST(IFNULL(due_at, ${NOW_MS_SQL}), ${NOW_MS_SQL})`,
          [approvalId, channel, revision, reminder, giveUpAtMs, reminder, revision],
        ),
      );
    }
  }

  /** What is due, by what it has to wait for; the one that is free first comes first. */
  async dueLanes(): Promise<readonly SlackLane[]> {
    const rows: readonly { readonly name: string; readonly free_in: unknown }[] = await atState(() =>
      this.dataSource.query(
        `SELECT due.name, GREATEST(0, IFNULL(pace.free_at, 0) - ${NOW_MS_SQL}) AS free_in
         FROM (SELECT DISTINCT ${LANE_SQL} AS name FROM slack_messages WHERE ${IS_DUE}) due
         LEFT JOIN slack_paces pace ON pace.name = due.name
         ORDER BY free_in, due.name LIMIT ${LANES_MAX}`,
      ),
    );
    return rows.map(({ name, free_in }) => ({ name, freeInMs: Number(free_in) }));
  }

  /** How many have something to show that they do not show yet. */
  async waiting(): Promise<number> {
    const [row]: readonly { readonly waiting: unknown }[] = await atState(() =>
      this.dataSource.query(
        `SELECT COUNT(*) AS waiting FROM slack_messages
         WHERE due_at IS NOT NULL AND (revision_shown IS NULL OR revision_shown < revision_wanted)`,
      ),
    );
    return Number(row?.waiting);
  }

  /** Takes the message of a lane that is due for the longest time; undefined when nothing is, or another worker was faster. */
  async claim(lane: string): Promise<ClaimedMessage | undefined> {
    const [next]: readonly { readonly approval_id: ApprovalId; readonly channel: string }[] = await atState(() =>
      this.dataSource.query(
        `SELECT approval_id, channel FROM slack_messages WHERE ${IS_DUE} AND ${LANE_SQL} = ?
         ORDER BY due_at, approval_id, channel LIMIT 1`,
        [lane],
      ),
    );
    if (next === undefined) return undefined;
    const place = { approvalId: next.approval_id, channel: next.channel };
    const taken = await updateRows(this.dataSource, slackMessageEntity, {
      set: { claimedUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_MS_MAX}` },
      where: `approval_id = :approvalId AND channel = :channel AND ${IS_DUE}`,
      parameters: place,
    });
    if (taken !== 1) return undefined;
    const row = await atState(() => this.dataSource.getRepository(slackMessageEntity).findOneBy(place));
    const { claimedUntilMs = null, giveUpAtMs = 0 } = row ?? {};
    if (row === null || claimedUntilMs === null) return undefined;
    return { ...row, claimedUntilMs, isOver: giveUpAtMs <= claimedUntilMs - CLAIM_MS_MAX };
  }

  /** Before it is posted: anyone who takes it later looks for it first. @returns whether it is still its worker's */
  async posting(message: ClaimedMessage): Promise<boolean> {
    return this.#note(message, { postingAtMs: () => `IFNULL(posting_at, ${NOW_MS_SQL})` });
  }

  /** Before the reminder goes out: it goes out once at most. @returns whether it is still its worker's */
  async reminding(message: ClaimedMessage): Promise<boolean> {
    return this.#note(message, { reminder: 'sent' });
  }

  /** It shows this now; what was wanted meanwhile is due at once. */
  async shows(message: ClaimedMessage, { ts, revision, hash, nextInMs }: ShownMessage): Promise<void> {
    const next = nextInMs === null ? 'NULL' : `${NOW_MS_SQL} + ${Math.round(nextInMs)}`;
    // People who have just been told of it need no reminder.
    const reminder = message.ts === null ? "IF(reminder = 'wanted', 'sent', reminder)" : 'reminder';
    await this.#note(message, {
      ts,
      shownHash: hash,
      postingAtMs: null,
      tries: 0,
      revisionShown: revision,
      claimedUntilMs: null,
      reminder: () => reminder,
      dueAtMs: () => `IF(revision_wanted > ${Math.trunc(revision)} OR reminder = 'wanted', ${NOW_MS_SQL}, ${next})`,
    });
  }

  /** Gives it back, to be taken again after so long. */
  async later(message: ClaimedMessage, { inMs, isUnsent, isRefused = false }: LaterMessage): Promise<void> {
    await this.#note(message, {
      claimedUntilMs: null,
      dueAtMs: () => `${NOW_MS_SQL} + ${Math.round(inMs)}`,
      ...(isUnsent ? { postingAtMs: null } : {}),
      ...(isUnsent && message.reminder === 'wanted' ? { reminder: 'wanted' } : {}),
      ...(isRefused ? { tries: () => 'tries + 1' } : {}),
    });
  }

  /** Nobody looks at it again, unless there is something new. */
  async leave(message: ClaimedMessage): Promise<void> {
    await this.#note(message, { claimedUntilMs: null, dueAtMs: null });
  }

  async #note(
    { approvalId, channel, claimedUntilMs }: ClaimedMessage,
    set: Parameters<typeof updateRows<SlackMessageRow>>[2]['set'],
  ): Promise<boolean> {
    const parameters = { approvalId, channel, claimedUntilMs };
    const noted = await againIfItGaveWay(() =>
      updateRows(this.dataSource, slackMessageEntity, { set, where: IS_OWN, parameters }),
    );
    return noted === 1;
  }
}
