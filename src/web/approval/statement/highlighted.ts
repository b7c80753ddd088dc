import type { SqlTextParts, TokenKind } from './sql-view.js';

/** A part of a line that looks the same from its beginning to its end. */
export interface TextPart {
  readonly text: string;
  readonly kind: TokenKind | undefined;
  /** It belongs to a condition: that says which rows. */
  readonly isWhere: boolean;
}

const WRITTEN_OUT = /⟨U\+[0-9A-F]{4,6}⟩/g;

/** The lines of a text in pieces, by the ranges that the broker's own lexer found. Without them only hidden characters are marked. */
export function highlightedLines(shown: string, highlight: SqlTextParts | null): readonly (readonly TextPart[])[] {
  const kinds = highlight?.tokens ?? [];
  const hidden = [...shown.matchAll(WRITTEN_OUT)].map(
    ({ index, 0: text }) => [index, index + text.length, 'hidden'] as const,
  );
  const wheres = highlight?.whereParts ?? [];
  const cuts = new Set<number>([0, shown.length]);
  for (const [start, end] of [...kinds, ...hidden, ...wheres]) cuts.add(start).add(end);
  for (let at = shown.indexOf('\n'); at !== -1; at = shown.indexOf('\n', at + 1)) cuts.add(at).add(at + 1);
  const edges = [...cuts].filter((edge) => edge <= shown.length).toSorted((a, b) => a - b);
  const kindAt = cursorOver(kinds);
  const hiddenAt = cursorOver(hidden);
  const whereAt = cursorOver(wheres);
  const lines: TextPart[][] = [[]];
  for (const [place, start] of edges.slice(0, -1).entries()) {
    const text = shown.slice(start, edges[place + 1]);
    if (text === '\n') lines.push([]);
    else {
      const kind = hiddenAt(start) === undefined ? kindAt(start)?.[2] : 'hidden';
      lines.at(-1)?.push({ text, kind, isWhere: whereAt(start) !== undefined });
    }
  }
  return lines;
}

/** Which of the ranges covers a place, for places that only grow. */
function cursorOver<T extends readonly [number, number, ...unknown[]]>(
  ranges: readonly T[],
): (place: number) => T | undefined {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0]);
  let next = 0;
  return (place) => {
    while (next < sorted.length && (sorted[next]?.[1] ?? 0) <= place) next += 1;
    const range = sorted[next];
    return range !== undefined && range[0] <= place ? range : undefined;
  };
}
