import { shownLine } from '../../../domain/visible-text.js';
import { type Paint, paintFor } from './paint.js';
import { columnsIn, columnsOf, cutTo } from './screen-lines.js';

const GAP = '  ';
/** A column is cut to no less than this while another one can still give. */
const COLUMN_WIDTH_MIN = 8;

/** Where a table is written: how wide, and with which colours. */
export interface TablePlace {
  /** Undefined: there is no screen, and nothing is cut. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

/**
 * Rows under their names, in columns that fit the screen: where they do not, the widest gives first, and what is cut ends
 * with `…`. Hidden characters are written out. A cell that is null or empty is `-`.
 */
export function screenTable(
  names: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  { columns, paint }: TablePlace = { columns: columnsOf(process.stdout), paint: paintFor(process.stdout) },
): string {
  const cells = rows.map((row) => names.map((_, index) => cellOf(row[index] ?? null)));
  const natural = names.map((name, index) =>
    Math.max(...[name, ...cells.map((row) => row[index] ?? '')].map(columnsIn)),
  );
  const widths = columns === undefined ? natural : fittingWidths(natural, columns);
  const line = (row: readonly string[]): string => {
    const text = row.map((cell, index) => padded(cutTo(cell, widths[index] ?? 0), widths[index] ?? 0)).join(GAP);
    return columns === undefined ? text.trimEnd() : cutTo(text.trimEnd(), columns);
  };
  return [paint.faint(line(names)), ...cells.map(line)].join('\n');
}

function cellOf(value: string | null): string {
  return value === null || value === '' ? '-' : shownLine(value);
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsIn(text)));
}

/** The widths, taken from the widest column until all of them fit. */
export function fittingWidths(natural: readonly number[], columns: number): readonly number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - columns;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= COLUMN_WIDTH_MIN) break; // the line as a whole is cut then
    widths[widths.indexOf(widest)] = widest - 1;
    over -= 1;
  }
  return widths;
}
