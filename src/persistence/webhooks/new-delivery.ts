import { newId } from '../../domain/ids.js';
import type { WebhookDeliveryRow } from '../entities/channels/webhook.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

type Now = () => string;

/** A delivery that nobody has tried yet, and that is due now. */
export function newDelivery(webhookId: string, eventId: string) {
  const now: Now = () => NOW_MS_SQL;
  return {
    id: newId(),
    webhookId,
    eventId,
    state: 'waiting' as const,
    attempts: 0,
    nextAtMs: now,
    claim: null,
    claimUntilMs: null,
    lastStatus: null,
    lastFault: null,
    lastAtMs: null,
    tookMs: null,
    madeAtMs: now,
  } satisfies Record<keyof WebhookDeliveryRow, WebhookDeliveryRow[keyof WebhookDeliveryRow] | Now>;
}
