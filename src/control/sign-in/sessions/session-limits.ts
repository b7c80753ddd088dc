import type { StoredSession } from './stored-session.js';

const MINUTE_MS = 60_000;
const RENEWALS_PER_IDLE_TIME = 10;

/** How long sessions last, from SESSION_IDLE_MINUTES and SESSION_HOURS. */
export interface SessionTimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** What is left of a session; none or less: it has ended. */
export function leftMs(
  { createdAtMs, lastSeenMs, untilMs }: Pick<StoredSession, 'createdAtMs' | 'lastSeenMs' | 'untilMs'>,
  { idleMs, absoluteMs }: SessionTimes,
  nowMs: number,
): number {
  return Math.min(lastSeenMs + idleMs, createdAtMs + absoluteMs, untilMs ?? Infinity) - nowMs;
}

/** Whether a request is to be noted in the session: not each of them, that would be a write for every read. */
export function isRenewalDue({ lastSeenMs }: StoredSession, { idleMs }: SessionTimes, nowMs: number): boolean {
  return nowMs - lastSeenMs >= Math.min(MINUTE_MS, idleMs / RENEWALS_PER_IDLE_TIME);
}
