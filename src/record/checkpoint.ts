import type { JWK } from 'jose';
import { z } from 'zod';
import { isAmong, readSigned } from '../recording/seal/seal-signature.js';
import { CHECKPOINT_TYPE, type Signer } from '../recording/seal/signer.js';

/** Where the chain of the administrative record stood at a time. */
export interface Checkpoint {
  /** The number of the last entry. */
  readonly seq: number;
  /** The chain hash of its line. */
  readonly hash: string;
  /** When it was signed: RFC 3339 with milliseconds. */
  readonly at: string;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly keyId: string;
  /** The key is one of those that were given as the broker's; null: none were given. */
  readonly keyTrusted: boolean | null;
}

/** Longer than any checkpoint is. */
export const CHECKPOINT_CHARACTERS_MAX = 2_000;

const checkpointSchema = z.strictObject({
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ precision: 3 }),
});

/** Signs a checkpoint: a compact JWS over its JSON. */
export function signCheckpoint(signer: Signer, { seq, hash, at }: Checkpoint): Promise<string> {
  return signer.sign(Buffer.from(JSON.stringify({ seq, hash, at })), CHECKPOINT_TYPE);
}

/**
 * The checkpoint in a compact JWS, or what is wrong with it. Without keys anybody's key is good enough, and
 * `keyTrusted` says so.
 */
export async function readCheckpoint(
  jws: string,
  keys: readonly JWK[] | undefined,
): Promise<SignedCheckpoint | { readonly wrong: string }> {
  if (jws.length > CHECKPOINT_CHARACTERS_MAX) return { wrong: 'It is too long for a checkpoint.' };
  const signed = await readSigned(jws, CHECKPOINT_TYPE);
  if ('wrong' in signed) return signed;
  const parsed = parsedCheckpoint(signed.payload.toString('utf8'));
  if (parsed === undefined) return { wrong: 'What was signed is no checkpoint.' };
  const { keyId } = signed;
  const keyTrusted = keys === undefined ? null : await isAmong(keyId, keys);
  if (keyTrusted === false) return { wrong: `It was signed by an unknown key (${keyId}).` };
  return { ...parsed, keyId, keyTrusted };
}

function parsedCheckpoint(text: string): Checkpoint | undefined {
  try {
    const parsed = checkpointSchema.safeParse(JSON.parse(text));
    return parsed.success && JSON.stringify(parsed.data) === text ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
