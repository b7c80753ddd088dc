import { Injectable } from '@nestjs/common';
import { pageOf } from '../../contracts/page.js';
import type { DeliveryListQuery, DeliveryPage, DeliveryView } from '../../contracts/channels/webhook.js';
import { assert } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import {
  type EventDelivery,
  WebhookDeliveryRepository,
} from '../../persistence/webhooks/webhook-delivery.repository.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { deliveryViewOf } from './webhook-view.js';
import { WebhooksService } from './webhooks.service.js';

/** What became of the events of a webhook. */
@Injectable()
export class WebhookDeliveriesService {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly record: AdminRecord,
  ) {}

  /** @throws BrokerError `webhook_not_found` */
  async list(id: string, { limit, cursor, state }: DeliveryListQuery): Promise<DeliveryPage> {
    await this.webhooks.row(id);
    const rows = await this.deliveries.list({ webhookId: id, state, before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ delivery }) => delivery.id);
    return { items: items.map(deliveryViewOf), next };
  }

  /** @throws BrokerError `webhook_not_found`, `webhook_paused` */
  async test(caller: Caller, id: string): Promise<DeliveryView> {
    const row = await this.webhooks.row(id);
    if (row.state === 'paused') throw new BrokerError('webhook_paused');
    const data = { webhook: row.name, by: caller.name, note: 'Nothing happened: this event was asked for as a test.' };
    const delivery = await this.record.together(async (at) => {
      const made = await at.of(WebhookDeliveryRepository).insertTest(id, data);
      const subject = { kind: 'webhook', name: row.name } as const;
      return { result: made, note: { act: 'webhook.tested', by: caller, subject } };
    });
    return deliveryViewOf(await this.#find(id, delivery));
  }

  /** @throws BrokerError `webhook_not_found`, `webhook_delivery_not_found`, `webhook_delivery_waits`, `webhook_paused` */
  async resend(caller: Caller, id: string, delivery: string): Promise<DeliveryView> {
    const row = await this.webhooks.row(id);
    const { event } = await this.#find(id, delivery);
    if (event === undefined) throw new BrokerError('webhook_delivery_not_found');
    if (row.state === 'paused') throw new BrokerError('webhook_paused');
    await this.record.together(async (at) => {
      if (!(await at.of(WebhookDeliveryRepository).resend(id, delivery))) {
        throw new BrokerError('webhook_delivery_waits');
      }
      const subject = { kind: 'webhook', name: row.name } as const;
      const after = { event: event.id, type: event.type };
      return { result: undefined, note: { act: 'webhook.resent', by: caller, subject, after } };
    });
    return deliveryViewOf(await this.#find(id, delivery));
  }

  async #find(id: string, delivery: string): Promise<EventDelivery> {
    const found = await this.deliveries.find(id, delivery);
    if (found === undefined) throw new BrokerError('webhook_delivery_not_found');
    assert(found.delivery.webhookId === id, 'a delivery is of its webhook');
    return found;
  }
}
