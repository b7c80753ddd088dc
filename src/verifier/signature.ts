import { sha256 } from '@noble/hashes/sha2.js';
import { anyTextOf, base64urlOf, bytesOf, bytesOfBase64url, equalBytes, latin1Of } from './bytes.js';
import { isKeyPoint } from './key-point.js';
import { isFields } from './shape.js';
import { fail, VerifierError } from './verdict.js';

/** A public key as `GET /v1/keys` lists it; whatever else stands in it says nothing here. */
export interface ListedKey {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
}

export interface SignedBy {
  /** RFC 7638 thumbprint of the key. */
  readonly keyId: string;
  readonly keyTrusted: boolean;
}

const COORDINATE = /^[0-9A-Za-z_-]{43}$/;
const SIGNATURE_BYTES = 64;

/**
 * Checks that `signature` is a seal over exactly `manifest`, made by the key that it carries, and whether that is one of
 * `keys`. Throws `NotHolding`; with keys given, for any other key too.
 */
export async function checkSignature(
  signature: Uint8Array,
  manifest: Uint8Array,
  keys: readonly ListedKey[] | undefined,
): Promise<SignedBy> {
  const parts = latin1Of(signature).split('.');
  const [header, payload, made] = parts.map(bytesOfBase64url);
  if (parts.length !== 3 || header === undefined || payload === undefined || made === undefined) {
    return broken('It is not a compact JWS in canonical base64url.');
  }
  const { x, kid } = readHeader(header);
  const point = bytesOfBase64url(x);
  if (point === undefined || !isKeyPoint(point)) return broken('The key it carries is none of a seal.');
  const keyId = thumbprintOf(x);
  if (kid !== keyId) return broken('Its kid is not the thumbprint of the key it carries.');
  if (!equalBytes(header, bytesOf(headerText(keyId, x)))) return broken('Its header is not in the canonical form.');
  if (!(await holds(point, made, bytesOf(parts.slice(0, 2).join('.'))))) {
    return broken('It was not made by the key it carries.');
  }
  if (!equalBytes(payload, manifest)) fail('manifest', 'It is not what was signed.');
  const keyTrusted = (keys ?? []).some((key) => isListed(key) && thumbprintOf(key.x) === keyId);
  if (keys !== undefined && !keyTrusted) broken(`The recording was signed by an unknown key (${keyId}).`);
  return { keyId, keyTrusted };
}

function broken(what: string): never {
  return fail('signature', what);
}

/** The one form of the protected header. */
function headerText(kid: string, x: string): string {
  return JSON.stringify({ alg: 'EdDSA', kid, jwk: { kty: 'OKP', crv: 'Ed25519', x }, typ: 'doorwarden-seal+jws' });
}

/** The coordinate and the key's id of a header that has what a seal's has; its form is compared later. */
function readHeader(header: Uint8Array): { readonly x: string; readonly kid: string } {
  const json = jsonOf(header);
  const jwk = isFields(json) ? json['jwk'] : undefined;
  const kid = isFields(json) ? json['kid'] : undefined;
  const isSeal = isFields(json) && json['alg'] === 'EdDSA' && json['typ'] === 'doorwarden-seal+jws';
  const hasNothingElse = isSeal && isFields(jwk) && Object.keys(json).length === 4 && Object.keys(jwk).length === 3;
  if (!hasNothingElse || !isListed(jwk) || typeof kid !== 'string') return broken('Its header is not that of a seal.');
  return { x: jwk.x, kid };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(anyTextOf(bytes));
  } catch {
    return undefined;
  }
}

function isListed(key: ListedKey): key is ListedKey & { readonly x: string } {
  return key.kty === 'OKP' && key.crv === 'Ed25519' && typeof key.x === 'string' && COORDINATE.test(key.x);
}

/** https://www.rfc-editor.org/rfc/rfc7638 */
function thumbprintOf(x: string): string {
  return base64urlOf(sha256(bytesOf(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))));
}

/** Ed25519 as the platform has it. @throws VerifierError where it has none. */
async function holds(
  point: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new VerifierError(
      'Signatures cannot be checked here: a browser does that on pages of HTTPS or loopback only.',
    );
  }
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = await subtle.importKey('raw', point, 'Ed25519', false, ['verify']);
    return await subtle.verify('Ed25519', key, signature, message);
  } catch (error) {
    // A key that the curve does not have comes from the one who made the file.
    if (error instanceof DOMException && error.name !== 'NotSupportedError') return false;
    throw new VerifierError('This browser, or this Node.js, does not know Ed25519.', error);
  }
}
