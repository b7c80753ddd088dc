import { z } from 'zod';
import type { Verifier } from '../../domain/protocol-value.js';
import type { CredentialVerifier } from './wire/login/auth.js';

const hash = (bytes: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length === bytes, `must have ${bytes} bytes`);

const stored = z.object({ protocol: z.literal('mysql'), nativeHash: hash(20), cachingSha2Hash: hash(32) });

/** The two hashes as JSON, for the state database. */
export function verifierOf({ nativeHash, cachingSha2Hash }: CredentialVerifier): Verifier {
  const hashes = { nativeHash: nativeHash.toString('base64'), cachingSha2Hash: cachingSha2Hash.toString('base64') };
  return { protocol: 'mysql', ...hashes } satisfies z.input<typeof stored>;
}

/** @throws ZodError for what is no verifier of this protocol */
export function credentialVerifierIn(verifier: Verifier): CredentialVerifier {
  return stored.parse(verifier);
}
