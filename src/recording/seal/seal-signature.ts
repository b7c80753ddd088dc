import { compactVerify, errors, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { isSealKeyPoint } from './ed25519-key.js';
import { keyIdOf, publicKeySchema, SEAL_ALGORITHM, SEAL_TYPE, sealHeader, type SignatureType } from './signer.js';

const headerSchema = z.strictObject({
  alg: z.literal(SEAL_ALGORITHM),
  kid: z.string(),
  jwk: publicKeySchema,
  typ: z.string(),
});

export type SignatureCheck =
  | { readonly keyId: string; readonly keyTrusted: boolean }
  | { readonly where: 'signature' | 'manifest'; readonly wrong: string };

/**
 * Checks that the compact JWS is a seal over exactly `payload`, by the key that it carries, and whether that is one of
 * `trustedKeys`. A signature in any other than the one encoding is wrong.
 */
export async function checkSignature(
  jws: string,
  payload: Buffer,
  trustedKeys: readonly JWK[] | undefined,
): Promise<SignatureCheck> {
  const signed = await readSigned(jws, SEAL_TYPE);
  if ('wrong' in signed) return { where: 'signature', wrong: signed.wrong };
  const { keyId } = signed;
  if (!signed.payload.equals(payload)) return { where: 'manifest', wrong: 'It is not what was signed.' };
  const keyTrusted = await isAmong(keyId, trustedKeys ?? []);
  if (trustedKeys !== undefined && !keyTrusted) {
    return { where: 'signature', wrong: `The recording was signed by an unknown key (${keyId}).` };
  }
  return { keyId, keyTrusted };
}

/** What a key has signed, or what of the signature does not hold. */
export type SignedBody = { readonly keyId: string; readonly payload: Buffer } | { readonly wrong: string };

/** Checks that the compact JWS is of this type and made by the key that it carries; whose key that is, is not asked. */
export async function readSigned(jws: string, type: SignatureType): Promise<SignedBody> {
  const parts = jws.split('.');
  const [header, body] = parts;
  if (parts.length !== 3 || header === undefined || body === undefined || !parts.every(isCanonical)) {
    return broken('It is not a compact JWS in canonical base64url.');
  }
  const parsed = parseHeader(header);
  if (parsed?.typ !== type) return broken('Its header is not that of a seal.');
  if (!isSealKeyPoint(Buffer.from(parsed.jwk.x, 'base64url'))) return broken('The key it carries is none of a seal.');
  const keyId = await keyIdOf(parsed.jwk);
  if (parsed.kid !== keyId) return broken('Its kid is not the thumbprint of the key it carries.');
  if (Buffer.from(header, 'base64url').toString('utf8') !== JSON.stringify(sealHeader(keyId, parsed.jwk, type))) {
    return broken('Its header is not in the canonical form.');
  }
  if (!(await signatureHolds(jws, parsed.jwk))) return broken('It was not made by the key it carries.');
  return { keyId, payload: Buffer.from(body, 'base64url') };
}

function broken(wrong: string): SignedBody {
  return { wrong };
}

async function signatureHolds(jws: string, jwk: z.infer<typeof publicKeySchema>): Promise<boolean> {
  try {
    await compactVerify(jws, await importJWK(jwk, SEAL_ALGORITHM), { algorithms: [SEAL_ALGORITHM] });
    return true;
  } catch (error) {
    // A key or a signature that the curve does not have comes from the one who made the file.
    if (error instanceof errors.JOSEError || error instanceof DOMException) return false;
    throw error;
  }
}

function parseHeader(encoded: string): z.infer<typeof headerSchema> | undefined {
  try {
    return headerSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Says whether the key of this id is one of these keys. */
export async function isAmong(keyId: string, keys: readonly JWK[]): Promise<boolean> {
  for (const key of keys) {
    const { kty, crv, x } = key;
    const parsed = publicKeySchema.safeParse({ kty, crv, x });
    if (parsed.success && (await keyIdOf(parsed.data)) === keyId) return true;
  }
  return false;
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
