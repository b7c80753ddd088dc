import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';
import { OperatorError } from '../kernel/operator-error.js';

/** The two curves in use: one to agree on a key (envelopes), one to sign (seals). RFC 8037. */
export type Curve = 'X25519' | 'Ed25519';

const KEY_BYTES = 32;
const coordinate = z
  .string()
  .regex(/^[\w-]+$/)
  .refine((text) => Buffer.from(text, 'base64url').length === KEY_BYTES, { error: `must hold ${KEY_BYTES} bytes` });

/** The half of a key that everybody may see. `kid` is its RFC 7638 thumbprint. */
export interface PublicJwk<C extends Curve = Curve> {
  readonly kty: 'OKP';
  readonly crv: C;
  readonly x: string;
  readonly kid: string;
}

export interface PrivateJwk<C extends Curve = Curve> extends PublicJwk<C> {
  readonly d: string;
}

/** A new private key as the text of a JWK. */
export function makeJwkText(curve: Curve): string {
  const { privateKey } = curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  return `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`;
}

/**
 * Reads a private key of a curve.
 * @throws OperatorError that says what `origin` should have held, never what it holds
 */
export async function parsePrivateJwk<C extends Curve>(text: string, curve: C, origin: string): Promise<PrivateJwk<C>> {
  const parsed = privateJwkOf(curve).safeParse(jsonOf(text));
  if (!parsed.success) throw new OperatorError(`${origin} does not hold a private ${curve} key as a JWK.`);
  const { kty, crv, x, d } = parsed.data;
  return { kty, crv, x, d, kid: await calculateJwkThumbprint({ kty, crv, x }, 'sha256') };
}

/** Reads a public key of a curve, as it was published. */
export function parsePublicJwk<C extends Curve>(value: unknown, curve: C): PublicJwk<C> {
  return publicJwkOf(curve).parse(value);
}

/** The public half: field by field, so that nothing else can slip through. */
export function publicHalf<C extends Curve>({ kty, crv, x, kid }: PrivateJwk<C>): PublicJwk<C> {
  return { kty, crv, x, kid };
}

function privateJwkOf<C extends Curve>(curve: C) {
  return z.object({ kty: z.literal('OKP'), crv: z.literal(curve), x: coordinate, d: coordinate });
}

function publicJwkOf<C extends Curve>(curve: C) {
  return z.object({ kty: z.literal('OKP'), crv: z.literal(curve), x: coordinate, kid: z.string() });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no key either; the caller says so without quoting the text
  }
}
