import type { DeliveryView, WebhookView } from '../../contracts/channels/webhook.js';
import { CHOSEN_TYPES } from '../../domain/event.js';
import type { WebhookRow } from '../../persistence/entities/channels/webhook.js';
import type { EventDelivery } from '../../persistence/webhooks/webhook-delivery.repository.js';
import type { WebhookChange } from '../../persistence/webhooks/webhook.repository.js';
import { timeOf, timeOrNull } from '../http/time.js';

/** A webhook as operators see it: all but its secrets. */
export function webhookViewOf(row: WebhookRow, { waiting, nowMs }: { waiting: number; nowMs: number }): WebhookView {
  const { id, name, url, state, types, include, revision, createdBy, changedBy, dropped } = row;
  const { pauseReason, pausedAtMs, lastFailureAtMs, lastFault, lastStatus, previousUntilMs } = row;
  const isPreviousKept = previousUntilMs !== null && previousUntilMs > nowMs;
  return {
    id,
    name,
    url,
    types: CHOSEN_TYPES.filter((type) => types.includes(type)),
    include: [...include],
    state,
    pause: pauseReason === null || pausedAtMs === null ? null : { reason: pauseReason, at: timeOf(pausedAtMs) },
    failingSince: timeOrNull(row.failingSinceMs),
    lastSuccessAt: timeOrNull(row.lastSuccessAtMs),
    lastFailure:
      lastFailureAtMs === null || lastFault === null
        ? null
        : { at: timeOf(lastFailureAtMs), fault: lastFault, status: lastStatus },
    waiting,
    dropped,
    secret: { madeAt: timeOf(row.secretMadeAtMs), previousUntil: isPreviousKept ? timeOf(previousUntilMs) : null },
    revision,
    createdAt: timeOf(row.createdAtMs),
    createdBy,
    changedAt: timeOf(row.changedAtMs),
    changedBy,
  };
}

/** What the administrative record has of a webhook: its address can hold a secret, so only where it is stands there. */
export function recordedWebhook({ name, url, types, include, state }: WebhookRecord) {
  return { name, origin: URL.parse(url)?.origin ?? null, types, include, state };
}

type WebhookRecord = Pick<WebhookRow, 'name' | 'url' | 'types' | 'include' | 'state'>;

/** The same after a change. */
export function changedWebhook(row: WebhookRecord, { name, url, types, include }: WebhookChange) {
  return recordedWebhook({
    name: name ?? row.name,
    url: url ?? row.url,
    types: types ?? row.types,
    include: include ?? row.include,
    state: row.state,
  });
}

export function deliveryViewOf({ delivery, event }: EventDelivery): DeliveryView {
  const { id, eventId, state, attempts, nextAtMs, lastStatus, lastFault, lastAtMs, tookMs, madeAtMs } = delivery;
  return {
    id,
    event: { id: eventId, type: event?.type ?? null, at: timeOrNull(event?.atMs ?? null) },
    state,
    attempts,
    nextAt: timeOrNull(nextAtMs),
    lastAttempt:
      lastAtMs === null ? null : { at: timeOf(lastAtMs), status: lastStatus, fault: lastFault, tookMs: tookMs ?? 0 },
    madeAt: timeOf(madeAtMs),
  };
}
