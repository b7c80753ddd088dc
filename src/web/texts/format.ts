const LANGUAGE = 'en-GB';

const numbers = new Intl.NumberFormat(LANGUAGE);
const localTimes = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'medium' });
const utcDays = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const localClock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium' });

export function numberText(value: number): string {
  return numbers.format(value);
}

/** Local date and time of an RFC 3339 time. */
export function timeText(time: string | number): string {
  return localTimes.format(new Date(time));
}

/** A day of UTC: `28 Nov`. */
export function dayText(time: string | number): string {
  return utcDays.format(new Date(time));
}

/** Local time of day. */
export function clockText(time: string | number): string {
  return localClock.format(new Date(time));
}

/** The same time in UTC, as recordings have it: `2026-11-29 20:15:03 UTC`. */
export function utcText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A span in its two largest units: `2 min 5 s`, `350 ms`, `3 d 4 h`. Whole milliseconds are enough. */
export function spanText(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1_000) return `${ms} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return twoOf([
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]);
}

function twoOf(parts: readonly (readonly [number, string])[]): string {
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** `9.2 MiB` */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1_024 ** power;
  return `${power === 0 ? numberText(value) : value.toFixed(1)} ${units[power]}`;
}

/** `1 row`, `1,204 rows` */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}
