import { shownLine } from '../../../domain/visible-text.js';
import { type ResultWriter, textOf, type TextSink } from './result-writer.js';
import type { ResultColumn } from '../../../protocol/statement-session.js';

const LINE_END = '\r\n';
/** What RFC 4180 wants in quotes, and spaces at the ends, which some readers take away. */
const QUOTED = /[",\r\n]|^\s|\s$/;

/**
 * Rows as they are, after a line of the columns' names (https://www.rfc-editor.org/rfc/rfc4180): NULL is nothing, and the
 * empty text is `""`. On a terminal hidden characters are written out. An empty line stands between two results.
 */
export function csvWriter(write: TextSink, { isTerminal }: { readonly isTerminal: boolean }): ResultWriter {
  let columns: readonly ResultColumn[] = [];
  let isFirst = true;
  const shown = isTerminal ? shownLine : (text: string): string => text;
  const line = (cells: readonly (string | null)[]): string =>
    `${cells.map((cell) => (cell === null ? '' : cellOf(shown(cell)))).join(',')}${LINE_END}`;
  return {
    async begin(begun) {
      columns = begun;
      await write(`${isFirst ? '' : LINE_END}${line(columns.map(({ name }) => name))}`);
      isFirst = false;
    },
    async rows(rows) {
      const lines = rows.map((row) =>
        line(
          columns.map((column, index) => {
            const value = row[index] ?? null;
            return value === null ? null : textOf(value, column);
          }),
        ),
      );
      await write(lines.join(''));
    },
    end: () => Promise.resolve(),
    done: () => Promise.resolve(),
  };
}

function cellOf(text: string): string {
  return text === '' || QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
