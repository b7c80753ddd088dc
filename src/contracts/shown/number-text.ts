/** Numbers, counts and spans as people read them: alike in the API's sentences, in messages and on the page. */

const numbers = new Intl.NumberFormat('en-GB');

/** `1,204` */
export function numberText(value: number): string {
  return numbers.format(value);
}

/** `1 row`, `1,204 rows` */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
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
