import { LineSplitter } from '../recording/chain/lines.js';
import type { Checkpoint } from './checkpoint.js';
import { EXPORT_LINE_BYTES_MAX, type ExportHead, headerIn, itemIn } from './export-file.js';
import { checkRecord, type RecordCheckOptions, type RecordLine, type RecordReport } from './record-report.js';

/** The file is no export of an administrative record, or not one that this version knows. */
export class ExportUnreadable extends Error {}

export type ExportReport = RecordReport & { readonly after: ExportHead['after'] };

/**
 * Checks an export, chunk by chunk: memory does not grow with it. Besides the export's own checkpoints it must agree with
 * those that were kept elsewhere.
 * @throws ExportUnreadable
 */
export async function checkExport(
  chunks: AsyncIterable<Buffer>,
  options: { readonly keys?: RecordCheckOptions['keys']; readonly kept?: readonly Checkpoint[] },
): Promise<ExportReport> {
  const lines = linesIn(chunks);
  const first = await lines.next();
  const header = first.done === true ? undefined : headerIn(first.value);
  if (header === undefined) {
    throw new ExportUnreadable(
      'It does not begin as an export of the administrative record in a format that is known.',
    );
  }
  const { after, to } = header;
  const report = await checkRecord(itemsIn(lines), { ...options, from: after, to });
  return { ...report, after };
}

async function* itemsIn(lines: AsyncIterable<string>): AsyncGenerator<RecordLine> {
  for await (const line of lines) yield itemIn(line);
}

async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const splitter = new LineSplitter(EXPORT_LINE_BYTES_MAX);
  for await (const chunk of chunks) {
    const lines: string[] = [];
    const isWhole = splitter.push(chunk, (line) => lines.push(line.toString('utf8')) > 0);
    yield* lines;
    if (!isWhole) throw new ExportUnreadable('A line of it is longer than any line of an export.');
  }
  if (splitter.restBytes > 0) throw new ExportUnreadable('Its last line does not end: the file is not whole.');
}
