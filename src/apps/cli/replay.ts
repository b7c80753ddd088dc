import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { replaySealed } from '../../recording/replay.js';
import { SealedFile } from '../../recording/sealed-file.js';
import { systemErrorCode } from '../../recording/system-error.js';
import { transcriptOf } from '../../recording/transcript.js';
import { verifyRecording } from '../../recording/verify.js';
import { shownLine } from '../../domain/visible-text.js';
import { responseDecoder } from './replay-decoder.js';
import type { CommandOutput } from './verify.js';

const EXIT_SHOWN = 0;
const EXIT_BROKEN = 1;
const EXIT_UNREADABLE = 2;

const optionsSchema = z.object({
  format: z.enum(['text', 'sql', 'json']),
  session: z.number().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  rows: z.number(),
  pace: z.enum(['none', 'real']),
  step: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

/** Where the command writes; the terminal, or a test. */
export interface ReplayOutput extends Pick<CommandOutput, 'err'> {
  /** Resolves when more can be taken. */
  readonly out: (text: string) => Promise<void>;
}

/** `doorwarden replay FILE`: shows a sealed recording. It verifies first and says loudly when that fails (exit 1). */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Show a sealed recording: statements, results and times, offline.')
    .argument('<file>', 'the sealed recording (.tar)')
    .addOption(new Option('--format <format>', 'how to show it').choices(['text', 'sql', 'json']).default('text'))
    .option('--session <number>', 'only this session', wholeNumber)
    .option('--from <entry>', 'begin with this entry', wholeNumber)
    .option('--to <entry>', 'end with this entry', wholeNumber)
    .option('--rows <number>', 'rows to show of each result', wholeNumber, 20)
    .addOption(new Option('--pace <pace>', 'wait as long as it took').choices(['none', 'real']).default('none'))
    .option('--step', 'wait for Enter after each entry')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT_SHOWN : EXIT_UNREADABLE))
    .action(async (file: string, options: unknown) => {
      // The reader of a pipe, such as `head`, has seen enough.
      process.stdout.once('error', (error) =>
        process.exit(systemErrorCode(error) === 'EPIPE' ? EXIT_SHOWN : EXIT_UNREADABLE),
      );
      process.exitCode = await runReplay(file, options, {
        out: writeOut,
        err: (text) => process.stderr.write(text),
      });
    });
}

/** Does what the command does and gives its exit code. */
export async function runReplay(file: string, rawOptions: unknown, output: ReplayOutput): Promise<number> {
  const options = optionsSchema.parse(rawOptions);
  try {
    const report = await verifyRecording(file);
    if (!report.ok) {
      output.err(`This recording does NOT verify: ${report.problem.where}: ${shownLine(report.problem.what)}\n`);
    }
    const sealed = await SealedFile.open(file);
    if (!(sealed instanceof SealedFile)) return EXIT_BROKEN;
    try {
      await show(sealed, options, output);
    } finally {
      await sealed.close();
    }
    return report.ok ? EXIT_SHOWN : EXIT_BROKEN;
  } catch (error) {
    output.err(`doorwarden replay: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_UNREADABLE;
  }
}

async function show(sealed: SealedFile, options: Options, { out }: ReplayOutput): Promise<void> {
  const { format, session, from, to, rows, pace, step } = options;
  const keyboard = step ? createInterface({ input: process.stdin }) : undefined;
  const lines = keyboard?.[Symbol.asyncIterator]();
  let shownMono: number | undefined;
  try {
    const chosen = {
      ...(session === undefined ? {} : { session }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    for await (const replayed of replaySealed(sealed, {
      ...chosen,
      rowsMax: rows,
      decodeResponse: responseDecoder(),
    })) {
      const text = transcriptOf(replayed, format);
      if (text === '') continue;
      if (pace === 'real') await sleep((replayed.entry.mono - (shownMono ?? replayed.entry.mono)) / 1000);
      shownMono = replayed.entry.mono;
      await out(text);
      await lines?.next();
    }
  } finally {
    keyboard?.close();
  }
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number is wanted.');
  return Number(text);
}
