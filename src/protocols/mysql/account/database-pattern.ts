/** `%` is any text, `_` any one character, and a backslash makes the character after it stand for itself. */
const PATTERN_PART = /\\(.)|(%)|(_)|(.)/gsu;

/**
 * Whether a privilege given `ON pattern.*` reaches the database, as a server compares them.
 * https://dev.mysql.com/doc/refman/9.7/en/grant.html#grant-quoting
 */
export function patternFits(pattern: string, database: string): boolean {
  const source = pattern.replaceAll(
    PATTERN_PART,
    (_, escaped?: string, many?: string, one?: string, plain?: string) => {
      if (many !== undefined) return '.*';
      return one === undefined ? byItsNumber(escaped ?? plain ?? '') : '.';
    },
  );
  return new RegExp(`^${source}$`, 'su').test(database);
}

/** The number of a character has a meaning in an expression for no character, `-` and `/` among them. */
function byItsNumber(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
