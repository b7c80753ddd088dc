/** HTML that may be sent as it is: made by {@link html} alone. */
export class HtmlText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts are escaped, markup is not, lists are put together, and null is nothing. */
export type HtmlPart = string | number | HtmlText | null | readonly HtmlPart[];

/** HTML with everything escaped that is put into it. */
export function html(texts: TemplateStringsArray, ...parts: readonly HtmlPart[]): HtmlText {
  return new HtmlText(
    texts.map((text, index) => text + (index < parts.length ? written(parts[index] ?? null) : '')).join(''),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function written(part: HtmlPart): string {
  if (part === null) return '';
  if (part instanceof HtmlText) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
