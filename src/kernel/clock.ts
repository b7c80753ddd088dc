/** The time, injected so that rules about deadlines can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  nowMs(): number;
  /** Microseconds since the Unix epoch, UTC. */
  nowUs(): number;
  /** Microseconds on a clock that never goes back; its zero means nothing. */
  monotonicUs(): number;
}

const NS_PER_US = 1_000n;

/** The machine's own clocks. Microseconds come from `performance`, whose origin is fixed at process start. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicUs: () => Number(process.hrtime.bigint() / NS_PER_US),
};

/**
 * An RFC 3339 UTC time with six digits of a second, as recordings carry it: `2026-01-31T12:00:00.000001Z`.
 */
export function formatUs(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
