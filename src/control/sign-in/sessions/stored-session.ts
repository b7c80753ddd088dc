import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deviceNames } from '../../../contracts/sign-in/device.js';
import { PROVIDER_KINDS, type VerifiedIdentity } from '../../../domain/identity/verified-identity.js';
import type { PrincipalId } from '../../../kernel/brand.js';

const SECRET_BYTES = 32;
const SECRET_FORM = /^[\w-]{43}$/;
const DEVICE_PREFIX = 'dws_';
const DEVICE_FORM = /^dws_[\w-]{43}$/;
const PUBLIC_CHARACTERS = 16;

const principalId = z.custom<PrincipalId>((id) => typeof id === 'string' && /^[0-9a-z]{26}$/.test(id));
const ms = z.int().nonnegative();

/** A {@link VerifiedIdentity} that was kept. */
export const verifiedIdentity: z.ZodType<VerifiedIdentity> = z.strictObject({
  provider: z.string(),
  kind: z.enum(PROVIDER_KINDS),
  issuer: z.string(),
  subject: z.string(),
  claims: z.record(z.string(), z.json()),
  authAtMs: ms.nullable(),
  acr: z.string().nullable(),
  amr: z.array(z.string()).readonly(),
  email: z.string().nullable(),
  displayName: z.string().nullable(),
  untilMs: ms.nullable(),
  providerSession: z.string().nullable(),
});

/** A session as it stands in Redis. Neither the cookie nor any token of a provider is in it. */
export const storedSession = z.strictObject({
  principal: principalId,
  /** What the provider said when the person signed in: each request computes roles of it. Null: a one-time link let them in. */
  identity: verifiedIdentity.nullable(),
  /** When the person proved who they are. */
  authAtMs: ms,
  createdAtMs: ms,
  /** The last request that counts, to the minute. */
  lastSeenMs: ms,
  /** The end that nothing moves: the provider's or the link's own. */
  untilMs: ms.nullable(),
  address: z.string(),
  userAgent: z.string(),
  /** The principal's number when it signed in; all its sessions with another one have ended. */
  epoch: z.int().nonnegative(),
  /** The command line that somebody with a browser let in, as it called itself; absent: it is a browser. */
  device: deviceNames.optional(),
});
export type StoredSession = Readonly<z.infer<typeof storedSession>>;

/** A session that is there, and by which names: the SHA-256 of its secret, and the beginning of it, which may be shown. */
export interface OpenSession extends StoredSession {
  readonly hash: string;
  readonly id: string;
}

/** 256 bits that nobody can guess, in base64url. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function isSecret(text: string): boolean {
  return SECRET_FORM.test(text);
}

/** The secret of a session of the command line: its form says that it is no cookie, no API key and no token. */
export function newDeviceSecret(): string {
  return `${DEVICE_PREFIX}${newSecret()}`;
}

/** Whether a bearer credential means to be such a secret. */
export function isMeantAsDevice(credential: string): boolean {
  return credential.startsWith(DEVICE_PREFIX);
}

export function isDeviceSecret(text: string): boolean {
  return DEVICE_FORM.test(text);
}

/** What stands for a secret wherever the broker keeps one: its SHA-256 in hex. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The beginning of a session's hash: enough to tell the sessions of one principal apart, and of no use to anybody else. */
export function publicIdOf(hash: string): string {
  return hash.slice(0, PUBLIC_CHARACTERS);
}

/** The session in a text of Redis; undefined for anything else that somebody wrote there. */
export function sessionIn(text: string, hash: string): OpenSession | undefined {
  try {
    return { ...storedSession.parse(JSON.parse(text)), hash, id: publicIdOf(hash) };
  } catch {
    return undefined; // nobody is let in by what cannot be read
  }
}
