import { parsePublicJwk } from '../../keys/okp-jwk.js';
import type { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';

/** What a signature is checked with. */
export interface SealPublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** The public keys of all seals that the broker has published, those that were replaced too. */
export async function publishedSealKeys(keys: PublishedKeyRepository): Promise<readonly SealPublicKey[]> {
  const published = await keys.list('seal');
  return published.map(({ jwk }) => {
    const { kty, crv, x } = parsePublicJwk(jwk, 'Ed25519');
    return { kty, crv, x };
  });
}
