import type { WebhookRow } from '../../persistence/entities/channels/webhook.js';
import type { ClaimedDelivery, WebhookOutbox } from '../../persistence/webhooks/webhook-outbox.js';
import type { Egress } from '../../egress/egress.js';
import { type EnvelopeKey } from '../../keys/envelope.js';
import { openWebhookSecret } from '../../keys/webhook-secret.js';
import type { Clock } from '../../kernel/clock.js';
import type { EventDetail } from '../../domain/event.js';
import type { ChannelLog, ChannelMetrics } from '../channel.js';
import { eventBody, type QuestionReader } from './event-body.js';
import { againInMs } from './retry-times.js';
import { signedHeaders } from './signed-message.js';
import { type Attempt, attempt } from './webhook-attempt.js';

export const CHANNEL = 'webhooks';

/** Deliveries that are claimed at a time, and those of them that are on their way at once. */
const CLAIMED_MAX = 8;
const AT_ONCE = 4;
/** What has not been sent so long after it was claimed is given back: its claim is about to be over. */
const CLAIM_USED_MS_MAX = 30_000;
const GONE = 410;

export interface LaneParts {
  readonly outbox: WebhookOutbox;
  readonly egress: Egress;
  readonly envelopeKey: Pick<EnvelopeKey, 'openSecret'>;
  readonly questionOf: QuestionReader;
  /** What webhooks may include. */
  readonly includable: readonly EventDetail[];
  readonly clock: Clock;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
  readonly retryAfterMs: readonly number[];
  readonly pauseAfterMs: number;
}

/** Sends what is due for one webhook until nothing is. Others do not wait for it, however slow it is. */
export async function sendDue(parts: LaneParts, webhookId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const webhook = await parts.outbox.webhook(webhookId);
    if (webhook === undefined || webhook.state === 'paused') return;
    const claimedAtUs = parts.clock.monotonicUs();
    const claimed = await parts.outbox.claim(webhookId, CLAIMED_MAX);
    if (claimed.length === 0) return;
    const turn = { webhook, claimedAtUs, secrets: await secretsOf(parts, webhook), signal };
    const waiting = [...claimed];
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await sendOne(parts, turn, one);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }
}

interface Turn {
  readonly webhook: WebhookRow;
  readonly claimedAtUs: number;
  /** What signs now; undefined: this worker cannot open it. */
  readonly secrets: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

async function sendOne(parts: LaneParts, turn: Turn, { delivery, event }: ClaimedDelivery): Promise<void> {
  const { outbox, clock, metrics, log } = parts;
  const { webhook, signal } = turn;
  const isLate = (clock.monotonicUs() - turn.claimedAtUs) / 1000 > CLAIM_USED_MS_MAX;
  if (isLate || signal.aborted) return outbox.release(delivery);
  const startedUs = clock.monotonicUs();
  const include = webhook.include.filter((detail) => parts.includable.includes(detail));
  const body = await eventBody(event, include, parts.questionOf);
  const made = await attempted(parts, turn, { id: event.id, body });
  if (made.fault === 'stopped') return outbox.release(delivery);
  const tookMs = Math.round((clock.monotonicUs() - startedUs) / 1000);
  const isGood = made.fault === null;
  const failed = { attempts: delivery.attempts, retryAfter: made.retryAfter, chance: Math.random() };
  const again = isGood ? null : againInMs(failed, parts.retryAfterMs);
  await outbox.note(delivery, { fault: made.fault, status: made.status, tookMs, againInMs: again });
  if (isGood) return metrics.sent(CHANNEL, 'sent');
  const { fault, status } = made;
  const why = `The webhook ${webhook.name} did not take an event: ${fault}${status === null ? '' : ` ${status}`}.`;
  metrics.sent(CHANNEL, again === null ? 'given-up' : 'repeated', why);
  log.warn(
    { webhook: webhook.name, event: event.id, type: event.type, attempts: delivery.attempts, fault, status },
    'a webhook did not take an event',
  );
  await pauseIfOver(parts, webhook, status);
}

async function attempted(
  { egress, clock }: LaneParts,
  { webhook, secrets, signal }: Turn,
  message: { readonly id: string; readonly body: string },
): Promise<Attempt> {
  if (secrets === undefined) return { fault: 'secret_unreadable', status: null, retryAfter: null };
  const headers = signedHeaders({ ...message, sentAtMs: clock.nowMs() }, secrets);
  return attempt(egress, { url: webhook.url, headers, body: message.body }, signal);
}

/** Nothing is sent any more to one that says that it is gone, or has failed for long; an operator can resume it. */
async function pauseIfOver({ outbox, log, pauseAfterMs }: LaneParts, webhook: WebhookRow, status: number | null) {
  const reason = status === GONE ? 'gone' : 'failing';
  if (await outbox.pause(webhook, reason, reason === 'gone' ? 0 : pauseAfterMs)) {
    log.warn({ webhook: webhook.name, reason }, 'a webhook was paused: it has failed for too long, or is gone');
  }
}

async function secretsOf(
  { envelopeKey }: LaneParts,
  { id, sealedSecret, previousSecret }: WebhookRow,
): Promise<readonly string[] | undefined> {
  const secret = await openWebhookSecret(sealedSecret, id, envelopeKey);
  if (secret === undefined) return undefined;
  const previous = previousSecret === null ? undefined : await openWebhookSecret(previousSecret, id, envelopeKey);
  return previous === undefined ? [secret] : [secret, previous];
}
