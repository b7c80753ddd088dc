import { newId } from '../../domain/ids.js';
import type { DeliveryState } from '../../domain/event.js';
import { eventEntity, type EventRow } from '../entities/channels/event.js';
import { webhookDeliveryEntity, type WebhookDeliveryRow } from '../entities/channels/webhook.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { updateRows } from '../state/update-rows.js';
import { newDelivery } from './new-delivery.js';

export interface DeliveryFilter {
  readonly webhookId: string;
  readonly state?: DeliveryState | undefined;
  /** Only ids before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A delivery with what it delivers. */
export interface EventDelivery {
  readonly delivery: WebhookDeliveryRow;
  /** Undefined: it is too old and gone. */
  readonly event: EventRow | undefined;
}

/** Deliveries as people look at them. */
export class WebhookDeliveryRepository {
  constructor(private readonly at: StateAccess) {}

  /** The newest first. */
  async list({ webhookId, state, before, limit }: DeliveryFilter): Promise<readonly EventDelivery[]> {
    const rows = await atState(() => {
      const query = this.at
        .createQueryBuilder(webhookDeliveryEntity, 'delivery')
        .where('delivery.webhook_id = :webhookId', { webhookId });
      if (state !== undefined) query.andWhere('delivery.state = :state', { state });
      if (before !== undefined) query.andWhere('delivery.id < :before', { before });
      return query.orderBy('delivery.id', 'DESC').limit(limit).getMany();
    });
    const events = await eventsOf(
      this.at,
      rows.map(({ eventId }) => eventId),
    );
    return rows.map((delivery) => ({ delivery, event: events.get(delivery.eventId) }));
  }

  async find(webhookId: string, id: string): Promise<EventDelivery | undefined> {
    const delivery = await atState(() => this.at.getRepository(webhookDeliveryEntity).findOneBy({ id, webhookId }));
    if (delivery === null) return undefined;
    return { delivery, event: (await eventsOf(this.at, [delivery.eventId])).get(delivery.eventId) };
  }

  /** How many wait, of each webhook that has some. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    const rows: readonly { readonly id: string; readonly count: unknown }[] = await atState(() =>
      this.at.query(
        "SELECT webhook_id AS id, COUNT(*) AS count FROM webhook_deliveries WHERE state = 'waiting' GROUP BY webhook_id",
      ),
    );
    return new Map(rows.map(({ id, count }) => [id, Number(count)]));
  }

  /** Has it sent again at once, with all its attempts before it; false while it waits already. */
  async resend(webhookId: string, id: string): Promise<boolean> {
    const sent = await updateRows(this.at, webhookDeliveryEntity, {
      set: { state: 'waiting', attempts: 0, nextAtMs: () => NOW_MS_SQL, claim: null, claimUntilMs: null },
      where: "id = :id AND webhook_id = :webhookId AND state <> 'waiting'",
      parameters: { id, webhookId },
    });
    return sent === 1;
  }

  /** An event for one webhook alone, which is asked for. In a transaction. @returns the delivery's id */
  async insertTest(webhookId: string, data: object): Promise<string> {
    const eventId = newId();
    const delivery = newDelivery(webhookId, eventId);
    const now = (): string => NOW_MS_SQL;
    await atState(async () => {
      await this.at
        .createQueryBuilder()
        .insert()
        .into(eventEntity)
        .values({ id: eventId, type: 'webhook.test', atMs: now, data, routedAtMs: now })
        .updateEntity(false)
        .execute();
      await this.at
        .createQueryBuilder()
        .insert()
        .into(webhookDeliveryEntity)
        .values(delivery)
        .updateEntity(false)
        .execute();
    });
    return delivery.id;
  }
}

/** Events by their ids. */
export async function eventsOf(at: StateAccess, ids: readonly string[]): Promise<ReadonlyMap<string, EventRow>> {
  if (ids.length === 0) return new Map();
  const rows = await atState(() =>
    at.createQueryBuilder(eventEntity, 'event').where('event.id IN (:...ids)', { ids }).getMany(),
  );
  return new Map(rows.map((row) => [row.id, row]));
}
