/** `2026-01-31T12:00:00.` */
const FRACTION_AT = 20;

/** The time of an entry in microseconds since the epoch. */
export function usOf(at: string): number {
  return Date.parse(`${at.slice(0, FRACTION_AT - 1)}Z`) * 1000 + Number(at.slice(FRACTION_AT, FRACTION_AT + 6));
}
