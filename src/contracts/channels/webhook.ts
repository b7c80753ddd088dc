import { z } from 'zod';
import {
  CHOSEN_TYPES,
  DELIVERY_STATES,
  EVENT_DETAILS,
  EVENT_TYPES,
  isEventType,
  PAUSE_REASONS,
} from '../../domain/event.js';
import { idSchema, pageQuery } from '../page.js';
import { reasonOfChange } from '../reason.js';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const URL_CHARACTERS_MAX = 2_000;
const KEEP_HOURS_MAX = 168;
const KEEP_HOURS_DEFAULT = 24;

const time = z.iso.datetime();

const nameField = z.string().regex(NAME, 'must be small letters, digits, dots, dashes and underscores, at most 64');
const urlField = z
  .string()
  .max(URL_CHARACTERS_MAX)
  .meta({ description: 'Where events are sent: https, without a user name, a password or a fragment.' });
const typesField = z
  .array(z.enum(CHOSEN_TYPES))
  .max(CHOSEN_TYPES.length)
  .transform((types) => [...new Set(types)])
  .meta({ description: 'Types of events that are sent; empty: all.' });
const includeField = z
  .array(z.enum(EVENT_DETAILS))
  .max(EVENT_DETAILS.length)
  .transform((details) => [...new Set(details)])
  .meta({ description: 'What events of approvals have besides the facts, as far as WEBHOOK_INCLUDE lets them.' });

export const webhookRequest = z.strictObject({
  name: nameField,
  url: urlField,
  types: typesField.default([]),
  include: includeField.default([]),
  reason: reasonOfChange,
});
export type WebhookRequest = z.infer<typeof webhookRequest>;

export const webhookChangeRequest = z.strictObject({
  revision: z.int().min(1).optional().meta({ description: 'The revision that the change was made from.' }),
  name: nameField.optional(),
  url: urlField.optional(),
  types: typesField.optional(),
  include: includeField.optional(),
  paused: z.boolean().optional().meta({
    description: '`true`: nothing is sent, and events wait. `false`: what waits is sent at once.',
  }),
  reason: reasonOfChange,
});
export type WebhookChangeRequest = z.infer<typeof webhookChangeRequest>;

export const webhookReasonQuery = z.strictObject({ reason: reasonOfChange });
export type WebhookReasonQuery = z.infer<typeof webhookReasonQuery>;

export const secretRotationRequest = z.strictObject({
  keepHours: z.int().min(0).max(KEEP_HOURS_MAX).default(KEEP_HOURS_DEFAULT).meta({
    description: 'For so long every event is signed with the secret before, too; 0: no longer.',
  }),
  reason: reasonOfChange,
});
export type SecretRotationRequest = z.infer<typeof secretRotationRequest>;

export const webhookParams = z.strictObject({ id: idSchema });
export type WebhookParams = z.infer<typeof webhookParams>;

export const deliveryParams = z.strictObject({ id: idSchema, delivery: idSchema });
export type DeliveryParams = z.infer<typeof deliveryParams>;

export const deliveryListQuery = z.strictObject({ ...pageQuery, state: z.enum(DELIVERY_STATES).optional() });
export type DeliveryListQuery = z.infer<typeof deliveryListQuery>;

/** A webhook. Its secret is never shown again. */
export const webhookView = z
  .object({
    id: idSchema,
    name: z.string(),
    url: z.string(),
    types: z.array(z.enum(CHOSEN_TYPES)).meta({ description: 'Empty: all.' }),
    include: z.array(z.enum(EVENT_DETAILS)),
    state: z.enum(['enabled', 'paused']),
    pause: z
      .object({
        reason: z.enum(PAUSE_REASONS).meta({
          description: '`failing`: no attempt was good for a day. `gone`: it answered 410.',
        }),
        at: time,
      })
      .nullable(),
    failingSince: time.nullable().meta({ description: 'The first failure since the last success; null: none.' }),
    lastSuccessAt: time.nullable(),
    lastFailure: z
      .object({
        at: time,
        fault: z.string().meta({ description: 'A short code, as of deliveries.' }),
        status: z.int().nullable(),
      })
      .nullable(),
    waiting: z.int().meta({ description: 'Deliveries that are to be sent.' }),
    dropped: z.int().meta({ description: 'Events that it was not sent because 10,000 waited already.' }),
    secret: z.object({
      madeAt: time,
      previousUntil: time.nullable().meta({ description: 'Until then the secret before signs too.' }),
    }),
    revision: z.int(),
    createdAt: time,
    createdBy: z.string(),
    changedAt: time,
    changedBy: z.string(),
  })
  .meta({ id: 'Webhook' });
export type WebhookView = z.infer<typeof webhookView>;

const eventTypeView = z.object({ type: z.enum(CHOSEN_TYPES), about: z.string() });

export const webhookList = z
  .object({
    items: z.array(webhookView),
    types: z.array(eventTypeView).meta({ description: 'What a webhook can be sent.' }),
    allowed: z
      .object({ include: z.array(z.enum(EVENT_DETAILS)), http: z.boolean(), networks: z.array(z.string()) })
      .meta({ description: 'What the environment of the api lets webhooks do.' }),
  })
  .meta({ id: 'WebhookList' });
export type WebhookList = z.infer<typeof webhookList>;

/** With the secret, this one time. */
export const newWebhookView = webhookView
  .extend({ signingSecret: z.string().meta({ description: '`whsec_` and base64; this answer alone shows it.' }) })
  .meta({ id: 'NewWebhook' });
export type NewWebhookView = z.infer<typeof newWebhookView>;

/** One event on its way to a webhook. */
export const deliveryView = z
  .object({
    id: idSchema,
    event: z.object({
      id: idSchema.meta({ description: 'The webhook-id of every attempt.' }),
      type: z
        .enum(Object.keys(EVENT_TYPES).filter(isEventType))
        .nullable()
        .meta({ description: 'Null: it is too old and forgotten.' }),
      at: time.nullable(),
    }),
    state: z.enum(DELIVERY_STATES).meta({
      description: '`waiting`: it is sent at `nextAt`. `failed`: it is sent again only when somebody asks for it.',
    }),
    attempts: z.int(),
    nextAt: time.nullable(),
    lastAttempt: z
      .object({
        at: time,
        status: z
          .int()
          .nullable()
          .meta({ description: 'What it was answered with; null: nothing that could be used.' }),
        fault: z.string().nullable().meta({ description: 'Why it failed, a short code; null: it was good.' }),
        tookMs: z.int(),
      })
      .nullable(),
    madeAt: time,
  })
  .meta({ id: 'WebhookDelivery' });
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryPage = z
  .object({ items: z.array(deliveryView), next: idSchema.nullable() })
  .meta({ id: 'WebhookDeliveryPage' });
export type DeliveryPage = z.infer<typeof deliveryPage>;
