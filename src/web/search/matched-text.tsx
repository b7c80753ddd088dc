import { Shown } from '../parts/said/shown.js';

export interface MatchedTextProps {
  /** As it was sent. */
  readonly text: string;
  /** Where the words of the search stand, in UTF-16 units, in their order. */
  readonly match: readonly (readonly [number, number])[];
  readonly cut?: { readonly start: boolean; readonly end: boolean };
}

const CUT = '…';

/** A text of others with the words that were searched for marked; hidden characters are written out in both. */
export function MatchedText({ text, match, cut = { start: false, end: false } }: MatchedTextProps) {
  return (
    <>
      {cut.start ? CUT : null}
      {partsOf(text, match).map(({ part, isMatch, at }) =>
        isMatch ? (
          <mark key={at} className="match">
            <Shown text={part} />
          </mark>
        ) : (
          <Shown key={at} text={part} />
        ),
      )}
      {cut.end ? CUT : null}
    </>
  );
}

function partsOf(text: string, match: MatchedTextProps['match']) {
  const parts: { readonly part: string; readonly isMatch: boolean; readonly at: number }[] = [];
  let done = 0;
  for (const [from, to] of match) {
    if (from < done || to <= from) continue; // within the one before
    if (from > done) parts.push({ part: text.slice(done, from), isMatch: false, at: done });
    parts.push({ part: text.slice(from, to), isMatch: true, at: from });
    done = to;
  }
  if (done < text.length) parts.push({ part: text.slice(done), isMatch: false, at: done });
  return parts;
}
