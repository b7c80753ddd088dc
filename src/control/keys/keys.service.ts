import { Injectable } from '@nestjs/common';
import type { KeySetView } from '../../contracts/recordings/key.js';
import { parsePublicJwk } from '../../keys/okp-jwk.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';

/** The public keys that recordings verify with. */
@Injectable()
export class KeysService {
  constructor(private readonly keys: PublishedKeyRepository) {}

  async list(): Promise<KeySetView> {
    const published = await this.keys.list('seal');
    return { keys: published.map(({ jwk }) => ({ ...parsePublicJwk(jwk, 'Ed25519'), use: 'sig', alg: 'EdDSA' })) };
  }
}
