import { shownLine } from '../../../domain/visible-text.js';
import { columnsIn, cutTo } from '../terminal/screen-lines.js';
import { fittingWidths, padded, type TablePlace } from '../terminal/screen-table.js';
import { countOf, type ResultWriter, textOf, type TextSink } from './result-writer.js';
import type { ResultColumn } from '../../../protocol/statement-session.js';

/** The columns are as wide as the widest of so many rows; a longer value further down is cut on a terminal. */
const MEASURED_ROWS_MAX = 1_000;
/** No screen shows more of a value; nobody waits for the width of megabytes. */
const MEASURED_CHARACTERS_MAX = 1_000;
const GAP = '  ';

type Cells = readonly string[];

/** Rows in columns under their names. Hidden characters are written out. */
export function tableWriter(write: TextSink, { columns: screen, paint }: TablePlace): ResultWriter {
  let columns: readonly ResultColumn[] = [];
  let waiting: Cells[] = [];
  let widths: readonly number[] | undefined;
  let count = 0;

  const aligned = (text: string, index: number, width: number): string => {
    const isNumber = columns[index]?.kind === 'whole' || columns[index]?.kind === 'decimal';
    return isNumber ? text.padStart(width) : padded(text, width);
  };
  const line = (cells: Cells, fit: readonly number[]): string => {
    const shown = cells.map((cell, index) => {
      const width = fit[index] ?? 0;
      return aligned(screen === undefined ? cell : cutTo(cell, width), index, width);
    });
    const text = shown.join(GAP).trimEnd();
    return screen === undefined ? text : cutTo(text, screen);
  };
  const head = async (): Promise<readonly number[]> => {
    const names = columns.map(({ name }) => shownLine(name));
    const natural = names.map((name, index) =>
      waiting.reduce((widest, row) => Math.max(widest, measured(row[index] ?? '')), columnsIn(name)),
    );
    widths = screen === undefined ? natural : fittingWidths(natural, screen);
    const fit = widths;
    await write(`${paint.faint(line(names, fit))}\n${waiting.map((row) => `${line(row, fit)}\n`).join('')}`);
    waiting = [];
    return fit;
  };
  return {
    begin(begun) {
      columns = begun;
      waiting = [];
      widths = undefined;
      count = 0;
      return Promise.resolve();
    },
    async rows(rows) {
      count += rows.length;
      const cells = rows.map((row) => columns.map((column, index) => cellOf(row[index] ?? null, column, screen)));
      const fit = widths;
      if (fit !== undefined) {
        await write(cells.map((row) => `${line(row, fit)}\n`).join(''));
        return;
      }
      waiting.push(...cells);
      if (waiting.length >= MEASURED_ROWS_MAX) await head();
    },
    async end(failed) {
      if (widths === undefined) await head();
      await write(failed === undefined ? `(${countOf(count, 'row')})\n` : `(the first ${countOf(count, 'row')})\n`);
    },
    done: ({ affectedRows, insertId, warnings }) => {
      const id = insertId === null ? '' : `, insert id ${insertId}`;
      const warned = warnings === 0 ? '' : `, ${countOf(warnings, 'warning')}`;
      return write(`(${countOf(affectedRows, 'row')} changed${id}${warned})\n`);
    },
  };
}

function cellOf(value: Buffer | null, column: ResultColumn, screen: number | undefined): string {
  if (value === null) return 'NULL';
  // Cut before it is made visible: a cell may have megabytes, of four bytes a character.
  const isLonger = screen !== undefined && value.length > screen * 4;
  const text = textOf(isLonger ? value.subarray(0, screen * 4) : value, column);
  return shownLine(isLonger ? `${text}…` : text);
}

function measured(cell: string): number {
  return columnsIn(cell.slice(0, MEASURED_CHARACTERS_MAX));
}
