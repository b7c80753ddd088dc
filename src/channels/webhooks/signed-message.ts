import { Webhook } from 'standardwebhooks';

export interface Message {
  /** The event's: the same in every attempt. */
  readonly id: string;
  readonly body: string;
  /** When this attempt is made, in milliseconds since the epoch. */
  readonly sentAtMs: number;
}

/**
 * The headers of a message as Standard Webhooks has them (https://www.standardwebhooks.com): with two secrets there are two
 * signatures, and a receiver that knows either takes it.
 */
export function signedHeaders(
  { id, body, sentAtMs }: Message,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const sentAt = new Date(sentAtMs);
  return {
    'content-type': 'application/json',
    'user-agent': 'Doorwarden-Webhooks',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAtMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body)).join(' '),
  };
}
