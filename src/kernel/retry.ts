import { setTimeout as pause } from 'node:timers/promises';

export interface Retry {
  /** The pause after the first failure; each further one is twice as long, up to the most. Without it there is none. */
  readonly pauseMs?: { readonly first: number; readonly max: number };
  /** Whether work that failed is tried again, after `pauseMs`. It may throw what says more than the failure itself. */
  readonly isWorthIt: (error: unknown, failed: { readonly tries: number; readonly pauseMs: number }) => boolean;
  /** Default true; else the process may end during a pause. */
  readonly keepsProcess?: boolean;
}

/** Does work, again as long as it fails and that is worth it; then it fails as the work did last. */
export async function retried<T>(work: () => Promise<T>, options: Retry): Promise<T> {
  const { pauseMs: { first, max } = { first: 0, max: 0 }, isWorthIt, keepsProcess = true } = options;
  for (let tries = 1, pauseMs = first; ; tries += 1, pauseMs = Math.min(pauseMs * 2, max)) {
    try {
      return await work();
    } catch (error) {
      if (!isWorthIt(error, { tries, pauseMs })) throw error;
    }
    if (pauseMs > 0) await pause(pauseMs, undefined, { ref: keepsProcess });
  }
}
