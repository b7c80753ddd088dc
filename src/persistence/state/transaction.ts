import { EntityManager } from 'typeorm';
import { retried } from '../../kernel/retry.js';
import { atState, codeOf } from './at-state.js';
import type { StateAccess } from './state-transaction.js';

/** The server chose this transaction to give way; nothing of it happened, and at once it may go through. */
const GAVE_WAY: ReadonlySet<string> = new Set(['ER_LOCK_DEADLOCK', 'ER_CHECKREAD']);
const TRIES_MAX = 4;

/**
 * Runs work in one transaction, again when the server made it give way: nothing outside of the database may happen in it.
 * Anyone who locks several rows locks the grant's first, then its approvals by their ids, and the head of the
 * administrative record last. Within a transaction that somebody has begun it is a part of that one.
 * @throws BrokerError `state_unavailable`
 */
export async function inTransaction<T>(at: StateAccess, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  // A server that makes a part give way takes back the whole: only the one who began it can begin again.
  if (at instanceof EntityManager) return work(at);
  return againIfItGaveWay(() => at.transaction(work));
}

/**
 * Runs one statement that is a transaction of its own, or one whole transaction, again when the server made it give way:
 * nothing of it happened then. @throws BrokerError `state_unavailable`
 */
export async function againIfItGaveWay<T>(work: () => Promise<T>): Promise<T> {
  return atState(() =>
    retried(work, {
      isWorthIt: (error, { tries }) => tries < TRIES_MAX && GAVE_WAY.has(causeOf(error) ?? ''),
    }),
  );
}

/** Work inside has its own failures named already, as `state_unavailable` with the server's code in its cause. */
function causeOf(error: unknown): string | undefined {
  const isWrapped = error instanceof Error && error.cause instanceof Error;
  return codeOf(isWrapped ? error.cause : error);
}
