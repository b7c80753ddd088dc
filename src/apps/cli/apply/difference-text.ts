import { shownLine } from '../../../domain/visible-text.js';
import { lineDifference } from '../../../web/policies/difference/line-difference.js';
import type { Paint } from '../terminal/paint.js';
import { pieces } from '../terminal/screen-lines.js';

const CONTEXT_LINES = 3;
const SIGN = { same: ' ', added: '+', removed: '-' } as const;
const LEFT_OUT = '    …';
const INDENT_COLUMNS = 4;

/** Where a difference is written. */
export interface DifferencePlace {
  readonly columns: number | undefined;
  readonly paint: Paint;
}

/** What has to be added to and removed from a text, with a few lines around it. Hidden characters are written out. */
export function differenceText(before: string, after: string, { columns, paint }: DifferencePlace): readonly string[] {
  const lines = lineDifference(withoutEnd(before), withoutEnd(after));
  if (lines.every(({ kind }) => kind === 'same')) return [];
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(({ kind }) => kind !== 'same'),
  );
  return lines.flatMap(({ kind, text }, index) => {
    if (isNear[index] !== true) return index === lines.length - 1 ? [LEFT_OUT] : [];
    const colour = { same: (part: string) => part, added: paint.good, removed: paint.bad }[kind];
    const shown = signedLines(SIGN[kind], shownLine(text), columns).map(colour);
    return index > 0 && isNear[index - 1] !== true ? [LEFT_OUT, ...shown] : shown;
  });
}

/** A line that does not fit the screen goes on under itself. */
function signedLines(sign: string, line: string, columns: number | undefined): readonly string[] {
  const parts = columns === undefined ? [line] : pieces(line, Math.max(1, columns - INDENT_COLUMNS));
  return (parts.length === 0 ? [''] : parts).map((part, at) => `  ${at === 0 ? sign : ' '} ${part}`.trimEnd());
}

function withoutEnd(text: string): string {
  return text.replace(/\n$/, '');
}
