const PATH_CHARACTERS_MAX = 2_000;
const ELSEWHERE = 'http://own.invalid';
// Browsers read a backslash as a slash, and leave out tabs and line breaks.
const PLAIN = /^\/[\x21-\x5b\x5d-\x7e]*$/;

/** The path to which somebody goes back after signing in: one of this broker, whatever was asked for. */
export function ownPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || wanted.length > PATH_CHARACTERS_MAX || !PLAIN.test(wanted)) return '/';
  if (wanted.startsWith('//') || !URL.canParse(wanted, ELSEWHERE)) return '/';
  const { origin, pathname, search, hash } = new URL(wanted, ELSEWHERE);
  const isElsewhere = origin !== ELSEWHERE || pathname.startsWith('//');
  return isElsewhere ? '/' : `${pathname}${search}${hash}`;
}
