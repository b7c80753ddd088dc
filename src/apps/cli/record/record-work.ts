import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { JWK } from 'jose';
import { shownJson, shownLine } from '../../../domain/visible-text.js';
import { type Checkpoint, readCheckpoint } from '../../../record/checkpoint.js';
import { checkExport, type ExportReport, ExportUnreadable } from '../../../record/read-export.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { apiOf } from '../api-option.js';
import { KeysUnreadable, readKeys } from '../key-set.js';
import type { ApiOptions } from '../profiles/api-choice.js';
import { EXIT, runCommand } from '../terminal/conventions.js';

export interface RecordExportOptions extends ApiOptions {
  readonly from?: string;
  readonly to?: string;
}

export interface RecordVerifyOptions {
  readonly keys?: string;
  readonly checkpoints?: string;
  readonly json?: boolean;
}

export async function exportRecord({ from, to, ...options }: RecordExportOptions): Promise<void> {
  await runCommand('record export', async () => {
    const query = new URLSearchParams({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    const chunks = apiOf(options, process.env).stream(`/v1/record/export?${query.toString()}`);
    await pipeline(chunks, process.stdout, { end: false });
  });
}

/** Gives the exit code. */
export async function verifyExport(file: string, options: RecordVerifyOptions): Promise<number> {
  let report: ExportReport;
  try {
    const keys = options.keys === undefined ? undefined : await readKeys(options.keys);
    const kept = options.checkpoints === undefined ? [] : await keptCheckpoints(options.checkpoints, keys);
    report = await checkExport(createReadStream(file), { keys, kept });
  } catch (error) {
    const reason = whyUnreadable(error);
    if (reason === undefined) throw error;
    process.stderr.write(`doorwarden record verify: ${shownLine(reason)}\n`);
    return EXIT.usage;
  }
  process.stdout.write(options.json === true ? `${shownJson(JSON.stringify(report))}\n` : textOf(report, file));
  return report.ok ? EXIT.done : EXIT.failed;
}

/** In the order of the record. */
async function keptCheckpoints(path: string, keys: readonly JWK[] | undefined): Promise<readonly Checkpoint[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
  const kept: Checkpoint[] = [];
  for (const line of lines.filter((text) => text !== '')) {
    const read = await readCheckpoint(line, keys);
    if ('wrong' in read) throw new ExportUnreadable(`A checkpoint in ${path} does not hold. ${read.wrong}`);
    kept.push(read);
  }
  return kept.toSorted((a, b) => a.seq - b.seq);
}

function textOf(report: ExportReport, file: string): string {
  const { after, entries } = report;
  if (!report.ok) {
    const { entry, what } = report.problem;
    return `${file}: does NOT verify\n  entry ${entry}: ${shownLine(what)}\n  The ${entries} entries before it hold.\n`;
  }
  const { last, signed, unsigned } = report;
  const lines = [`${file}: verifies`];
  lines.push(
    last === null
      ? '  no entries'
      : `  ${entries} entries, from ${after.seq + 1} to ${last.seq}, the last of ${last.at}`,
    signed === null
      ? '  Nobody has signed for them: the export has no checkpoint.'
      : `  signed for up to entry ${signed.seq}, at ${signed.at}, by ${signed.keyId}${signed.keyTrusted === true ? ', one of the keys you gave' : ''}`,
  );
  if (unsigned > 0 && signed !== null) lines.push(`  ${unsigned} later entries are not signed for yet.`);
  if (after.seq > 0) lines.push(`  It begins after entry ${after.seq}; what was before is not in it.`);
  if (signed?.keyTrusted === null) {
    lines.push("  To know who signed, compare the key with the broker's GET /v1/keys, or give those keys with --keys.");
  }
  return `${lines.join('\n')}\n`;
}

function whyUnreadable(error: unknown): string | undefined {
  if (error instanceof SyntaxError) return 'The keys are not JSON.';
  if (error instanceof KeysUnreadable || error instanceof ExportUnreadable) return error.message;
  return error instanceof Error && systemErrorCode(error) !== undefined ? error.message : undefined;
}
