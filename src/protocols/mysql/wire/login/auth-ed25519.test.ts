import { createPublicKey, randomBytes, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signEd25519 } from './auth-ed25519.js';

/** What a MariaDB 10.11 keeps in mysql.global_priv for `IDENTIFIED VIA ed25519 USING PASSWORD('secret')`. */
const KEPT = 'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY';

const keyOf = (base64: string) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(base64, 'base64').toString('base64url') },
    format: 'jwk',
  });

describe('client_ed25519', () => {
  it('signs so that the key which the server keeps verifies it, and no other nonce', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const nonce = Buffer.from(bytes);
        const signature = signEd25519('secret', nonce);
        expect(verify(null, nonce, keyOf(KEPT), signature)).toBe(true);
        nonce[31] = nonce.readUInt8(31) ^ 1;
        expect(verify(null, nonce, keyOf(KEPT), signature)).toBe(false);
        expect(verify(null, Buffer.from(bytes), keyOf(KEPT), signEd25519('secres', Buffer.from(bytes)))).toBe(false);
      }),
      { seed: 61, numRuns: 30 },
    );
  });

  it('signs the same nonce the same way', () => {
    const nonce = randomBytes(32);
    expect(signEd25519('žluť, longer than the 32 bytes of a key', nonce)).toEqual(
      signEd25519('žluť, longer than the 32 bytes of a key', nonce),
    );
  });

  it('has nothing to sign with where there is no password', () => {
    expect(signEd25519('', randomBytes(32))).toHaveLength(0);
  });

  it.each([0, 20, 31, 33, 64])('signs nothing that is no nonce, such as %i bytes', (length) => {
    expect(() => signEd25519('secret', randomBytes(length))).toThrow(/^target_protocol_violation/);
  });
});
