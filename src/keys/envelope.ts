import { createHash } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { BrokerError } from '../kernel/errors.js';
import { isKeyThere, keyFilePath, obtainKey } from './key-files.js';
import { publicHalf, type PrivateJwk, type PublicJwk } from './okp-jwk.js';

const ALGORITHM = 'ECDH-ES+A256KW';
const ENCRYPTION = 'A256GCM';

/** What a password is bound to: an envelope opens only for the target, the endpoint and the account it was sealed for. */
export interface EnvelopeLabel {
  readonly targetId: string;
  readonly host: string;
  readonly port: number;
  /** How the target proves who it is before it is sent a password. */
  readonly tls: { readonly mode: string; readonly ca?: string | undefined; readonly serverName?: string | undefined };
  readonly username: string;
}

/**
 * Seals a target's password to the gateways' and workers' key: a compact JWE (RFC 7516) whose protected header, which is
 * authenticated, names the target (`tid`), its endpoint (`ep`), and by a digest all that decides who gets the password
 * (`bnd`).
 */
export async function sealPassword(password: string, label: EnvelopeLabel, key: PublicJwk<'X25519'>): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(password))
    .setProtectedHeader({
      alg: ALGORITHM,
      enc: ENCRYPTION,
      kid: key.kid,
      tid: label.targetId,
      ep: endpointOf(label),
      bnd: bindingOf(label),
    })
    .encrypt({ ...key });
}

export interface EnvelopeKeySettings {
  readonly ENVELOPE_KEY?: string | undefined;
  readonly KEYS_DIR: string;
}

/**
 * Seals another secret of the broker to the same key. Its protected header carries what it is for, and it opens for nothing
 * else; no target's password opens as one.
 */
export async function sealSecret(secret: string, purpose: string, key: PublicJwk<'X25519'>): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(secret))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: key.kid, for: purpose })
    .encrypt({ ...key });
}

/** The key that opens envelopes; only gateways and workers hold one. */
export class EnvelopeKey {
  readonly publicJwk: PublicJwk<'X25519'>;
  readonly #privateJwk: PrivateJwk<'X25519'>;

  constructor(privateJwk: PrivateJwk<'X25519'>) {
    this.#privateJwk = privateJwk;
    this.publicJwk = publicHalf(privateJwk);
  }

  /** The password in an envelope. @throws BrokerError `target_credential_missing` when it is not for this key and label */
  async open(envelope: string, label: EnvelopeLabel): Promise<string> {
    const header = headerOf(envelope);
    if (header?.kid !== this.publicJwk.kid) throw unusable('It was encrypted for another envelope key.');
    if (header.tid !== label.targetId || header.ep !== endpointOf(label)) {
      throw unusable('It was stored for another target or endpoint.');
    }
    if (header.bnd === undefined) {
      throw unusable(
        'An earlier version stored it, which did not bind it to TLS and user name: give the password again.',
      );
    }
    if (header.bnd !== bindingOf(label)) throw unusable('It was stored for another TLS mode, CA, server or user name.');
    try {
      const { plaintext } = await compactDecrypt(envelope, { ...this.#privateJwk }, limits);
      return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    } catch (cause) {
      throw unusable('It cannot be decrypted.', cause);
    }
  }

  /** What {@link sealSecret} has sealed for a purpose; undefined when it is not for this key and purpose. */
  async openSecret(sealed: string, purpose: string): Promise<string | undefined> {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, { ...this.#privateJwk }, limits);
      return protectedHeader['for'] === purpose
        ? new TextDecoder('utf-8', { fatal: true }).decode(plaintext)
        : undefined;
    } catch {
      return undefined; // of another key, or no envelope at all
    }
  }
}

/** The id of the key that an envelope was sealed to; undefined for what is no envelope. */
export function envelopeKeyId(envelope: string): string | undefined {
  const kid = headerOf(envelope)?.['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

export function isEnvelopeKeyThere({ ENVELOPE_KEY, KEYS_DIR }: EnvelopeKeySettings): boolean {
  return isKeyThere({ configured: ENVELOPE_KEY, path: keyFilePath(KEYS_DIR, 'envelope') });
}

/** The envelope key that is configured, or that of the directory of keys; made at the first start. */
export async function loadEnvelopeKey(config: EnvelopeKeySettings): Promise<EnvelopeKey> {
  return new EnvelopeKey(
    await obtainKey({
      curve: 'X25519',
      configured: config.ENVELOPE_KEY,
      variable: 'ENVELOPE_KEY',
      path: keyFilePath(config.KEYS_DIR, 'envelope'),
    }),
  );
}

const limits = { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION] };

function headerOf(envelope: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return { ...decodeProtectedHeader(envelope) };
  } catch {
    return undefined; // not an envelope at all: the caller refuses it like one of another key
  }
}

function unusable(detail: string, cause?: unknown): BrokerError {
  return new BrokerError('target_credential_missing', {
    detail: `The stored credential cannot be used. ${detail}`,
    cause,
  });
}

/** SHA-256 over all of it in one fixed form. */
function bindingOf({ host, port, tls, username }: EnvelopeLabel): string {
  const { mode, ca = null, serverName = null } = tls;
  return createHash('sha256')
    .update(JSON.stringify([host, port, mode, ca, serverName, username]))
    .digest('base64url');
}

function endpointOf({ host, port }: EnvelopeLabel): string {
  return `${host}:${port}`;
}
