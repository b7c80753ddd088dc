import type { SealKey } from '../../keys/seal-key.js';
import { sealHeader, type Signer } from '../../recording/seal/signer.js';

/** Signs seals with the broker's own key: a compact JWS, RFC 7515. */
export function sealSigner(key: SealKey): Signer {
  const { kty, crv, x } = key.publicJwk;
  const publicKey = { kty, crv, x };
  return {
    keyId: key.kid,
    publicKey,
    sign: async (payload, type) => {
      const header = Buffer.from(JSON.stringify(sealHeader(key.kid, publicKey, type))).toString('base64url');
      const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
      return `${input}.${key.sign(Buffer.from(input)).toString('base64url')}`;
    },
  };
}
