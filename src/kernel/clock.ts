/** The time, injected so that rules about deadlines can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  nowMs(): number;
  /** Microseconds since the Unix epoch, UTC. */
  nowUs(): number;
  /** Microseconds on a clock that never goes back; its zero means nothing. */
  monotonicUs(): number;
}

const CORRECTION_MS_MIN = 2;

/** The time of day at the monotonic clock's zero. */
let originMs = performance.timeOrigin;

/**
 * The machine's own clocks. The time of day has microseconds from the monotonic clock, and follows the machine's own
 * time whenever that was corrected by more than a clock tick.
 */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowUs: () => {
    const monotonicMs = performance.now();
    const timeMs = originMs + monotonicMs;
    const differenceMs = Date.now() - timeMs;
    // Date.now() counts whole milliseconds, so one of difference is no correction.
    if (Math.abs(differenceMs) >= CORRECTION_MS_MIN) originMs += differenceMs;
    return Math.round((originMs + monotonicMs) * 1000);
  },
  monotonicUs: () => Math.round(performance.now() * 1000),
};

/**
 * An RFC 3339 UTC time with six digits of a second, as recordings carry it: `2026-01-31T12:00:00.000001Z`.
 */
export function formatUs(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
