/** Numbers and texts as messages have them. */

const numbers = new Intl.NumberFormat('en-GB');

export function numberText(value: number): string {
  return numbers.format(value);
}

/** `1 row`, `1,204 rows` */
export function countText(count: number, one: string): string {
  return `${numberText(count)} ${count === 1 ? one : `${one}s`}`;
}

/** As it stands in `text` of a message, in which Slack reads markup. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
