import { constants, createHash, publicEncrypt, randomBytes, timingSafeEqual } from 'node:crypto';
import { SCRAMBLE_BYTES } from './handshake.js';
import { wireError } from '../wire-error.js';

/**
 * The two password plugins that every MySQL and MariaDB driver knows. Neither sends the password in the clear: the
 * client proves that it knows it by mixing it with the scramble of this connection. And the one that the second of them
 * replaced, which targets may still have accounts of.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
 */

export const MYSQL_NATIVE_PASSWORD = 'mysql_native_password';
export const CACHING_SHA2_PASSWORD = 'caching_sha2_password';
/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_sha256_password_authentication.html */
export const SHA256_PASSWORD = 'sha256_password';

// What `caching_sha2_password` says in one byte.
export const CACHING_SHA2_REQUEST_PUBLIC_KEY = 0x02;
export const CACHING_SHA2_FAST_AUTH_OK = 0x03;
export const CACHING_SHA2_FULL_AUTH = 0x04;

/** `sha256_password` asks for the server's public key with another byte. */
export const SHA256_REQUEST_PUBLIC_KEY = 0x01;

const SHA1_BYTES = 20;
const SHA256_BYTES = 32;
const ASCII_DOLLAR = 0x24;

/** What the gateway keeps of a credential's password: enough to verify a login, not enough to log in with. */
export interface CredentialVerifier {
  /** SHA1(SHA1(password)), 20 bytes. */
  readonly nativeHash: Buffer;
  /** SHA256(SHA256(password)), 32 bytes. */
  readonly cachingSha2Hash: Buffer;
}

/** Passwords are random and long here (the broker makes them), so plain hashes cannot be searched through. */
export function credentialVerifierOf(password: string): CredentialVerifier {
  return { nativeHash: sha1(sha1(password)), cachingSha2Hash: sha256(sha256(password)) };
}

/** 20 random bytes as servers make them: 7 bits each, no NUL (it ends the field) and no `$` (it parts stored hashes). */
export function newScramble(): Buffer {
  const scramble = Buffer.alloc(SCRAMBLE_BYTES);
  let filled = 0;
  while (filled < SCRAMBLE_BYTES) {
    for (const byte of randomBytes(SCRAMBLE_BYTES)) {
      const candidate = byte & 0x7f;
      // Dropped, not shifted to a neighbour, or that neighbour would come twice as often.
      if (candidate === 0 || candidate === ASCII_DOLLAR || filled === SCRAMBLE_BYTES) continue;
      scramble[filled] = candidate;
      filled += 1;
    }
  }
  return scramble;
}

/** SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))); empty for an empty password. */
export function scrambleNativePassword(password: string, scramble: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha1(password);
  return xor(once, sha1(scramble, sha1(once)));
}

/** Answers whether the client knows the password, from its hash alone. An empty answer never does. */
export function verifyNativePassword(authResponse: Buffer, scramble: Buffer, verifier: CredentialVerifier): boolean {
  if (authResponse.length !== SHA1_BYTES) return false;
  const once = xor(authResponse, sha1(scramble, verifier.nativeHash));
  return timingSafeEqual(sha1(once), verifier.nativeHash);
}

/** SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble); empty for an empty password. */
export function scrambleCachingSha2Password(password: string, scramble: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha256(password);
  return xor(once, sha256(sha256(once), scramble));
}

/**
 * The fast path of the plugin, which always suffices here: a server needs the full exchange only when its cache does
 * not hold the hash, and the gateway always holds it. An empty answer never passes.
 */
export function verifyCachingSha2Password(
  authResponse: Buffer,
  scramble: Buffer,
  verifier: CredentialVerifier,
): boolean {
  if (authResponse.length !== SHA256_BYTES) return false;
  const once = xor(authResponse, sha256(verifier.cachingSha2Hash, scramble));
  return timingSafeEqual(sha256(once), verifier.cachingSha2Hash);
}

/**
 * The password for a target's full exchange without TLS: `password\0` XOR the scramble, RSA-OAEP with SHA-1 under the
 * server's public key. It hides the password from the one who listens, not from the one who answers in the server's place.
 */
export function encryptPassword(password: string, scramble: Buffer, publicKeyPem: string | Buffer): Buffer {
  try {
    return publicEncrypt(
      { key: publicKeyPem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      xor(Buffer.from(`${password}\0`, 'utf8'), scramble),
    );
  } catch {
    // Without the cause: it could hold the key or the input.
    throw wireError('target_protocol_violation', "The server's public key cannot be used.");
  }
}

/** Each byte with the mask's, which starts again when it ends. */
function xor(bytes: Buffer, mask: Buffer): Buffer {
  const result = Buffer.from(bytes);
  for (let index = 0; index < result.length; index += 1) {
    result[index] = result.readUInt8(index) ^ mask.readUInt8(index % mask.length);
  }
  return result;
}

function sha1(...parts: readonly (string | Buffer)[]): Buffer {
  return digest('sha1', parts);
}

function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  return digest('sha256', parts);
}

function digest(algorithm: 'sha1' | 'sha256', parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
