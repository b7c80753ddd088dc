/** How much of a text a list shows, in UTF-16 units. */
const EXCERPT_MAX = 300;
/** How much of it stands before the first of the words. */
const BEFORE_MAX = 80;
const RANGES_MAX = 50;

export type MatchRange = [from: number, to: number];

export interface Excerpt {
  readonly excerpt: string;
  readonly excerptCut: { readonly start: boolean; readonly end: boolean };
  readonly match: MatchRange[];
}

/** The part of a text around the first of the words, and where the words stand in it. */
export function excerptOf(text: string, words: readonly string[]): Excerpt {
  const found = matchesIn(text, words);
  const first = found[0]?.[0] ?? 0;
  const start =
    first <= EXCERPT_MAX - BEFORE_MAX || text.length <= EXCERPT_MAX ? 0 : boundary(text, first - BEFORE_MAX);
  const end = boundary(text, Math.min(text.length, start + EXCERPT_MAX));
  const match = found
    .filter(([from, to]) => from >= start && to <= end)
    .map(([from, to]): MatchRange => [from - start, to - start]);
  return { excerpt: text.slice(start, end), excerptCut: { start: start > 0, end: end < text.length }, match };
}

/** Where the words stand, whatever the case and the accents of letters are; ranges that meet are one. */
export function matchesIn(text: string, words: readonly string[]): MatchRange[] {
  const folded = foldedText(text);
  const found: MatchRange[] = [];
  for (const word of words) {
    const sought = foldedText(word);
    for (let at = folded.indexOf(sought); at !== -1 && found.length < RANGES_MAX; at = folded.indexOf(sought, at + 1))
      found.push([at, at + sought.length]);
  }
  return united(found.toSorted((one, other) => one[0] - other[0] || one[1] - other[1]));
}

function united(ranges: readonly MatchRange[]): MatchRange[] {
  const joined: MatchRange[] = [];
  for (const [from, to] of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** As the state database compares texts, unit by unit, so that places in it are places in the text. */
function foldedText(text: string): string {
  return text.replaceAll(/[^\0-@[-`{-\x7f]/g, (unit) => foldedUnit(unit));
}

function foldedUnit(unit: string): string {
  const [base = unit] = unit.normalize('NFD');
  const lower = base.toLowerCase();
  return lower.length === 1 ? lower : unit;
}

/** Never in the middle of a character. */
function boundary(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return at > 0 && at < text.length && unit >= 0xdc_00 && unit <= 0xdf_ff ? at - 1 : at;
}
