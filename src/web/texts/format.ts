import { numberText } from '../../contracts/shown/number-text.js';

export { countText, numberText, spanText } from '../../contracts/shown/number-text.js';

const LANGUAGE = 'en-GB';

const localTimes = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'medium' });
const utcDays = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const localClock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium' });

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

/** `9.2 MiB` */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1_024 ** power;
  return `${power === 0 ? numberText(value) : value.toFixed(1)} ${units[power]}`;
}
