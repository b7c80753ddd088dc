import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

/** Signs seals, and checkpoints of the administrative record. An implementation may keep its key elsewhere. */
export interface Signer {
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string;
  readonly publicKey: PublicKey;
  /** A compact JWS over exactly these bytes; the type, by default that of a seal, says what they are. */
  sign(payload: Uint8Array, type?: SignatureType): Promise<string>;
}

/** An Ed25519 public key as a JWK with nothing else in it. https://www.rfc-editor.org/rfc/rfc8037 */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** 32 bytes in base64url. */
const coordinate = z.string().regex(/^[0-9A-Za-z_-]{43}$/);

export const publicKeySchema = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate });
const privateKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: coordinate,
  d: coordinate,
});

export const SEAL_ALGORITHM = 'EdDSA';
export const SEAL_TYPE = 'doorwarden-seal+jws';
export const CHECKPOINT_TYPE = 'doorwarden-checkpoint+jws';
/** What is signed: nothing that was signed as one can be shown as the other. */
export type SignatureType = typeof SEAL_TYPE | typeof CHECKPOINT_TYPE;

/** A signer for an Ed25519 private JWK; throws when the key is anything else. */
export async function jwkSigner(privateJwk: JWK): Promise<Signer> {
  const { d, ...publicKey } = privateKeySchema.parse(privateJwk);
  const key = await importJWK({ ...publicKey, d }, SEAL_ALGORITHM);
  const keyId = await keyIdOf(publicKey);
  return {
    keyId,
    publicKey,
    sign: (payload, type) => new CompactSign(payload).setProtectedHeader(sealHeader(keyId, publicKey, type)).sign(key),
  };
}

/** A new private key for seals, as a JWK. */
export async function generateSealKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(SEAL_ALGORITHM, { crv: 'Ed25519', extractable: true });
  return exportJWK(privateKey);
}

/** The RFC 7638 thumbprint, SHA-256, base64url. */
export function keyIdOf(publicKey: PublicKey): Promise<string> {
  return calculateJwkThumbprint({ ...publicKey }, 'sha256');
}

/** The protected header of a seal or checkpoint; its JSON in this order is the only one that verifies. */
export function sealHeader(keyId: string, { kty, crv, x }: PublicKey, type: SignatureType = SEAL_TYPE) {
  return { alg: SEAL_ALGORITHM, kid: keyId, jwk: { kty, crv, x }, typ: type };
}
