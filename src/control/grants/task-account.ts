import { randomBytes } from 'node:crypto';

const ACCOUNT_PREFIX = 'dw_';
const ACCOUNT_CHARACTERS = 20;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** A name that nobody can guess and no other grant has: 100 random bits. */
export function newTaskAccount(): string {
  const letters = Array.from(randomBytes(ACCOUNT_CHARACTERS), (byte) => BASE32.charAt(byte % BASE32.length));
  return ACCOUNT_PREFIX + letters.join('');
}
