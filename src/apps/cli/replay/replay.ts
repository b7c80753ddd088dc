import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { examples } from '../terminal/api-command.js';
import { EXIT } from '../terminal/conventions.js';
import { paintFor } from '../terminal/paint.js';
import { REPLAY_FORMATS } from './replay.forms.js';

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
        .choices(REPLAY_FORMATS)
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
      const { runReplay } = await import('./replay-work.js');
      process.exitCode = await runReplay(file, options, {
        out: writeOut,
        err: (text) => process.stderr.write(text),
        paint: paintFor(process.stdout),
      });
    });
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
