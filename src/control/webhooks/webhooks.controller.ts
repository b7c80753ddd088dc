import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type DeliveryListQuery,
  deliveryListQuery,
  type DeliveryPage,
  deliveryPage,
  type DeliveryParams,
  deliveryParams,
  type DeliveryView,
  deliveryView,
  type NewWebhookView,
  newWebhookView,
  type SecretRotationRequest,
  secretRotationRequest,
  type WebhookChangeRequest,
  webhookChangeRequest,
  type WebhookList,
  webhookList,
  type WebhookParams,
  webhookParams,
  type WebhookReasonQuery,
  webhookReasonQuery,
  type WebhookRequest,
  webhookRequest,
  type WebhookView,
  webhookView,
} from '../../contracts/channels/webhook.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('webhooks')
@CountsAs('calls')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: WebhookDeliveriesService,
  ) {}

  @Get()
  @RequirePermission('webhook.read')
  @Describe('List the webhooks, with the types of events that there are', 200, webhookList)
  list(): Promise<WebhookList> {
    return this.webhooks.list();
  }

  @Post()
  @RequirePermissionNow('webhook.write')
  @Describe('Make a webhook; this answer is the only one that shows its secret', 201, newWebhookView)
  make(
    @CurrentCaller() caller: Caller,
    @Body({ schema: webhookRequest }) body: WebhookRequest,
  ): Promise<NewWebhookView> {
    return this.webhooks.make(caller, body);
  }

  @Get(':id')
  @RequirePermission('webhook.read')
  @Describe('Look at a webhook; its secret is never shown', 200, webhookView)
  find(@Param({ schema: webhookParams }) { id }: WebhookParams): Promise<WebhookView> {
    return this.webhooks.find(id);
  }

  @Patch(':id')
  @RequirePermissionNow('webhook.write')
  @Describe('Change, pause or resume a webhook', 200, webhookView)
  change(
    @CurrentCaller() caller: Caller,
    @Param({ schema: webhookParams }) { id }: WebhookParams,
    @Body({ schema: webhookChangeRequest }) body: WebhookChangeRequest,
  ): Promise<WebhookView> {
    return this.webhooks.change(caller, id, body);
  }

  @Delete(':id')
  @RequirePermissionNow('webhook.write')
  @Describe('Delete a webhook with its deliveries', 204)
  delete(
    @CurrentCaller() caller: Caller,
    @Param({ schema: webhookParams }) { id }: WebhookParams,
    @Query({ schema: webhookReasonQuery }) { reason }: WebhookReasonQuery,
  ): Promise<void> {
    return this.webhooks.delete(caller, id, reason);
  }

  @Post(':id/rotate-secret')
  @RequirePermissionNow('webhook.write')
  @Describe(
    'Give a webhook a new secret, which only this answer shows; the one before signs too for a while',
    200,
    newWebhookView,
  )
  rotate(
    @CurrentCaller() caller: Caller,
    @Param({ schema: webhookParams }) { id }: WebhookParams,
    @Body({ schema: secretRotationRequest }) body: SecretRotationRequest,
  ): Promise<NewWebhookView> {
    return this.webhooks.rotate(caller, id, body);
  }

  @Post(':id/test')
  @CountsAs('tries')
  @RequirePermissionNow('webhook.write')
  @Describe('Have a test event sent to a webhook', 202, deliveryView)
  test(
    @CurrentCaller() caller: Caller,
    @Param({ schema: webhookParams }) { id }: WebhookParams,
  ): Promise<DeliveryView> {
    return this.deliveries.test(caller, id);
  }

  @Get(':id/deliveries')
  @RequirePermission('webhook.read')
  @Describe('What became of the events of a webhook, the newest first', 200, deliveryPage)
  listDeliveries(
    @Param({ schema: webhookParams }) { id }: WebhookParams,
    @Query({ schema: deliveryListQuery }) query: DeliveryListQuery,
  ): Promise<DeliveryPage> {
    return this.deliveries.list(id, query);
  }

  @Post(':id/deliveries/:delivery/resend')
  @CountsAs('tries')
  @RequirePermissionNow('webhook.write')
  @Describe('Have a delivery sent again, with the same webhook-id', 202, deliveryView)
  resend(
    @CurrentCaller() caller: Caller,
    @Param({ schema: deliveryParams }) { id, delivery }: DeliveryParams,
  ): Promise<DeliveryView> {
    return this.deliveries.resend(caller, id, delivery);
  }
}
