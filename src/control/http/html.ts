const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A part of a page that is HTML already. Only {@link html} makes it, so that no text of others is ever taken for markup. */
export class HtmlText {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** The template's own parts are markup, and every value is text, or HTML that was made in the same way. */
  static of(parts: readonly string[], values: readonly HtmlValue[]): HtmlText {
    return new HtmlText(parts.map((part, place) => part + markupOf(values[place])).join(''));
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | number | HtmlText | undefined | readonly HtmlValue[];

/**
 * HTML from a template: `` html`<p>${text}</p>` ``. Values stand between tags or in a quoted attribute, where what they
 * contain can end neither; undefined is nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): HtmlText {
  return HtmlText.of(parts, values);
}

/** A text with the characters written out that mean something in HTML. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof HtmlText) return value.toString();
  return typeof value === 'object' ? value.map(markupOf).join('') : escaped(String(value));
}
