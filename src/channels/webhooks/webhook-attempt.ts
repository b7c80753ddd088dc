import { mayConnectWithin } from '../../egress/address-rules.js';
import { type AddressLookup, Egress } from '../../egress/egress.js';
import { type EgressReason, EgressRefusal } from '../../egress/egress-refusal.js';
import type { WebhookSettings } from '../../config/webhooks.js';
import { PAYLOAD_BYTES_MAX } from './event-body.js';

/** From the first look-up to the last byte of the answer. */
export const ATTEMPT_MS_MAX = 10_000;

/** Why an attempt failed; `status`: its answer was none of 2xx. */
export type AttemptFault = EgressReason | 'secret_unreadable' | 'stopped';

export interface Attempt {
  /** Null: it was answered with a status of 2xx. */
  readonly fault: AttemptFault | null;
  readonly status: number | null;
  readonly retryAfter: string | null;
}

export interface WebhookEgressOptions extends Pick<WebhookSettings, 'WEBHOOK_ALLOWED_NETWORKS' | 'WEBHOOK_ALLOW_HTTP'> {
  /** Default: the machine's own names. */
  readonly resolve?: AddressLookup;
  /** Default: {@link ATTEMPT_MS_MAX}. */
  readonly msMax?: number;
}

/** The way out to webhooks: anywhere on the public internet, and to the networks that the environment allows. */
export function webhookEgress({
  WEBHOOK_ALLOWED_NETWORKS,
  WEBHOOK_ALLOW_HTTP,
  resolve,
  msMax = ATTEMPT_MS_MAX,
}: WebhookEgressOptions): Egress {
  return new Egress({
    origins: 'any',
    mayConnect: mayConnectWithin(WEBHOOK_ALLOWED_NETWORKS),
    withoutTls: WEBHOOK_ALLOW_HTTP === 'true' ? 'anywhere' : 'nowhere',
    ca: null,
    msMax,
    bodyBytesMax: PAYLOAD_BYTES_MAX,
    refusal: (reason, cause) => new EgressRefusal(reason, cause),
    ...(resolve === undefined ? {} : { resolve }),
  });
}

export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a message once. What a receiver says besides its status and the time that it asks for is not read. */
export async function attempt(
  egress: Egress,
  { url, headers, body }: OutgoingMessage,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const { ok, status, headers: answered } = await egress.fetch(url, { method: 'POST', headers, body, signal });
    return { fault: ok ? null : 'status', status, retryAfter: answered.get('retry-after') };
  } catch (error) {
    if (!(error instanceof EgressRefusal)) throw error;
    return { fault: signal.aborted ? 'stopped' : error.reason, status: null, retryAfter: null };
  }
}
