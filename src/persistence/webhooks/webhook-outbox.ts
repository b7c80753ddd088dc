import type { DataSource } from 'typeorm';
import type { PauseReason } from '../../domain/event.js';
import { lowestIdAt, newId } from '../../domain/ids.js';
import { eventEntity, type EventRow } from '../entities/channels/event.js';
import {
  webhookDeliveryEntity,
  type WebhookDeliveryRow,
  webhookEntity,
  type WebhookRow,
} from '../entities/channels/webhook.js';
import { AdminRecordRepository } from '../record/admin-record.repository.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';
import { newDelivery } from './new-delivery.js';
import { PausedWebhookRepository } from './paused-webhooks.js';
import { eventsOf } from './webhook-delivery.repository.js';

/** Events that are routed at a time, and rows that are forgotten at a time. */
const ROUTED_MAX = 200;
const FORGOTTEN_MAX = 1_000;
const FORGOTTEN_TURNS = 20;
/** What may wait for one webhook; further events it is not sent. */
export const WAITING_MAX = 10_000;
/** Longer than a whole turn of sending can take. */
const CLAIM_MS = 60_000;

/** What one turn of sending has to itself. */
export interface ClaimedDelivery {
  readonly delivery: WebhookDeliveryRow;
  readonly event: EventRow;
}

/** How an attempt ended. */
export interface DeliveryOutcome {
  /** Null: it is delivered. */
  readonly fault: string | null;
  readonly status: number | null;
  readonly tookMs: number;
  /** When it is tried again, from now on; null: never. */
  readonly againInMs: number | null;
}

/**
 * Webhooks as the worker sees them. Everything is safe to do by any number of workers: who sends a delivery has claimed it by a
 * conditional update, and what somebody claimed who died is due again a minute later.
 */
export class WebhookOutbox {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Makes the deliveries of events that have none yet, for webhooks that were there when it happened. Done twice, it is
   * done once. @returns how many events it routed
   */
  async route(): Promise<number> {
    const events = await atState(() =>
      this.dataSource
        .createQueryBuilder(eventEntity, 'event')
        .where('event.routed_at IS NULL')
        .orderBy('event.id', 'ASC')
        .limit(ROUTED_MAX)
        .getMany(),
    );
    if (events.length === 0) return 0;
    const webhooks = await this.webhooks();
    for (const webhook of webhooks) await this.#routeTo(webhook, events);
    await updateRows(this.dataSource, eventEntity, {
      set: { routedAtMs: () => NOW_MS_SQL },
      where: 'id IN (:...ids) AND routed_at IS NULL',
      parameters: { ids: events.map(({ id }) => id) },
    });
    return events.length;
  }

  async webhooks(): Promise<readonly WebhookRow[]> {
    return atState(() => this.dataSource.getRepository(webhookEntity).find());
  }

  /** As it is now; without the secret before, once that signs no more. */
  async webhook(id: string): Promise<WebhookRow | undefined> {
    const { entities, raw } = await atState(() =>
      this.dataSource
        .createQueryBuilder(webhookEntity, 'webhook')
        .addSelect(NOW_MS_SQL, 'nowMs')
        .where('webhook.id = :id', { id })
        .getRawAndEntities<{ nowMs: unknown }>(),
    );
    const [row] = entities;
    if (row === undefined) return undefined;
    const isPreviousKept = row.previousUntilMs !== null && row.previousUntilMs > Number(raw[0]?.nowMs);
    return isPreviousKept ? row : { ...row, previousSecret: null };
  }

  /** Webhooks that something is due for. */
  async due(): Promise<readonly string[]> {
    const rows: readonly { readonly id: string }[] = await atState(() =>
      this.dataSource.query(
        `SELECT DISTINCT delivery.webhook_id AS id FROM webhook_deliveries AS delivery
         JOIN webhooks ON webhooks.id = delivery.webhook_id AND webhooks.state = 'enabled'
         WHERE delivery.state = 'waiting' AND delivery.next_at <= ${NOW_MS_SQL}
           AND (delivery.claim_until IS NULL OR delivery.claim_until <= ${NOW_MS_SQL})`,
      ),
    );
    return rows.map(({ id }) => id);
  }

  async waiting(): Promise<number> {
    return atState(() => this.dataSource.getRepository(webhookDeliveryEntity).countBy({ state: 'waiting' }));
  }

  /** Takes what is due for a webhook; the attempt counts from here, whatever becomes of it. */
  async claim(webhookId: string, max: number): Promise<readonly ClaimedDelivery[]> {
    // By ids, because a range of an index would be locked against deliveries that others make.
    const due = await atState(() =>
      this.dataSource
        .createQueryBuilder(webhookDeliveryEntity, 'delivery')
        .select('delivery.id')
        .where("delivery.state = 'waiting' AND delivery.webhook_id = :webhookId", { webhookId })
        .andWhere(`delivery.next_at <= ${NOW_MS_SQL}`)
        .andWhere(`(delivery.claim_until IS NULL OR delivery.claim_until <= ${NOW_MS_SQL})`)
        .orderBy('delivery.next_at', 'ASC')
        .addOrderBy('delivery.id', 'ASC')
        .limit(max)
        .getMany(),
    );
    if (due.length === 0) return [];
    const claim = newId();
    await againIfItGaveWay(() =>
      updateRows(this.dataSource, webhookDeliveryEntity, {
        set: { claim, claimUntilMs: () => `${NOW_MS_SQL} + ${CLAIM_MS}`, attempts: () => 'attempts + 1' },
        where: `id IN (:...ids) AND state = 'waiting' AND next_at <= ${NOW_MS_SQL}
          AND (claim_until IS NULL OR claim_until <= ${NOW_MS_SQL})`,
        parameters: { ids: due.map(({ id }) => id) },
      }),
    );
    const claimed = await atState(() =>
      this.dataSource.getRepository(webhookDeliveryEntity).find({ where: { claim } }),
    );
    const events = await eventsOf(
      this.dataSource,
      claimed.map(({ eventId }) => eventId),
    );
    return claimed.flatMap((delivery) => {
      const event = events.get(delivery.eventId);
      return event === undefined ? [] : [{ delivery, event }];
    });
  }

