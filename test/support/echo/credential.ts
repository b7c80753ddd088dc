import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Verifier } from '../../../src/domain/protocol-value.js';

const SECRET_BYTES = 24;
const stored = z.object({ protocol: z.literal('echo'), sha256: z.string() });

/** A secret for one endpoint, and what it is checked against. */
export function newCredential(): { readonly secret: string; readonly verifier: Verifier } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, verifier: verifierOf(secret) };
}

export function verifierOf(secret: string): Verifier {
  const verifier: z.input<typeof stored> = { protocol: 'echo', sha256: digestOf(secret).toString('hex') };
  return verifier;
}

export function isSecretOf(verifier: Verifier, secret: string): boolean {
  return timingSafeEqual(Buffer.from(stored.parse(verifier).sha256, 'hex'), digestOf(secret));
}

/** The secrets are random, so that nobody finds one by trying. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
