/** RFC 3339, as views carry times. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}

/** A time that a schema has checked, in milliseconds since the epoch. */
export function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
