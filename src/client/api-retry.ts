import { retried } from '../kernel/retry.js';
import { CallReach } from './api-call.js';
import { ApiFailure } from './api-failure.js';

/**
 * How long a client tries a call again that may be made twice, while the API is away or says that it is busy: a wrong
 * address should be told soon, and an API that was there before is worth waiting for. Milliseconds from a call's start.
 */
export interface ApiRetry {
  /** Until the API has answered once. */
  readonly firstMs: number;
  /** Once it has. */
  readonly laterMs: number;
}

/** For a caller that is told at once, and decides itself. */
export const NO_RETRY: ApiRetry = { firstMs: 0, laterMs: 0 };

/** The least holds out while a process of the broker restarts and what it left half done is given up (two minutes). */
export const PATIENT: ApiRetry = { firstMs: 5_000, laterMs: 150_000 };

const PAUSE_MS = { first: 100, max: 3_000 };

/** Which calls are made again. */
interface Again {
  readonly patienceMs: () => number;
  /** The call does the same, however often it arrives; default: only what has not arrived is sent again. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly reach?: CallReach | undefined;
}

/**
 * Makes a call, again while it fails in a way that passes. @throws ApiFailure as the last one; where an earlier one may have
 * arrived, it says so
 */
export function callAgain<T>(
  call: () => Promise<T>,
  { patienceMs, isRepeatable, signal, reach = new CallReach() }: Again,
): Promise<T> {
  const begunMs = performance.now();
  reach.mayHaveArrived = false;
  const callOnce = async (): Promise<T> => {
    const mayHaveBefore = reach.mayHaveArrived;
    // It is on its way now: whatever ends it before an answer leaves this as it is.
    reach.mayHaveArrived = true;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      reach.mayHaveArrived = mayHaveBefore || error.mayHaveArrived;
      throw mayHaveBefore && !error.mayHaveArrived ? afterArrival(error) : error;
    }
  };
  return retried(callOnce, {
    pauseMs: PAUSE_MS,
    pauseMsMin: (error) => (error instanceof ApiFailure ? error.retryAfterMs : 0),
    signal,
    isWorthIt: (error, { pauseMs }) =>
      error instanceof ApiFailure &&
      (isRepeatable ? error.isPassing : error.isUnsent) &&
      performance.now() - begunMs + pauseMs <= patienceMs(),
  });
}

/** The same of a call that was made before, and may have arrived then. */
function afterArrival({ message, code, cause, problem, isPassing, retryAfterMs }: ApiFailure): ApiFailure {
  const told = problem === null ? {} : { problem };
  return new ApiFailure(message, code, cause, { ...told, isPassing, mayHaveArrived: true, retryAfterMs });
}
