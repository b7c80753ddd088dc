import type { PauseReason } from '../../domain/event.js';
import { webhookEntity } from '../entities/channels/webhook.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { updateRows } from '../state/update-rows.js';

/** Pauses webhooks that nobody asked to be paused. */
export class PausedWebhookRepository {
  constructor(private readonly at: StateAccess) {}

  /** False when it is paused, or has not failed for so long. */
  async pause(id: string, reason: PauseReason, failingForMs: number): Promise<boolean> {
    const paused = await updateRows(this.at, webhookEntity, {
      set: { state: 'paused', pauseReason: reason, pausedAtMs: () => NOW_MS_SQL },
      where: `id = :id AND state = 'enabled' AND failing_since <= ${NOW_MS_SQL} - :failingForMs`,
      parameters: { id, failingForMs },
    });
    return paused === 1;
  }
}
