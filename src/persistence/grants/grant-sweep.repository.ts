import type { DataSource } from 'typeorm';
import { newId } from '../../domain/ids.js';
import type { GrantId } from '../../kernel/brand.js';
import { atState } from '../state/at-state.js';
import { gatewayEntity } from '../entities/processes/gateway.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { closeGrant, moveGrant } from './grant-move.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';

/** How many grants are found at once. */
const FOUND_MAX = 200;
/** How long a claim holds when its worker dies. */
export const CLAIM_SECONDS = 30;

const UNFINISHED = "grant.state IN ('requested', 'active', 'closing') AND grant.ended_at IS NULL";
const UNCLAIMED = `(grant.reaper_until IS NULL OR grant.reaper_until < ${NOW_MS_SQL})`;

export interface Unfinished {
  readonly id: GrantId;
  readonly gatewayId: GrantRow['gatewayId'];
}

/**
 * Grants as the worker sees them: what is overdue, what a dead gateway left, what waits for its seal. What finds some
 * finds the oldest `after` an id; nothing comes after the last.
 */
export class GrantSweepRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Requests that no gateway has taken until their deadline. */
  async untakenPastDeadline(after: GrantId | undefined): Promise<readonly Unfinished[]> {
    return this.#find(
      after,
      `grant.state = 'requested' AND grant.gateway_id IS NULL AND grant.deadline_at < ${NOW_MS_SQL}`,
    );
  }

  /** Grants that are open though their deadline passed longer ago than the grace. */
  async openPastDeadline(graceMs: number, after: GrantId | undefined): Promise<readonly Unfinished[]> {
    return this.#find(
      after,
      `grant.state IN ('requested', 'active') AND grant.gateway_id IS NOT NULL AND grant.deadline_at < ${NOW_MS_SQL} - :graceMs`,
      { graceMs },
    );
  }

  /** Grants whose gateway was given up before it ended them. */
  async orphans(after: GrantId | undefined): Promise<readonly Unfinished[]> {
    return this.#find(
      after,
      `${UNFINISHED} AND ${UNCLAIMED} AND grant.gateway_id IS NOT NULL AND (gateway.id IS NULL OR gateway.lease_until = 0)`,
    );
  }

  /** Grants that ended longer ago than the age and are not sealed. */
  async endedUnsealed(ageMs: number, after: GrantId | undefined): Promise<readonly Unfinished[]> {
    return this.#find(after, `grant.state = 'closing' AND grant.ended_at < ${NOW_MS_SQL} - :ageMs AND ${UNCLAIMED}`, {
      ageMs,
    });
  }

  /** Grants whose recordings go on, or wait for their seal. */
  async recording(after: GrantId | undefined): Promise<readonly Unfinished[]> {
    return this.#find(after, "grant.state IN ('active', 'closing')");
  }

  /** Takes a grant's unfinished work for one worker. @returns the claim, or undefined when another has it */
  async claim(id: GrantId): Promise<string | undefined> {
    const claim = newId();
    const claimed = await updateRows(this.dataSource, grantEntity, {
      set: { reaperId: claim, reaperUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_SECONDS * 1000}` },
      where: `id = :id AND state IN ('requested', 'active', 'closing') AND (reaper_until IS NULL OR reaper_until < ${NOW_MS_SQL})`,
      parameters: { id },
    });
    return claimed === 1 ? claim : undefined;
  }

  async renewClaim(id: GrantId, claim: string): Promise<void> {
    await updateRows(this.dataSource, grantEntity, {
      set: { reaperUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_SECONDS * 1000}` },
      where: 'id = :id AND reaper_id = :claim',
      parameters: { id, claim },
    });
  }

  async releaseClaim(id: GrantId, claim: string): Promise<void> {
    await updateRows(this.dataSource, grantEntity, {
      set: { reaperId: null, reaperUntilMs: null },
      where: 'id = :id AND reaper_id = :claim',
      parameters: { id, claim },
    });
  }

  /** For a fault; see {@link closeGrant}. */
  async fail(id: GrantId, nowMs: number): Promise<boolean> {
    return closeGrant(this.dataSource, { id, reason: 'failed', by: null, nowMs });
  }

  /** For a deadline that has passed by the state database's own clock. */
  async expire(id: GrantId, nowMs: number): Promise<boolean> {
    return closeGrant(this.dataSource, { id, reason: 'expired', by: null, nowMs, and: `deadline_at <= ${NOW_MS_SQL}` });
  }

  async markEnded(id: GrantId, nowMs: number): Promise<void> {
    await updateRows(this.dataSource, grantEntity, {
      set: { endedAtMs: nowMs },
      where: "id = :id AND state = 'closing' AND ended_at IS NULL",
      parameters: { id },
    });
  }

  /** closing → sealed; false when another worker was first. */
  async markSealed(id: GrantId, nowMs: number): Promise<boolean> {
    return moveGrant(this.dataSource, { id, to: 'sealed', set: { sealedAtMs: nowMs }, and: 'ended_at IS NOT NULL' });
  }

  async #find(
    after: GrantId | undefined,
    where: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly Unfinished[]> {
    return atState(() =>
      this.dataSource
        .getRepository(grantEntity)
        .createQueryBuilder('grant')
        .leftJoin(gatewayEntity.options.name, 'gateway', 'gateway.id = grant.gateway_id')
        .select(['grant.id', 'grant.gatewayId'])
        .where(`grant.id > :after AND ${where}`, { after: after ?? '', ...parameters })
        .orderBy('grant.id', 'ASC')
        .limit(FOUND_MAX)
        .getMany(),
    );
  }
}
