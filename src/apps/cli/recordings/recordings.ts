import { Command } from 'commander';
import { apiCommand, type AnswerOptions, examples } from '../terminal/api-command.js';
import { addDefaultCommand } from '../terminal/default-command.js';
import { withPages, withTimes } from '../terminal/list-pages.js';
import type { DownloadOptions, RecordingListOptions } from './recordings-work.js';

const ID_ABOUT = 'the grant, or the beginning of its id';

/** `doorwarden recordings …`: what was done, sealed; `verify` and `replay` work on what `download` writes. */
export function recordingsCommand(): Command {
  const recordings = new Command('recordings').description('List recordings, look at them, download them');
  return addDefaultCommand(recordings, listCommand()).addCommand(showCommand()).addCommand(downloadCommand());
}

function listCommand(): Command {
  const command = apiCommand('list', 'List recordings, the newest first')
    .option('--principal <name>', 'of the grants of one principal')
    .option('--target <name>', 'on one target')
    .option('--protocol <name>', 'on targets of this protocol');
  return withPages(withTimes(command, 'of grants asked for'))
    .addHelpText(
      'after',
      examples(['doorwarden recordings list --from 1d', 'doorwarden recordings list --target orders-db --all --json']),
    )
    .action(async (options: RecordingListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return apiCommand('show', 'Show what is known of a recording without reading it')
    .argument('<grant>', ID_ABOUT)
    .addHelpText('after', examples(['doorwarden recordings show 01m7ytqm8g9x']))
    .action(async (id: string, options: AnswerOptions) => (await work()).show(id, options));
}

function downloadCommand(): Command {
  return apiCommand('download', 'Write the sealed recording to a file for your eyes only')
    .argument('<grant>', ID_ABOUT)
    .option('-o, --output <file>', 'where to; - for standard output; default: the whole id and .tar, here')
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      examples([
        'doorwarden recordings download 01m7ytqm8g9x',
        'doorwarden recordings download 01m7ytqm8g9x --output task.tar && doorwarden replay task.tar --summary',
      ]),
    )
    .action(async (id: string, options: DownloadOptions) =>
      (await import('./recording-download.js')).download(id, options),
    );
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./recordings-work.js')> {
  return import('./recordings-work.js');
}
