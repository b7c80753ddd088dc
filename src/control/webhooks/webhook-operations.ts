/** What the OpenAPI document says of the calls about webhooks: part of the table of operations. */
export const WEBHOOK_OPERATIONS = {
  'GET /v1/webhooks': { id: 'listWebhooks', errors: [] },
  'POST /v1/webhooks': {
    id: 'makeWebhook',
    errors: ['webhook_exists', 'webhook_invalid', 'encryption_key_missing'],
    request: {
      name: 'security-events',
      url: 'https://events.example.com/doorwarden',
      types: ['approval.asked', 'approval.decided', 'recording.verification_failed'],
      reason: 'The security team follows what is asked',
    },
  },
  'GET /v1/webhooks/{id}': { id: 'getWebhook', errors: ['webhook_not_found'] },
  'PATCH /v1/webhooks/{id}': {
    id: 'changeWebhook',
    errors: ['webhook_not_found', 'webhook_changed', 'webhook_exists', 'webhook_invalid'],
    request: { paused: true, reason: 'Its receiver moves to another machine' },
  },
  'DELETE /v1/webhooks/{id}': { id: 'deleteWebhook', errors: ['webhook_not_found'] },
  'POST /v1/webhooks/{id}/rotate-secret': {
    id: 'rotateWebhookSecret',
    errors: ['webhook_not_found', 'webhook_changed', 'encryption_key_missing'],
    request: { keepHours: 24, reason: 'Once a year' },
  },
  'POST /v1/webhooks/{id}/test': { id: 'testWebhook', errors: ['webhook_not_found', 'webhook_paused'] },
  'GET /v1/webhooks/{id}/deliveries': { id: 'listWebhookDeliveries', errors: ['webhook_not_found'] },
  'POST /v1/webhooks/{id}/deliveries/{delivery}/resend': {
    id: 'resendWebhookDelivery',
    errors: ['webhook_not_found', 'webhook_delivery_not_found', 'webhook_delivery_waits', 'webhook_paused'],
  },
} as const;
