import type { StatementPreview } from '../../sql/statement-preview.js';

/** A sample is cut to this, rows first: previews are read by people. */
const SAMPLED_BYTES_MAX = 256 * 1024;

/** Fewer rows of the sample when all of them are too much; none of them is no answer, so then there is no sample. */
export function withinLimit(preview: StatementPreview): StatementPreview {
  if (Buffer.byteLength(JSON.stringify(preview)) <= SAMPLED_BYTES_MAX || preview.sample === null) return preview;
  const { sample } = preview;
  const { rows } = sample;
  const fewer = rows.slice(0, Math.floor(rows.length / 2));
  return withinLimit({ ...preview, sample: fewer.length === 0 ? null : { ...sample, rows: fewer } });
}
