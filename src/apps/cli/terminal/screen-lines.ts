/** What is assumed where nobody says how wide the screen is. */
export const COLUMNS_DEFAULT = 80;
/** A narrower screen is written as one of this width. */
const COLUMNS_MIN = 40;
const TAB_COLUMNS = 8;
/** From here on characters may take two columns; all of them are counted so, for some terminals draw them so. */
const WIDE_FROM = 0x1100;

/** How wide the screen is that a stream writes to; undefined for a file or a pipe. */
export function columnsOf({ columns }: { readonly columns?: number | undefined }): number | undefined {
  return columns === undefined || columns === 0 ? undefined : Math.max(COLUMNS_MIN, columns);
}

/** The columns that a line without hidden characters takes at most. */
export function columnsIn(line: string): number {
  let columns = 0;
  for (const character of line) columns += widthOf(character);
  return columns;
}

/**
 * The line in pieces that fit the screen, so that the terminal breaks none by itself: what it would break could begin a
 * line with a text that passes for the broker's own.
 */
export function pieces(line: string, columns: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  let left = columns;
  for (const character of line) {
    const width = widthOf(character);
    if (width > left && piece !== '') {
      found.push(piece);
      piece = '';
      left = columns;
    }
    piece += character;
    left -= width;
  }
  return [...found, piece];
}

/** The line, cut with `…` when it does not fit the screen. */
export function cutTo(line: string, columns: number): string {
  if (columnsIn(line) <= columns) return line;
  return `${pieces(line, columns - widthOf('…'))[0] ?? ''}…`;
}

function widthOf(character: string): number {
  if (character === '\t') return TAB_COLUMNS;
  return (character.codePointAt(0) ?? 0) < WIDE_FROM ? 1 : 2;
}
