import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { shownLine } from '../../../domain/visible-text.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import type { RecordedProtocols } from '../../../recording/recorded-protocol.js';
import { replaySealed } from '../../../recording/replay/replay-sealed.js';
import { startUs } from '../../../recording/replay/step-facts.js';
import { type StoryStep, stepOfEntry, Story } from '../../../recording/replay/story.js';
import { SealedFile } from '../../../recording/seal/sealed-file.js';
import { verifyRecording } from '../../../recording/verify/verify.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { PROTOCOLS } from '../../protocols.js';
import { examples } from '../terminal/api-command.js';
import { EXIT } from '../terminal/conventions.js';
import { type Paint, PLAIN, paintFor } from '../terminal/paint.js';
import type { CommandOutput } from '../verify.js';
import { protocolOf, showEnvelopes } from './replay-envelopes.js';
import { grepPattern } from './replay-filter.js';
import { ReplaySummary } from './replay-summary.js';
import { COMMON_FORMATS, type ReplayProtocol, ReplayView } from './replay-view.js';

const optionsSchema = z.object({
  format: z.string(),
  session: z.number().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  rows: z.number(),
  pace: z.enum(['none', 'real']),
  step: z.boolean().default(false),
  summary: z.boolean().default(false),
  changes: z.boolean().default(false),
  denied: z.boolean().default(false),
  grep: z.string().optional(),
  all: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

/** Where the command writes; the terminal, or a test. */
export interface ReplayOutput extends Pick<CommandOutput, 'err'> {
  /** Resolves when more can be taken. */
  readonly out: (text: string) => Promise<void>;
  /** Default: no colours. */
  readonly paint?: Paint;
}

/** `doorwarden replay FILE`: shows a sealed recording. It verifies first and says loudly when that fails. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Show a sealed recording: statements, results and times, offline')
    .argument('<file>', 'the sealed recording (.tar)')
    .option('--summary', 'the task on one screen: counts, changes, what was denied')
    .option('--changes', 'show only statements that changed something, or may have')
    .option('--denied', 'show only what was denied, refused, or left without a decision')
    .option('--grep <pattern>', 'show only entries in which this is found: in texts, values, reasons or errors')
    .option('--all', 'show also what drivers do by themselves, and do not fold it')
    .addOption(
      new Option(
        '--format <format>',
        'how to show it: in words, entry by entry, as JSON lines, or as its protocol has it',
      )
        .choices(formatsOf(recordedBy(PROTOCOLS)))
        .default('text'),
    )
    .option('--session <number>', 'only this session', wholeNumber)
    .option('--from <entry>', 'begin with this entry', wholeNumber)
    .option('--to <entry>', 'end with this entry', wholeNumber)
    .option('--rows <number>', 'rows to show of each result', wholeNumber, 20)
    .addOption(
      new Option('--pace <pace>', 'wait between entries as long as it took').choices(['none', 'real']).default('none'),
    )
    .option('--step', 'wait for Enter after each entry')
    .addHelpText(
      'after',
      examples([
        ['doorwarden replay 01m7ytqm8g9xt6m7ken4f6b9rz.tar --summary', 'the task on one screen'],
        'doorwarden replay 01m7ytqm8g9xt6m7ken4f6b9rz.tar --changes --format sql',
      ]),
    )
    .action(async (file: string, options: unknown) => {
      // The reader of a pipe, such as `head`, has seen enough.
      process.stdout.once('error', (error) =>
        process.exit(systemErrorCode(error) === 'EPIPE' ? EXIT.done : EXIT.usage),
      );
      process.exitCode = await runReplay(file, options, {
        out: writeOut,
        err: (text) => process.stderr.write(text),
        paint: paintFor(process.stdout),
      });
    });
}

/** Does what the command does and gives its exit code. */
export async function runReplay(
  file: string,
  rawOptions: unknown,
  output: ReplayOutput,
  protocols: RecordedProtocols = recordedBy(PROTOCOLS),
): Promise<number> {
  const options = optionsSchema.parse(rawOptions);
  try {
    const report = await verifyRecording(file, { protocols });
    if (!report.ok) {
      output.err(`This recording does NOT verify: ${report.problem.where}: ${shownLine(report.problem.what)}\n`);
    }
    const sealed = await SealedFile.open(file);
    if (!(sealed instanceof SealedFile)) return EXIT.failed;
    try {
      await show(sealed, protocols, options, output);
    } finally {
      await sealed.close();
    }
    if (!report.ok) return EXIT.failed;
    return report.damage === null ? EXIT.done : EXIT.damaged;
  } catch (error) {
    output.err(`doorwarden replay: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.usage;
  }
}

/** The protocol of the recording tells it, where it is listed and has the words. */
async function show(
  sealed: SealedFile,
  protocols: RecordedProtocols,
  options: Options,
  output: ReplayOutput,
): Promise<void> {
  const name = await protocolOf(sealed);
  if (name === undefined) return; // it has no entry
  const protocol = protocols.get(name);
  if (protocol?.replay !== undefined) return tell(sealed, { ...protocol, replay: protocol.replay }, options, output);
  const why = protocol === undefined ? 'does not know the protocol' : 'has no words for the protocol';
  output.err(`This version ${why} ${shownLine(name)}: it shows entries without their bodies.\n`);
  return showEnvelopes(sealed, options, output.out);
}

async function tell(
  sealed: SealedFile,
  protocol: ReplayProtocol,
  options: Options,
  { out, paint }: ReplayOutput,
): Promise<void> {
  const { session, from, to, rows, pace, step: stepwise, summary } = options;
  const view = summary ? undefined : new ReplayView(protocol, viewOptions(options, paint));
  const keyboard = stepwise ? createInterface({ input: process.stdin }) : undefined;
  const lines = keyboard?.[Symbol.asyncIterator]();
  const summing = new ReplaySummary(protocol.replay);
  const story = new Story(protocol);
  let shownUs: number | undefined;
  const each = async (step: StoryStep): Promise<void> => {
    if (view === undefined) return summing.take(step);
    const text = view.take(step);
    if (text === '') return;
    const atUs = startUs(step);
    if (pace === 'real') await sleep(Math.max(0, atUs - (shownUs ?? atUs)) / 1000);
    shownUs = atUs;
    await out(text);
    await lines?.next();
  };
  try {
    const teller = protocol.replay.teller({ rowsMax: rows });
    for await (const replayed of replaySealed(sealed, { protocol, teller, session, from, to })) {
      // What a person looks for is told operation by operation; everything else entry by entry, as it was recorded.
      const steps = view?.isByEntry === true ? [stepOfEntry(replayed)] : story.take(replayed);
      for (const step of steps) await each(step);
    }
    for (const step of story.rest()) await each(step);
    await out(view === undefined ? `${summing.lines().join('\n')}\n` : view.end());
  } finally {
    keyboard?.close();
  }
}

function viewOptions({ format, changes, denied, grep, all }: Options, paint = PLAIN) {
  return { format, changes, denied, grep: grep === undefined ? undefined : grepPattern(grep), all, paint };
}

/** What a user may ask for: what all recordings have, and what those of some protocols have besides. */
function formatsOf(protocols: RecordedProtocols): readonly string[] {
  const own = [...protocols.values()].flatMap(({ replay }) => Object.keys(replay?.formats ?? {}));
  return [...new Set([...COMMON_FORMATS, ...own])];
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
