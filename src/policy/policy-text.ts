/** Where something stands in a policy's text; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A policy's text is wrong at one place. */
export interface TextFault extends TextPosition {
  readonly reason: string;
}

/** Cedar counts bytes of UTF-8. */
export function positionOf(text: string, byteOffset: number): TextPosition {
  const before = Buffer.from(text).subarray(0, byteOffset).toString();
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: Array.from(before.slice(lineStart)).length + 1 };
}

export const POLICY_CHARACTERS_MAX = 65_536;
const BRACKETS_MAX = 32;
const OPERATORS_MAX = 200;

/** Strings, comments, brackets, and what makes an expression deeper; everything else is stepped over. */
const TOKENS = /"(?:[^"\\]|\\[^])*"|\/\/[^\n]*|[([{]|[)\]}]|;|&&|\|\||[=!<>]=|[!<>+*.-]|\b(?:if|like|has|in|is)\b/g;

/**
 * Finds what is nested so deeply that Cedar's recursion would run out of stack, which its WebAssembly build does not
 * survive. The limits are a third of what it was seen to bear.
 */
export function nestingFault(text: string): TextFault | undefined {
  let brackets = 0;
  let operators = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token.startsWith('"') || token.startsWith('//')) continue;
    if ('([{'.includes(token)) brackets += 1;
    else if (')]}'.includes(token)) brackets -= 1;
    else if (token !== ';') operators += 1;
    // A policy's head and each of its clauses stand for themselves.
    if (brackets <= 0) [brackets, operators] = [0, 0];
    if (brackets > BRACKETS_MAX || operators > OPERATORS_MAX) {
      const reason =
        brackets > BRACKETS_MAX
          ? `Brackets are nested more than ${BRACKETS_MAX} deep.`
          : `A clause has more than ${OPERATORS_MAX} operators. Split it into several policies.`;
      return { ...positionOf(text, Buffer.byteLength(text.slice(0, index))), reason };
    }
  }
  return undefined;
}
