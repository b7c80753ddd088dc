import { randomBytes } from 'node:crypto';
import type { Verifier } from '../../domain/protocol-value.js';
import { verifierOf } from '../../protocols/mysql/verifier.js';
import { credentialVerifierOf } from '../../protocols/mysql/wire/login/auth.js';

const PASSWORD_BYTES = 24;
const ACCOUNT_PREFIX = 'dw_';
const ACCOUNT_CHARACTERS = 20;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** What a client presents at a grant's endpoint. The password is shown once; only the verifier is kept. */
export interface EndpointCredential {
  readonly password: string;
  readonly verifier: Verifier;
}

export function newEndpointCredential(): EndpointCredential {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  return { password, verifier: verifierOf(credentialVerifierOf(password)) };
}

/** A name that nobody can guess and no other grant has: 100 random bits. */
export function newTaskAccount(): string {
  const letters = Array.from(randomBytes(ACCOUNT_CHARACTERS), (byte) => BASE32.charAt(byte % BASE32.length));
  return ACCOUNT_PREFIX + letters.join('');
}
