import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { shownLine } from '../../../domain/visible-text.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import type { RecordedProtocols } from '../../../recording/recorded-protocol.js';
import { replaySealed } from '../../../recording/replay/replay-sealed.js';
import { startUs } from '../../../recording/replay/step-facts.js';
import { type StoryStep, stepOfEntry, Story } from '../../../recording/replay/story.js';
import { SealedFile } from '../../../recording/seal/sealed-file.js';
import { verifyRecording } from '../../../recording/verify/verify.js';
import { PROTOCOLS } from '../../protocols.js';
import { EXIT } from '../terminal/conventions.js';
import { type Paint, PLAIN } from '../terminal/paint.js';
import type { CommandOutput } from '../verify-work.js';
import { protocolOf, showEnvelopes } from './replay-envelopes.js';
import { grepPattern } from './replay-filter.js';
import { ReplaySummary } from './replay-summary.js';
import { type ReplayProtocol, ReplayView } from './replay-view.js';

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
