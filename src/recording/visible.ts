/**
 * Controls, bidirectional and zero-width characters, fillers and lone surrogates: everything that could move, hide or
 * reorder what a person reads, or speak to their terminal.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const HIDDEN_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** The text in one line: every hidden character is written as `⟨U+202E⟩`, line breaks and tabs too. */
export function visibleLine(text: string): string {
  return text.replace(HIDDEN, named);
}

/** The text with its line breaks and tabs; every other hidden character is written as `⟨U+202E⟩`. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN_IN_LINES, named);
}

/** JSON text that says the same with every hidden character escaped, as `\u202e`. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function named(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
