/** A line break of RFC 4180. */
const LINE_END = '\r\n';

/** What spreadsheets take for the beginning of a formula, in the forms in which they take it, after spaces as well. */
const FORMULA = /^\s*[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]/u;

/**
 * One line of a table (https://www.rfc-editor.org/rfc/rfc4180). Every cell is in quotes, and one that a spreadsheet would
 * run gets a `'` before it, since what agents write stands in it.
 */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(csvCell).join(',')}${LINE_END}`;
}

function csvCell(cell: string | number | boolean | null): string {
  if (cell === null) return '""';
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
  return `"${text.replaceAll('"', '""')}"`;
}
