import { EntitySchema } from 'typeorm';
import type { DeliveryState, EventDetail, EventType, PauseReason } from '../../../domain/event.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';

/** An address of others to which events are sent. Times are milliseconds since the epoch, on the state database's clock. */
export interface WebhookRow {
  readonly id: string;
  readonly name: string;
  /** It may hold what nobody else may know: it stands in no log and no record. */
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly EventType[];
  readonly include: readonly EventDetail[];
  /** What signs, sealed for the workers; see `keys/webhook-secret.ts`. */
  readonly sealedSecret: string;
  readonly secretMadeAtMs: number;
  /** The secret before, which signs too until its time is over. */
  readonly previousSecret: string | null;
  readonly previousUntilMs: number | null;
  readonly state: 'enabled' | 'paused';
  readonly pauseReason: PauseReason | null;
  readonly pausedAtMs: number | null;
  /** The first failure since the last success; null: the last one was good. */
  readonly failingSinceMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  readonly lastFault: string | null;
  readonly lastStatus: number | null;
  /** Events that it was not sent because too many waited. */
  readonly dropped: number;
  /** Counts the changes that people make. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

/** One event on its way to one webhook. */
export interface WebhookDeliveryRow {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly state: DeliveryState;
  /** How often it was sent, or may have been. */
  readonly attempts: number;
  /** When it is sent next; null: it is not. */
  readonly nextAtMs: number | null;
  /** The worker's turn that sends it, and until when it has that to itself. */
  readonly claim: string | null;
  readonly claimUntilMs: number | null;
  /** What the last attempt was answered with; null: no answer that could be used. */
  readonly lastStatus: number | null;
  /** Why the last attempt failed; null: it was good. */
  readonly lastFault: string | null;
  readonly lastAtMs: number | null;
  readonly tookMs: number | null;
  readonly madeAtMs: number;
}

/** TypeORM's description of the table `webhooks`. */
export const webhookEntity = new EntitySchema<WebhookRow>({
  name: 'Webhook',
  tableName: 'webhooks',
  columns: {
    id: { ...ulidColumn, primary: true },
    name: word(64),
    url: word(2000),
    types: jsonColumn,
    include: jsonColumn,
    sealedSecret: { name: 'sealed_secret', type: 'text' },
    secretMadeAtMs: { ...msColumn, name: 'secret_made_at' },
    previousSecret: { name: 'previous_secret', type: 'text', nullable: true },
    previousUntilMs: { ...msColumn, name: 'previous_until', nullable: true },
    state: word(10),
    pauseReason: { ...word(20), name: 'pause_reason', nullable: true },
    pausedAtMs: { ...msColumn, name: 'paused_at', nullable: true },
    failingSinceMs: { ...msColumn, name: 'failing_since', nullable: true },
    lastSuccessAtMs: { ...msColumn, name: 'last_success_at', nullable: true },
    lastFailureAtMs: { ...msColumn, name: 'last_failure_at', nullable: true },
    lastFault: { ...word(40), name: 'last_fault', nullable: true },
    lastStatus: { name: 'last_status', type: 'int', nullable: true },
    dropped: { type: 'int', default: 0 },
    revision: { type: 'int' },
    createdAtMs: { ...msColumn, name: 'created_at' },
    createdBy: { ...word(128), name: 'created_by' },
    changedAtMs: { ...msColumn, name: 'changed_at' },
    changedBy: { ...word(128), name: 'changed_by' },
  },
  indices: [{ name: 'webhooks_name', columns: ['name'], unique: true }],
});

/** TypeORM's description of the table `webhook_deliveries`. */
export const webhookDeliveryEntity = new EntitySchema<WebhookDeliveryRow>({
  name: 'WebhookDelivery',
  tableName: 'webhook_deliveries',
  columns: {
    id: { ...ulidColumn, primary: true },
    webhookId: { ...ulidColumn, name: 'webhook_id' },
    eventId: { ...ulidColumn, name: 'event_id' },
    state: word(10),
    attempts: { type: 'int' },
    nextAtMs: { ...msColumn, name: 'next_at', nullable: true },
    claim: { ...ulidColumn, nullable: true },
    claimUntilMs: { ...msColumn, name: 'claim_until', nullable: true },
    lastStatus: { name: 'last_status', type: 'int', nullable: true },
    lastFault: { ...word(40), name: 'last_fault', nullable: true },
    lastAtMs: { ...msColumn, name: 'last_at', nullable: true },
    tookMs: { name: 'took_ms', type: 'int', nullable: true },
    madeAtMs: { ...msColumn, name: 'made_at' },
  },
  indices: [
    { name: 'webhook_deliveries_event', columns: ['eventId', 'webhookId'], unique: true },
    { name: 'webhook_deliveries_due', columns: ['state', 'webhookId', 'nextAtMs'] },
    { name: 'webhook_deliveries_list', columns: ['webhookId', 'id'] },
  ],
});
