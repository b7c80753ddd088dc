import { includable } from '../../config/webhooks.js';
import { WebhookOutbox } from '../../persistence/webhooks/webhook-outbox.js';
import type { AddressLookup } from '../../egress/egress.js';
import type { Channel, ChannelLog, ChannelParts, OpenChannel } from '../channel.js';
import { RETRY_AFTER_MS } from './retry-times.js';
import { webhookEgress } from './webhook-attempt.js';
import { CHANNEL, type LaneParts, sendDue } from './webhook-lane.js';

const HOUR_MS = 3_600_000;
/** A webhook that has had no good attempt for so long is paused. */
const PAUSE_AFTER_MS = 24 * HOUR_MS;
/** Events and their deliveries are kept for so long. */
const KEPT_MS = 7 * 24 * HOUR_MS;
const FORGET_EVERY_MS = 60_000;
/** What is routed in one look: the rest follows in the next. */
const ROUTES_MAX = 20;

/** What tests shorten. */
export interface WebhookTimes {
  readonly retryAfterMs?: readonly number[];
  readonly pauseAfterMs?: number;
  readonly attemptMsMax?: number;
  readonly resolve?: AddressLookup;
}

/**
 * Sends events to webhooks. What happened is in the state database before anybody is told of it; sending claims rows, so that
 * of several workers one sends, and what one of them leaves undone another does.
 */
export class WebhookSender implements OpenChannel {
  readonly #outbox: WebhookOutbox;
  readonly #lane: LaneParts;
  readonly #parts: ChannelParts;
  readonly #lanes = new Map<string, Promise<void>>();
  #forgottenAtUs = 0;

  constructor(parts: ChannelParts, times: WebhookTimes = {}) {
    const { config, envelopeKey, questionOf, clock, log, metrics } = parts;
    const { retryAfterMs = RETRY_AFTER_MS, pauseAfterMs = PAUSE_AFTER_MS, attemptMsMax, resolve } = times;
    this.#parts = parts;
    this.#outbox = new WebhookOutbox(parts.state);
    this.#lane = {
      outbox: this.#outbox,
      egress: webhookEgress({
        ...config,
        ...(resolve === undefined ? {} : { resolve }),
        ...(attemptMsMax === undefined ? {} : { msMax: attemptMsMax }),
      }),
      envelopeKey,
      questionOf,
      includable: includable(config),
      clock,
      log,
      metrics,
      retryAfterMs,
      pauseAfterMs,
    };
  }

  /** Comes back once everything due is on its way: a slow receiver keeps nobody else. */
  async look(signal: AbortSignal): Promise<void> {
    for (let turn = 0; turn < ROUTES_MAX && !signal.aborted; turn++) {
      if ((await this.#outbox.route()) === 0) break;
    }
    for (const id of await this.#outbox.due()) this.#begin(id, signal);
    this.#parts.metrics.waiting(CHANNEL, await this.#outbox.waiting());
    await this.#forget();
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.values());
  }

  #begin(id: string, signal: AbortSignal): void {
    if (this.#lanes.has(id) || signal.aborted) return;
    const lane = sendDue(this.#lane, id, signal)
      .catch((error: unknown) => warn(this.#parts.log, error))
      .finally(() => this.#lanes.delete(id));
    this.#lanes.set(id, lane);
  }

  async #forget(): Promise<void> {
    const nowUs = this.#parts.clock.monotonicUs();
    if (this.#forgottenAtUs !== 0 && (nowUs - this.#forgottenAtUs) / 1000 < FORGET_EVERY_MS) return;
    this.#forgottenAtUs = nowUs;
    await this.#outbox.forget(KEPT_MS);
  }
}

function warn(log: ChannelLog, error: unknown): void {
  log.warn({ err: error, channel: CHANNEL }, 'events could not be sent; they are tried again');
}

/** Always there: without a webhook it has nothing to do but to forget old events. */
export const webhooksChannel: Channel = {
  name: CHANNEL,
  open: async (parts) => new WebhookSender(parts),
};
