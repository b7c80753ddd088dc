/** As it stands in `text` of a message, in which Slack reads markup: nothing in it is a mention or a link. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
