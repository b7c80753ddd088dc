/** What the broker told a driver in place of an answer. */
export interface DriverRefusal {
  /** A code of docs/errors.md. */
  readonly code: string;
  /** What happened, why, and what to do. */
  readonly message: string;
}

/** No text of the broker's is as long, with what a driver puts before it: a gateway's errors have 512 bytes at most. */
export const REFUSAL_CHARACTERS_MAX = 4_096;
const NAME = 'Doorwarden: ';
const BEFORE_NAME = /[\s:-]/;
const CODE = /^[a-z][a-z0-9_]*$/;

/**
 * The broker's refusal that a driver's text tells of: a sentence of `sentenceOf` at its end, since drivers and mappers put
 * numbers of theirs before it. Undefined: the text is not the broker's.
 */
export function refusalIn(text: string): DriverRefusal | undefined {
  if (text.length > REFUSAL_CHARACTERS_MAX) return undefined;
  const told = text.trimEnd();
  const open = told.lastIndexOf('(');
  const code = told.slice(open + 1, -1);
  if (open === -1 || !told.endsWith(')') || !CODE.test(code)) return undefined;
  const begin = nameIn(told);
  return begin === -1 || begin + NAME.length > open ? undefined : { code, message: told.slice(begin) };
}

/** Where the broker's name first stands by itself; -1: nowhere. */
function nameIn(text: string): number {
  let at = text.indexOf(NAME);
  while (at > 0 && !BEFORE_NAME.test(text.charAt(at - 1))) at = text.indexOf(NAME, at + NAME.length);
  return at;
}
