import { basename } from 'node:path';
import { z } from 'zod';
import { BrokerError } from '../../kernel/errors.js';
import { systemErrorCode } from '../../recording/write/system-error.js';
import { verifyRecording, type VerificationReport, type VerifyOptions } from '../../recording/verify/verify.js';
import { shownJson, shownLine } from '../../domain/visible-text.js';
import { recordedBy } from '../../protocol/target-protocol.js';
import { PROTOCOLS } from '../protocols.js';
import { KeysUnreadable, readKeys } from './key-set.js';
import { EXIT } from './terminal/conventions.js';

/** Smaller files are done before a person could read how far it is. */
const PROGRESS_FILE_BYTES_MIN = 64 * 1024 * 1024;

const optionsSchema = z.object({
  keys: z.string().optional(),
  grant: z.string().optional(),
  sha256: z.string().optional(),
  json: z.boolean().default(false),
});

/** A file that the broker named has its grant's id as its name. */
const GRANT_FILE = /^([0-9a-z]{26})\.tar$/;

/** Where the command writes; the terminal, or a test. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly errIsTerminal: boolean;
}

/** Does what the command does and gives its exit code. */
export async function runVerify(file: string, rawOptions: unknown, output: CommandOutput): Promise<number> {
  const { keys, grant, sha256, json } = optionsSchema.parse(rawOptions);
  let report: VerificationReport;
  try {
    const progress = output.errIsTerminal ? progressOptions(output) : {};
    const trusted = keys === undefined ? {} : { trustedKeys: await readKeys(keys) };
    const expected = { ...(grant === undefined ? {} : { grant }), ...(sha256 === undefined ? {} : { sha256 }) };
    report = await verifyRecording(file, { ...trusted, ...progress, ...expected, protocols: recordedBy(PROTOCOLS) });
  } catch (error) {
    output.err(`doorwarden verify: ${whyUnreadable(error)}\n`);
    return EXIT.usage;
  }
  output.out(json ? `${shownJson(JSON.stringify(report))}\n` : textOf(report, file));
  if (!report.ok) return EXIT.failed;
  warnOfName(report.grant, file, output);
  return report.damage === null ? EXIT.done : EXIT.damaged;
}

function textOf(report: VerificationReport, file: string): string {
  if (!report.ok) return `${file}: does NOT verify\n  ${report.problem.where}: ${shownLine(report.problem.what)}\n`;
  const lines = [
    `${file}: verifies${report.damage === null ? '' : ', and says that it is DAMAGED'}`,
    `  grant ${shownLine(report.grant)}, ${report.entries} entries, ${report.segments} response segments, ${report.bytes} bytes`,
    `  signed by ${report.keyId}${report.keyTrusted ? ', one of the keys you gave' : ''}`,
  ];
  if (report.bodiesUnchecked !== undefined) {
    lines.push(
      `  Bodies of ${shownLine(report.bodiesUnchecked)} were not checked: this version does not know that protocol.`,
      '  Chain, seal, and what all protocols have in common hold.',
    );
  }
  if (report.damage !== null) {
    const { where, what, bytes } = report.damage;
    lines.push(
      `  Before it was closed: ${shownLine(where)}: ${shownLine(what)}`,
      `  The entries up to there hold. ${bytes} bytes that followed are kept under damaged/ and prove nothing.`,
    );
  }
  if (!report.keyTrusted) {
    lines.push(
      '  It is whole, and unchanged since it was signed. To know who signed it, compare this key',
      "  with the broker's GET /v1/keys, or give those keys with --keys.",
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A whole recording in a file that has another grant's name is most likely in the wrong place. */
function warnOfName(grant: string, file: string, { err }: CommandOutput): void {
  const [, named] = GRANT_FILE.exec(basename(file)) ?? [];
  if (named === undefined || named === grant) return;
  err(
    `doorwarden verify: warning: the file is named after grant ${named}, and is the recording of grant ${shownLine(grant)}.\n` +
      '  Check with --grant that it is the recording you mean.\n',
  );
}

function whyUnreadable(error: unknown): string {
  if (error instanceof SyntaxError) return 'The keys are not JSON.';
  if (error instanceof KeysUnreadable) return error.message;
  if (error instanceof BrokerError) return error.detail ?? error.row.title;
  if (error instanceof Error && systemErrorCode(error) !== undefined) return error.message;
  throw error;
}

function progressOptions({ err }: CommandOutput): Pick<VerifyOptions, 'onProgress'> {
  let shown = -1;
  return {
    onProgress: ({ doneBytes, totalBytes }) => {
      if (totalBytes < PROGRESS_FILE_BYTES_MIN) return;
      const percent = Math.floor((doneBytes / totalBytes) * 100);
      if (percent === shown) return;
      shown = percent;
      err(percent === 100 ? '\r          \r' : `\r${percent} % `);
    },
  };
}
