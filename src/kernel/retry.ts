import { setTimeout as pause } from 'node:timers/promises';

export interface Retry {
  /** The pause after the first failure; each further one is twice as long, up to the most. Without it there is none. */
  readonly pauseMs?: { readonly first: number; readonly max: number };
  /** The least that a failure itself says to pause, if it does. */
  readonly pauseMsMin?: (error: unknown) => number;
  /** Whether work that failed is tried again, after `pauseMs`. It may throw what says more than the failure itself. */
  readonly isWorthIt: (error: unknown, failed: { readonly tries: number; readonly pauseMs: number }) => boolean;
  /** Default true; else the process may end during a pause. */
  readonly keepsProcess?: boolean;
  /** Ends a pause: then it fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Does work, again as long as it fails and that is worth it; then it fails as the work did last. */
export async function retried<T>(work: () => Promise<T>, options: Retry): Promise<T> {
  const {
    pauseMs: { first, max } = { first: 0, max: 0 },
    pauseMsMin,
    isWorthIt,
    keepsProcess = true,
    signal,
  } = options;
  for (let tries = 1, plannedMs = first; ; tries += 1, plannedMs = Math.min(plannedMs * 2, max)) {
    let pauseMs = plannedMs;
    try {
      return await work();
    } catch (error) {
      pauseMs = Math.max(plannedMs, pauseMsMin?.(error) ?? 0);
      if (!isWorthIt(error, { tries, pauseMs })) throw error;
    }
    if (pauseMs > 0) await pauseFor(pauseMs, keepsProcess, signal);
  }
}

async function pauseFor(ms: number, keepsProcess: boolean, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, { ref: keepsProcess, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
