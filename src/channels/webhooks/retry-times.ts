const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long after each failed attempt the next one is; a little over a day in all. */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  10 * HOUR_MS,
];

/** A receiver may ask for more time than that, as far as this. */
const ASKED_MS_MAX = HOUR_MS;
/** What failed together does not all come back in the same moment: up to so much later, as a part of the time. */
const JITTER = 0.2;

export interface FailedAttempt {
  /** From 1. */
  readonly attempts: number;
  /** The answer's header Retry-After. */
  readonly retryAfter: string | null;
  /** From 0 to 1. */
  readonly chance: number;
}

/** When to try again, in milliseconds from now; null: never by itself. */
export function againInMs(
  { attempts, retryAfter, chance }: FailedAttempt,
  schedule: readonly number[] = RETRY_AFTER_MS,
): number | null {
  const next = schedule[attempts - 1];
  if (next === undefined) return null;
  return Math.max(next * (1 + JITTER * chance), Math.min(askedMs(retryAfter), ASKED_MS_MAX));
}

/** Seconds alone: a date would be measured by another clock. */
function askedMs(retryAfter: string | null): number {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * SECOND_MS : 0;
}
