import { randomBytes } from 'node:crypto';
import { type EnvelopeKey, sealSecret } from './envelope.js';
import type { PublicJwk } from './okp-jwk.js';

/** As long as the SHA-256 that it keys; Standard Webhooks takes 24 to 64. */
const SECRET_BYTES = 32;

/** A new secret in the form of Standard Webhooks: `whsec_` and base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** Seals a webhook's secret for the workers, which sign: the apis cannot read it again. */
export function sealWebhookSecret(secret: string, webhookId: string, key: PublicJwk<'X25519'>): Promise<string> {
  return sealSecret(secret, purposeOf(webhookId), key);
}

/** Undefined when it was sealed to another envelope key, or for another webhook. */
export function openWebhookSecret(
  sealed: string,
  webhookId: string,
  key: Pick<EnvelopeKey, 'openSecret'>,
): Promise<string | undefined> {
  return key.openSecret(sealed, purposeOf(webhookId));
}

function purposeOf(webhookId: string): string {
  return `webhook:${webhookId}`;
}
