const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** When a key ends that is wanted for `90d`, `12h` or `30m` from now; any other text as it is, for the schema to judge. */
export function expiryTime(wanted: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(wanted) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? wanted : new Date(nowMs + Number(count) * unitMs).toISOString();
}
