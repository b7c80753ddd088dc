import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OneTimeStore } from '../one-time-store.js';

/** How long a person may take to sign in at the provider. */
export const REQUEST_MS_MAX = 600_000;

const openRequest = z.strictObject({
  provider: z.string(),
  /** Its SHA-256: who reads the store cannot bring an answer for somebody's browser. */
  relayState: z.string(),
  requestedAtMs: z.int(),
  isFresh: z.boolean(),
});

/** A request that was sent and not answered yet. */
export type OpenRequest = Readonly<z.infer<typeof openRequest>>;

/** Remembers a request by its id, for all processes. */
export async function openRequestAs(oneTime: OneTimeStore, id: string, request: OpenRequest): Promise<void> {
  await oneTime.put(requestKey(id), JSON.stringify(request), REQUEST_MS_MAX);
}

/** Takes a request out: of all who ask, in whatever process, one gets it. */
export async function takeOpenRequest(oneTime: OneTimeStore, id: string): Promise<OpenRequest | undefined> {
  const text = await oneTime.take(requestKey(id));
  return text === undefined ? undefined : openRequest.parse(JSON.parse(text));
}

/** True for the first who claims the assertion until `ttlMs` have passed. */
export async function claimAssertion(
  oneTime: OneTimeStore,
  { issuer, id, ttlMs }: { readonly issuer: string; readonly id: string; readonly ttlMs: number },
): Promise<boolean> {
  const name = hashOf(JSON.stringify([issuer, id]));
  return await oneTime.claim(`saml:assertion:${name}`, Math.max(1, Math.ceil(ttlMs)));
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function requestKey(id: string): string {
  return `saml:request:${hashOf(id)}`;
}
