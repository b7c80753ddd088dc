import { In } from 'typeorm';
import {
  type SlackAnswer,
  slackInteractionEntity,
  type SlackInteractionRow,
  type SlackInteractionState,
} from '../entities/channels/slack-interaction.js';
import { atState, isDuplicate } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { updateRows } from '../state/update-rows.js';

/** A claim lasts so long; after that another may begin, and the first one can change nothing any more. */
const CLAIM_MS = 5_000;
/** Slack's signature is good for five minutes, so that nothing can come again a day later. */
const KEPT_MS = 24 * 3_600_000;
const FORGOTTEN_AT_ONCE_MAX = 100;
/** What was asked, and where it is answered, is kept no longer than it takes. */
const DONE = { state: 'done', asked: null, place: null } as const;
const OPEN: readonly SlackInteractionState[] = ['accepted', 'settled'];

export type NewSlackInteraction = Pick<SlackInteractionRow, 'id' | 'sameKey' | 'team' | 'user' | 'asked' | 'place'>;

/** The right to work on one: `attempts` of its row when it was claimed. */
export interface SlackClaim {
  readonly id: string;
  readonly attempt: number;
}

/** One that was claimed. */
export interface ClaimedInteraction extends SlackClaim {
  readonly row: SlackInteractionRow;
  /** How long ago it was accepted, on the database's clock. */
  readonly ageMs: number;
}

/** What people did in Slack and the broker has accepted. The conditions of the updates are the locks. */
export class SlackInteractionRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** Accepts one, claimed by the one who does; undefined: the same one was accepted before. */
  async accept(made: NewSlackInteraction): Promise<SlackClaim | undefined> {
    const { asked, place, ...row } = made;
    try {
      await atState(() =>
        this.dataSource
          .createQueryBuilder()
          .insert()
          .into(slackInteractionEntity)
          .values({
            ...row,
            asked: asked === null ? null : { ...asked },
            place: place === null ? null : { ...place },
            state: 'accepted',
            answer: null,
            attempts: 1,
            claimedUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_MS}`,
            acceptedAtMs: () => NOW_MS_SQL,
          })
          .updateEntity(false)
          .execute(),
      );
      return { id: made.id, attempt: 1 };
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
  }

  /** Ids of those that nobody works on and that are due, the oldest first. */
  async due(limit: number): Promise<readonly string[]> {
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(slackInteractionEntity, 'interaction')
        .select(['interaction.id'])
        .where({ state: In([...OPEN]) })
        .andWhere(`interaction.claimed_until <= ${NOW_MS_SQL}`)
        .orderBy('interaction.id', 'ASC')
        .limit(limit)
        .getMany(),
    );
    return rows.map(({ id }) => id);
  }

  /** Begins to work on one that is due; undefined: somebody else does, or it is done. */
  async claim(id: string): Promise<ClaimedInteraction | undefined> {
    const claimed = await updateRows(this.dataSource, slackInteractionEntity, {
      set: { attempts: () => 'attempts + 1', claimedUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_MS}` },
      where: `id = :id AND state IN (:...open) AND claimed_until <= ${NOW_MS_SQL}`,
      parameters: { id, open: [...OPEN] },
    });
    return claimed === 1 ? this.find(id) : undefined;
  }

  /** One as it is now, with the claim that its row has. */
  async find(id: string): Promise<ClaimedInteraction | undefined> {
    const { entities, raw } = await atState(() =>
      this.dataSource
        .createQueryBuilder(slackInteractionEntity, 'interaction')
        .addSelect(`${NOW_MS_SQL} - interaction.accepted_at`, 'ageMs')
        .where('interaction.id = :id', { id })
        .getRawAndEntities<{ ageMs: unknown }>(),
    );
    const [row] = entities;
    return row && { id, attempt: row.attempts, row, ageMs: Number(raw[0]?.ageMs) };
  }

  /**
   * It has had its effect; with an answer that is to be shown, or it is done. False: somebody else has begun, and whatever
   * was done in this transaction must not stand.
   */
  async settle({ id, attempt }: SlackClaim, answer: SlackAnswer | null): Promise<boolean> {
    return this.#change({ id, attempt }, 'accepted', answer === null ? DONE : { state: 'settled', answer });
  }

  /** Its answer was shown, or will not be. */
  async done(claim: SlackClaim): Promise<void> {
    await this.#change(claim, 'settled', DONE);
  }

  /** Somebody may try again after this time. */
  async postpone({ id, attempt }: SlackClaim, waitMs: number): Promise<void> {
    await updateRows(this.dataSource, slackInteractionEntity, {
      set: { claimedUntilMs: () => `${NOW_MS_SQL} + ${Math.round(waitMs)}` },
      where: 'id = :id AND attempts = :attempt',
      parameters: { id, attempt },
    });
  }

  /** Those that were accepted so long ago that they cannot come again. */
  async forgetOld(): Promise<void> {
    await atState(() =>
      this.dataSource.query(
        `DELETE FROM slack_interactions WHERE accepted_at < ${NOW_MS_SQL} - ${KEPT_MS} LIMIT ${FORGOTTEN_AT_ONCE_MAX}`,
      ),
    );
  }

  async #change(
    { id, attempt }: SlackClaim,
    from: SlackInteractionState,
    set: Partial<Pick<SlackInteractionRow, 'state' | 'asked' | 'place' | 'answer'>>,
  ): Promise<boolean> {
    const changed = await updateRows(this.dataSource, slackInteractionEntity, {
      set: { ...set },
      where: 'id = :id AND attempts = :attempt AND state = :from',
      parameters: { id, attempt, from },
    });
    return changed === 1;
  }
}
