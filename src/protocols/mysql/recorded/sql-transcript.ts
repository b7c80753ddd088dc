import { rowLines } from '../../sql/bound-values.js';
import { headOf, resultTitle, timeOf } from '../../../recording/replay/entry-text.js';
import type { ReplayedEntry, ReplayWords } from '../../../recording/replay/teller.js';
import { shownLine, shownLines } from '../../../domain/visible-text.js';
import { isMysqlEntry } from './body-schemas.js';
import { textOf, valueOf } from './statement-text.js';

/** Statements that can be run again one by one; everything else is a comment that cannot be left. */
export function sqlTranscript(replayed: ReplayedEntry, nouns: ReplayWords): string {
  const { entry } = replayed;
  if (!isMysqlEntry(entry)) return '';
  if (entry.type === 'result') {
    const { error } = entry.body;
    const failed = error === undefined ? '' : ` ERROR ${error.errno}: ${shownLine(error.message)}`;
    return `-- ${timeOf(replayed)} #${entry.seq} ${resultTitle(entry, nouns)}${failed}\n`;
  }
  if (entry.type !== 'operation') return '';
  const { body } = entry;
  const head = `-- ${headOf(replayed, nouns)}\n`;
  const values = (body.values ?? []).map((value, index) => `-- ? ${index + 1} = ${valueOf(value)}\n`).join('');
  const rows = rowLines(body.bulk, valueOf)
    .map((line) => `-- ${line}\n`)
    .join('');
  const shown = shownLines(textOf(entry));
  const altered = 'textBase64' in body || shown !== body.text;
  const runs = entry.name === 'COM_QUERY' && entry.verdict === 'allow' && !altered;
  // The semicolon has a line of its own, because the last line may be a comment.
  if (runs) return `${head}${shown}\n;\n`;
  const note = altered ? '-- holds characters that cannot be shown as they are\n' : '';
  return `${head}${note}${values}${rows}${shown
    .split('\n')
    .map((line) => `-- ${line}\n`)
    .join('')}`;
}
