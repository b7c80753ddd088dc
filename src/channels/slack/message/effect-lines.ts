import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { cutText } from './sizes.js';

const FIELDS_MAX = 12;
const FIELD_MAX = 150;
const ROWS_MAX = 5;
const CELL_MAX = 60;
const SAMPLE_MAX = 1_500;

/** What the broker found out about what it would do. Rows of the target are not in it. */
export function effectLines({ preview, digest }: ApprovalView): readonly string[] {
  if (preview.state === 'pending') return ['The broker is looking at what it would do.'];
  if (preview.state !== 'ready') return [];
  const why = preview.affected.kind === 'unknown' ? [`How many rows is not known: ${preview.affected.why}`] : [];
  const fields = digest.preview.slice(0, FIELDS_MAX).map(([name, text]) => cutText(`${name}: ${text}`, FIELD_MAX));
  const more = digest.preview.length - fields.length;
  return [...why, ...fields, ...(more > 0 ? [`and ${more} more on the page`] : [])];
}

/** Some of the rows that match, a line for each; empty: there are none, or they are not known. */
export function sampleText({ digest: { sample } }: ApprovalView): string {
  if (sample === null || sample.rows.length === 0) return '';
  const line = (cells: readonly (string | null)[]): string =>
    cells.map((cell) => (cell === null ? 'NULL' : cutText(cell.replaceAll('\n', ' '), CELL_MAX))).join(' | ');
  return cutText([line(sample.columns), ...sample.rows.slice(0, ROWS_MAX).map(line)].join('\n'), SAMPLE_MAX);
}
