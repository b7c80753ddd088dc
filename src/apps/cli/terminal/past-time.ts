const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The time that `90d`, `12h` or `30m` ago was; a day such as 2026-11-28 is its beginning in UTC. Any other text as it is,
 * for the API to judge.
 */
export function pastTime(typed: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(typed) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return new Date(nowMs - Number(count) * unitMs).toISOString();
  return /^\d{4}-\d\d-\d\d$/.test(typed) ? `${typed}T00:00:00Z` : typed;
}

/** A time of the API without what is less than a second; `-` by itself where there is none. */
export function secondsOf(time: string | null): string | null {
  return time === null ? null : time.replace(/\.\d+Z$/, 'Z');
}
