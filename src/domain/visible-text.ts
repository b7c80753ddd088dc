/**
 * Texts that others wrote, for people who decide by them or read them later: everything that could move, hide, reorder or imitate what is
 * read, or speak to a terminal, is written out as `⟨U+202E⟩`. Letters that look alike are left as they are.
 */

/**
 * Controls, bidirectional and zero-width characters, fillers, lone surrogates, and every space that is not U+0020: in an
 * unquoted name the database takes those for letters, where a reader sees the end of a word.
 */
const HIDDEN = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** What {@link shownLines} writes out. */
export const HIDDEN_IN_LINES = /(?![ \n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** The text in one line; line breaks and tabs are written out too. */
export function shownLine(text: string): string {
  return text.replace(HIDDEN, writtenOut);
}

/** The text with its line breaks and tabs. */
export function shownLines(text: string): string {
  return text.replace(HIDDEN_IN_LINES, writtenOut);
}

/** A hidden character of a text with its line breaks, in UTF-16 units of it. */
export interface HiddenPlace {
  readonly at: number;
  readonly length: number;
}

/** Where {@link shownLines} writes something out, in order. */
export function hiddenPlaces(text: string): readonly HiddenPlace[] {
  return Array.from(text.matchAll(HIDDEN_IN_LINES), ({ 0: character, index }) => ({
    at: index,
    length: character.length,
  }));
}

/** JSON text that means the same, with every hidden character escaped, as `\u202e`. */
export function shownJson(json: string): string {
  return json.replace(HIDDEN, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** The character as `⟨U+202E⟩`. */
export function writtenOut(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
