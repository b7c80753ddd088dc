import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { keyFilePath, obtainKey } from './key-files.js';
import { publicHalf, type PrivateJwk, type PublicJwk } from './okp-jwk.js';

/** The key that signs sealed recordings (Ed25519, RFC 8032). */
export class SealKey {
  readonly publicJwk: PublicJwk<'Ed25519'>;
  readonly #key: KeyObject;

  constructor(privateJwk: PrivateJwk<'Ed25519'>) {
    const { kty, crv, x, d } = privateJwk;
    this.#key = createPrivateKey({ format: 'jwk', key: { kty, crv, x, d } });
    this.publicJwk = publicHalf(privateJwk);
  }

  get kid(): string {
    return this.publicJwk.kid;
  }

  /** The 64 bytes of the signature over `message`. */
  sign(message: Uint8Array): Buffer {
    return sign(null, message, this.#key);
  }
}

/** The seal key that is configured, or that of the directory of keys; made at the first start. */
export async function loadSealKey(config: {
  readonly SEAL_KEY?: string | undefined;
  readonly KEYS_DIR: string;
}): Promise<SealKey> {
  return new SealKey(
    await obtainKey({
      curve: 'Ed25519',
      configured: config.SEAL_KEY,
      variable: 'SEAL_KEY',
      path: keyFilePath(config.KEYS_DIR, 'seal'),
    }),
  );
}