  /** Gives back what was claimed and not sent: it is due as before, and the attempt does not count. */
  async release({ id, claim }: WebhookDeliveryRow): Promise<void> {
    await updateRows(this.dataSource, webhookDeliveryEntity, {
      set: { claim: null, claimUntilMs: null, attempts: () => 'attempts - 1' },
      where: 'id = :id AND claim = :claim',
      parameters: { id, claim },
    });
  }

  /** Notes how an attempt ended, unless somebody else has claimed the delivery since. */
  async note({ id, claim, webhookId }: WebhookDeliveryRow, outcome: DeliveryOutcome): Promise<void> {
    const { fault, status, tookMs, againInMs } = outcome;
    const isOver = fault === null || againInMs === null;
    await updateRows(this.dataSource, webhookDeliveryEntity, {
      set: {
        state: fault === null ? 'delivered' : againInMs === null ? 'failed' : 'waiting',
        nextAtMs: isOver ? null : () => `${NOW_MS_SQL} + ${Math.round(againInMs ?? 0)}`,
        claim: null,
        claimUntilMs: null,
        lastStatus: status,
        lastFault: fault,
        lastAtMs: () => NOW_MS_SQL,
        tookMs,
      },
      where: 'id = :id AND claim = :claim',
      parameters: { id, claim },
    });
    const failure = {
      failingSinceMs: () => `COALESCE(failing_since, ${NOW_MS_SQL})`,
      lastFailureAtMs: () => NOW_MS_SQL,
      lastFault: fault,
      lastStatus: status,
    };
    await updateRows(this.dataSource, webhookEntity, {
      set: fault === null ? { failingSinceMs: null, lastSuccessAtMs: () => NOW_MS_SQL } : failure,
      where: 'id = :webhookId',
      parameters: { webhookId },
    });
  }

  /**
   * Pauses a webhook that has failed for so long, or is gone, and writes the act; nothing when it is paused, or was
   * answered well meanwhile. @returns whether that was now
   */
  async pause(
    { id, name }: Pick<WebhookRow, 'id' | 'name'>,
    reason: Exclude<PauseReason, 'operator'>,
    failingForMs: number,
  ): Promise<boolean> {
    return new AdminRecordRepository(this.dataSource).together(async (at) => {
      const paused = await at.of(PausedWebhookRepository).pause(id, reason, failingForMs);
      const entry = {
        act: 'webhook.paused',
        who: { principal: null, name: null, person: null, sponsor: null, signIn: null },
        from: null,
        request: null,
        subject: { kind: 'webhook', name },
        before: { state: 'enabled' },
        after: { state: 'paused', reason },
        why: null,
        outcome: 'done',
        code: null,
        count: 1,
      } as const;
      return { result: paused, entry: paused ? entry : null };
    });
  }

  /** Forgets events that are older than so long, with their deliveries; some at a time. */
  async forget(olderThanMs: number): Promise<void> {
    const [row]: readonly { readonly now: unknown }[] = await atState(() =>
      this.dataSource.query(`SELECT ${NOW_MS_SQL} AS now`),
    );
    const before = lowestIdAt(Number(row?.now) - olderThanMs);
    await this.#deleteSome('DELETE FROM webhook_deliveries WHERE event_id < ? ORDER BY event_id', before);
    await this.#deleteSome(
      `DELETE FROM events WHERE id < ?
         AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE webhook_deliveries.event_id = events.id)
       ORDER BY id`,
      before,
    );
  }

  async #deleteSome(statement: string, before: string): Promise<void> {
    for (let turn = 0; turn < FORGOTTEN_TURNS; turn++) {
      const deleted: unknown = await againIfItGaveWay(() =>
        this.dataSource.query(`${statement} LIMIT ${FORGOTTEN_MAX}`, [before]),
      );
      if (Object(deleted).affectedRows < FORGOTTEN_MAX) return;
    }
  }

  async #routeTo({ id, types, createdAtMs }: WebhookRow, events: readonly EventRow[]): Promise<void> {
    const wanted = events.filter(
      ({ type, atMs }) => atMs >= createdAtMs && (types.length === 0 || types.includes(type)),
    );
    if (wanted.length === 0) return;
    const waiting = await atState(() =>
      this.dataSource.getRepository(webhookDeliveryEntity).countBy({ state: 'waiting', webhookId: id }),
    );
    const kept = wanted.slice(0, Math.max(0, WAITING_MAX - waiting));
    await this.#insert(id, kept);
    const dropped = wanted.length - kept.length;
    if (dropped === 0) return;
    await updateRows(this.dataSource, webhookEntity, {
      set: { dropped: () => `dropped + ${dropped}` },
      where: 'id = :id',
      parameters: { id },
    });
  }

  async #insert(webhookId: string, events: readonly EventRow[]): Promise<void> {
    if (events.length === 0) return;
    await againIfItGaveWay(() =>
      this.dataSource
        .createQueryBuilder()
        .insert()
        .into(webhookDeliveryEntity)
        .values(events.map(({ id }) => newDelivery(webhookId, id)))
        .orIgnore()
        .updateEntity(false)
        .execute(),
    );
  }
}
