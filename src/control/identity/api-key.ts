import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * An API key: `dw_<id>_<secret>`. The id, 8 characters, finds the stored key and may be shown; the secret is 32 random
 * bytes in base64url. Only the SHA-256 of the whole is stored: nothing that long can be guessed, so a slow hash would
 * only make every call slow.
 */
export interface NewApiKey {
  readonly id: string;
  /** The whole key, which is shown once. */
  readonly key: string;
  readonly hash: Buffer;
}

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_CHARACTERS = 8;
const SECRET_BYTES = 32;
const FORM = /^dw_([a-z2-7]{8})_[\w-]{43}$/;

export function makeApiKey(): NewApiKey {
  const id = Array.from(randomBytes(ID_CHARACTERS), (byte) => ID_ALPHABET.charAt(byte % ID_ALPHABET.length)).join('');
  const key = `dw_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { id, key, hash: hashApiKey(key) };
}

/** The id in a key, or undefined when the text is no key at all. */
export function apiKeyId(key: string): string | undefined {
  return FORM.exec(key)?.[1];
}

export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Compares two hashes in constant time. */
export function isSameHash(first: Buffer, second: Buffer): boolean {
  return first.length === second.length && timingSafeEqual(first, second);
}

/** The key in `Authorization: Bearer <key>` (RFC 6750; the scheme's case does not matter). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}
