import { shownJson } from '../../../domain/visible-text.js';
import { type ResultWriter, textOf, type TextSink } from './result-writer.js';
import type { ResultColumn } from '../../../protocol/statement-session.js';

/** https://www.rfc-editor.org/rfc/rfc8259#section-6, as servers spell numbers. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
/** As `007` of a column with ZEROFILL. */
const LEADING_ZEROS = /^(-?)0+(?=\d)/;

/**
 * One document a result and line: `{"columns":[{"name","type"}],"rows":[[…]]}`, or what a statement without rows has done. A
 * value that a JSON number may not keep exactly is a text: whole numbers beyond 2^53, and decimals. Bytes are texts of hexadecimal
 * digits after `0x`.
 */
export function jsonWriter(write: TextSink): ResultWriter {
  let columns: readonly ResultColumn[] = [];
  let isFirst = true;
  return {
    async begin(begun) {
      columns = begun;
      isFirst = true;
      const told = columns.map(({ name, type }) => ({ name, type }));
      await write(`{"columns":${shownJson(JSON.stringify(told))},"rows":[`);
    },
    async rows(rows) {
      let text = '';
      for (const row of rows) {
        const values = columns.map((column, index) => jsonValue(row[index] ?? null, column));
        text += `${isFirst ? '' : ','}[${values.join(',')}]`;
        isFirst = false;
      }
      await write(text);
    },
    end: (failed) => write(failed === undefined ? ']}\n' : `],"failed":${shownJson(JSON.stringify(failed))}}\n`),
    done: ({ affectedRows, insertId, warnings }) =>
      write(`${JSON.stringify({ affectedRows: Number(affectedRows), insertId, warnings })}\n`),
  };
}

function jsonValue(value: Buffer | null, column: ResultColumn): string {
  if (value === null) return 'null';
  const text = textOf(value, column);
  const number = column.kind === 'whole' ? text.replace(LEADING_ZEROS, '$1') : text;
  return isExact(number, column) ? number : shownJson(JSON.stringify(text));
}

function isExact(number: string, { kind }: ResultColumn): boolean {
  if (kind === 'whole') return Number.isSafeInteger(Number(number));
  return kind === 'floating' && NUMBER.test(number);
}
