import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { OperatorError } from '../kernel/operator-error.js';
import { keyFilePath, obtainKey } from './key-files.js';
import { publicHalf, type PrivateJwk } from './okp-jwk.js';

const ALGORITHM = 'ECDH-ES+A256KW';
const ENCRYPTION = 'A256GCM';
/** Parts what is derived here from whatever else may be derived from the key one day. */
const DERIVED_FOR = 'doorwarden kept connection 1';
const DERIVED_BYTES = 24;
const LIMITS = { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION] };

export interface ProviderKeySettings {
  readonly PROVIDER_KEY?: string | undefined;
  readonly KEYS_DIR: string;
}

/** What a client secret is bound to: it opens for no other provider, and is sent to no other issuer. */
export interface SecretLabel {
  readonly provider: string;
  readonly issuer: string;
  readonly clientId: string;
}

/** What a derived secret is bound to: a grant's, for its principal, at its task account. */
export interface DerivedLabel {
  readonly grant: string;
  readonly principal: string;
  readonly account: string;
}

/**
 * The key with which the apis keep the client secrets of identity providers, and from which the secrets follow that the
 * MCP server logs in with. It opens no password of a target.
 */
export class ProviderKey {
  readonly #privateJwk: PrivateJwk<'X25519'>;

  constructor(privateJwk: PrivateJwk<'X25519'>) {
    this.#privateJwk = privateJwk;
  }

  /** A compact JWE (RFC 7516) whose header, which is authenticated, carries the label. */
  async seal(secret: string, label: SecretLabel): Promise<string> {
    const { kid } = this.#privateJwk;
    return new CompactEncrypt(new TextEncoder().encode(secret))
      .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid, for: labelText(label) })
      .encrypt({ ...publicHalf(this.#privateJwk) });
  }

  /**
   * A secret that follows from the key and a label, and from nothing else: anyone who has the key can make it again, and
   * nobody finds the key by it. HKDF with SHA-256 (RFC 5869), 24 bytes as base64url.
   */
  derive(label: DerivedLabel): string {
    const key = Buffer.from(this.#privateJwk.d, 'base64url');
    const info = JSON.stringify([DERIVED_FOR, label.grant, label.principal, label.account]);
    return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, DERIVED_BYTES)).toString('base64url');
  }

  /** @throws OperatorError when it was sealed with another key, or for another provider */
  async open(sealed: string, label: SecretLabel): Promise<string> {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, { ...this.#privateJwk }, LIMITS);
      if (protectedHeader['for'] === labelText(label))
        return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    } catch {
      // Whatever the reason, the secret is not to be had.
    }
    throw new OperatorError(
      `The client secret of ${label.provider} cannot be read with this PROVIDER_KEY; bring the key back, or give the secret again.`,
    );
  }
}

/** The provider key that is configured, or that of the directory of keys; made when it is first needed. */
export async function loadProviderKey({ PROVIDER_KEY, KEYS_DIR }: ProviderKeySettings): Promise<ProviderKey> {
  return new ProviderKey(
    await obtainKey({
      curve: 'X25519',
      configured: PROVIDER_KEY,
      variable: 'PROVIDER_KEY',
      path: keyFilePath(KEYS_DIR, 'provider'),
    }),
  );
}

function labelText({ provider, issuer, clientId }: SecretLabel): string {
  return JSON.stringify([provider, issuer, clientId]);
}
