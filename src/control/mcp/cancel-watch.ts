import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PrincipalId } from '../../kernel/brand.js';

/** The header by which a client of the revision 2025-11-25 says which of its messages belong together. */
export const SESSION_HEADER = 'mcp-session-id';
const SESSION_BYTES = 16;
const SESSION_ID = /^[\w-]{1,64}$/;
/** Requests that may be cancelled; of more than that, the last ones end only by themselves. */
const REQUESTS_MAX = 10_000;

const requestId = z.union([z.string().max(255), z.number()]);
const opening = z.looseObject({ method: z.literal('initialize') });
const cancelled = z.looseObject({
  method: z.literal('notifications/cancelled'),
  params: z.looseObject({ requestId }),
});
const request = z.looseObject({ id: requestId, method: z.string() });

/** Who sent a message, and what it says; a session that nobody named is null. */
export interface SentMessage {
  readonly principal: PrincipalId;
  readonly session: string | null;
  readonly body: unknown;
}

export interface RunningMessage {
  readonly signal: AbortSignal;
  /** To be called when the answer is out. */
  readonly end: () => void;
}

/** The session that a header names; null: none that could be ours. */
export function sessionIn(header: string | null): string | null {
  return header !== null && SESSION_ID.test(header) ? header : null;
}

/** A new session for the answer to a message that opens one. Nothing is kept of it, and it gives no right to anything. */
export function newSessionFor({ body }: Pick<SentMessage, 'body'>): string | undefined {
  return opening.safeParse(body).success ? randomBytes(SESSION_BYTES).toString('base64url') : undefined;
}

/**
 * In the revision 2025-11-25 a client cancels a request by another message, and leaves the connection of the first open.
 * A request is found by its id in the session of the same principal: ids of two hosts of one principal are the same.
 */
export class CancelWatch {
  readonly #running = new Map<string, Set<AbortController>>();
  #count = 0;

  /** Ends what a message cancels, if that runs in this process. */
  note(message: SentMessage): void {
    const parsed = cancelled.safeParse(message.body);
    const key = parsed.success ? keyOf(message, parsed.data.params.requestId) : undefined;
    for (const controller of this.#running.get(key ?? '') ?? []) controller.abort();
  }

  /** A message that is answered from now on: its signal is aborted when another one cancels it. */
  begin(message: SentMessage): RunningMessage {
    const controller = new AbortController();
    const parsed = request.safeParse(message.body);
    const key = parsed.success ? keyOf(message, parsed.data.id) : undefined;
    if (key === undefined || this.#count >= REQUESTS_MAX) return { signal: controller.signal, end: () => undefined };
    this.#running.set(key, (this.#running.get(key) ?? new Set()).add(controller));
    this.#count += 1;
    return { signal: controller.signal, end: () => this.#end(key, controller) };
  }

  #end(key: string, controller: AbortController): void {
    const running = this.#running.get(key);
    if (running?.delete(controller) !== true) return;
    this.#count -= 1;
    if (running.size === 0) this.#running.delete(key);
  }
}

function keyOf({ principal, session }: SentMessage, id: string | number): string | undefined {
  return session === null ? undefined : JSON.stringify([principal, session, id]);
}
