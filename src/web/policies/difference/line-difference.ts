/** A line of one text, of the other, or of both. */
export interface DifferenceLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** A table of more places is not made: the middle of the texts counts as replaced then. */
const PLACES_MAX = 4_000_000;

/** What has to be removed and added, line by line, to come from one text to the other. */
export function lineDifference(before: string, after: string): readonly DifferenceLine[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const start = commonStart(old, young);
  const end = commonEnd(old.slice(start), young.slice(start));
  const same = (text: string): DifferenceLine => ({ kind: 'same', text });
  return [
    ...old.slice(0, start).map(same),
    ...middleOf(old.slice(start, old.length - end), young.slice(start, young.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n');
}

function commonStart(old: readonly string[], young: readonly string[]): number {
  const length = Math.min(old.length, young.length);
  for (let index = 0; index < length; index += 1) if (old[index] !== young[index]) return index;
  return length;
}

function commonEnd(old: readonly string[], young: readonly string[]): number {
  return commonStart(old.toReversed(), young.toReversed());
}

/** By the longest run of lines that both have in the same order. */
function middleOf(old: readonly string[], young: readonly string[]): readonly DifferenceLine[] {
  const removed = old.map((text): DifferenceLine => ({ kind: 'removed', text }));
  const added = young.map((text): DifferenceLine => ({ kind: 'added', text }));
  const width = young.length + 1;
  if ((old.length + 1) * width > PLACES_MAX) return [...removed, ...added];
  const longest = longestCommon(old, young, width);
  const lines: DifferenceLine[] = [];
  let [row, column] = [0, 0];
  while (row < old.length && column < young.length) {
    const text = old[row] ?? '';
    if (text === young[column]) {
      lines.push({ kind: 'same', text });
      row += 1;
      column += 1;
    } else if (at(longest, (row + 1) * width + column) >= at(longest, row * width + column + 1)) {
      lines.push({ kind: 'removed', text });
      row += 1;
    } else {
      lines.push({ kind: 'added', text: young[column] ?? '' });
      column += 1;
    }
  }
  return [...lines, ...removed.slice(row), ...added.slice(column)];
}

/** For each place in both texts, how many lines they have in common from there on. */
function longestCommon(old: readonly string[], young: readonly string[], width: number): Uint32Array {
  const longest = new Uint32Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = young.length - 1; column >= 0; column -= 1) {
      const here = row * width + column;
      longest[here] =
        old[row] === young[column]
          ? at(longest, here + width + 1) + 1
          : Math.max(at(longest, here + width), at(longest, here + 1));
    }
  }
  return longest;
}

function at(numbers: Uint32Array, index: number): number {
  return numbers[index] ?? 0;
}
