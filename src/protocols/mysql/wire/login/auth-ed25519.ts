import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { wireError } from '../wire-error.js';

/**
 * MariaDB's `ed25519` plugin: the client signs the server's nonce, the server knows the public key.
 *
 * https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#client_ed25519-plugin
 */

export const CLIENT_ED25519 = 'client_ed25519';

const NONCE_BYTES = 32;
const KEY_BYTES = 32;
const { BASE, Fn } = ed25519.Point;

/**
 * The signature of the nonce, 64 bytes; empty for an empty password. It is that of RFC 8032, but where the secret key's
 * 32 bytes would be hashed the password is, which may have any length: so it cannot be had from node:crypto.
 */
export function signEd25519(password: string, nonce: Buffer): Buffer {
  if (nonce.length !== NONCE_BYTES) {
    throw wireError('target_protocol_violation', `The plugin ${CLIENT_ED25519} has a nonce of 32 bytes.`);
  }
  if (password === '') return Buffer.alloc(0);
  const expanded = sha512(Buffer.from(password, 'utf8'));
  const secret = clamped(expanded.subarray(0, KEY_BYTES));
  const once = scalarOf(sha512(expanded.subarray(KEY_BYTES), nonce));
  const publicKey = BASE.multiply(secret).toBytes();
  const point = BASE.multiply(once).toBytes();
  const challenge = scalarOf(sha512(point, publicKey, nonce));
  return Buffer.concat([point, numberToBytesLE(Fn.add(once, Fn.mul(challenge, secret)), KEY_BYTES)]);
}

/** https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5, and below the group's order: the point is the same. */
function clamped(half: Buffer): bigint {
  const bytes = Buffer.from(half);
  bytes[0] = bytes.readUInt8(0) & 0xf8;
  bytes[31] = (bytes.readUInt8(31) & 0x7f) | 0x40;
  return scalarOf(bytes);
}

function scalarOf(bytes: Buffer): bigint {
  return Fn.create(bytesToNumberLE(bytes));
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
