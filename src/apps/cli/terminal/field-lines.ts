import { shownLine } from '../../../domain/visible-text.js';
import { columnsIn, columnsOf, pieces } from './screen-lines.js';

const GAP = '  ';

/** A name and what is known under it; null or empty: it is not shown. */
export type Field = readonly [name: string, value: string | null];

/**
 * One thing with its fields, a line each, aligned. A value that does not fit the screen goes on under itself, so that no
 * text of others begins a line.
 */
export function fieldLines(fields: readonly Field[], columns = columnsOf(process.stdout)): string {
  const shown = fields.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]));
  const width = Math.max(...shown.map(([name]) => columnsIn(name)), 0);
  return shown
    .flatMap(([name, value]) => {
      const line = shownLine(value);
      const parts = columns === undefined ? [line] : pieces(line, Math.max(1, columns - width - GAP.length));
      return parts.map((part, index) => `${(index === 0 ? name : '').padEnd(width)}${GAP}${part}`);
    })
    .join('\n');
}
