import { shownLine } from '../../domain/visible-text.js';

const CELL_CHARS_MAX = 60;
const CUT = '…';

/** Rows as the `mysql` client draws them, one line a row; NULL for null, long cells cut with `…`. */
export function textTable(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string[] {
  const head = columns.map((name) => cell(name));
  const body = rows.map((row) => columns.map((_, index) => cell(row[index] ?? null)));
  const widths = head.map((text, index) =>
    body.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), width(text)),
  );
  const rule = `+${widths.map((chars) => '-'.repeat(chars + 2)).join('+')}+`;
  const line = (row: readonly string[]): string =>
    `|${row.map((text, index) => ` ${text}${' '.repeat((widths[index] ?? 0) - width(text))} `).join('|')}|`;
  return [rule, line(head), rule, ...body.map(line), ...(body.length > 0 ? [rule] : [])];
}

function cell(value: string | null): string {
  if (value === null) return 'NULL';
  // Cut before it is made visible: a cell may have megabytes. A character has at most two units.
  const characters = Array.from(value.slice(0, 2 * (CELL_CHARS_MAX + 1)));
  const shown = Array.from(shownLine(characters.slice(0, CELL_CHARS_MAX + 1).join('')));
  const whole = characters.length <= CELL_CHARS_MAX && shown.length <= CELL_CHARS_MAX;
  return whole ? shown.join('') : `${shown.slice(0, CELL_CHARS_MAX - 1).join('')}${CUT}`;
}

function width(text: string): number {
  return Array.from(text).length;
}
