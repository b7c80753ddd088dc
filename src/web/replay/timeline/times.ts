/** Times within a recording, in microseconds since its first entry. */

/** From this on a wait is shown as a gap, and is not waited for. */
export const IDLE_US = 2_000_000;

/** `1:02:03.456`, `2:03.456`: hours where there are any, minutes always. */
export function offsetText(us: number): string {
  const ms = Math.floor(us / 1_000);
  const seconds = Math.floor(ms / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${two(seconds % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `480 µs`, `4.2 ms`, `1.7 s`: how long something took. */
export function tookText(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 10_000) return `${(us / 1_000).toFixed(1)} ms`;
  if (us < 1_000_000) return `${Math.round(us / 1_000)} ms`;
  if (us < 60_000_000) return `${(us / 1_000_000).toFixed(1)} s`;
  return offsetText(us);
}

/** Milliseconds to wait from one entry to the next at a pace; a gap is passed in a moment. */
export function stepMs(apartUs: number, pace: Pace): number {
  if (pace === 'instant') return INSTANT_MS;
  if (apartUs > IDLE_US) return GAP_MS;
  return Math.max(INSTANT_MS, apartUs / 1_000 / pace);
}

export const PACES = [1, 4, 16, 'instant'] as const;
export type Pace = (typeof PACES)[number];

/** Fast, and slow enough that each entry is seen to pass. */
const INSTANT_MS = 30;
const GAP_MS = 700;

function two(value: number): string {
  return String(value).padStart(2, '0');
}
