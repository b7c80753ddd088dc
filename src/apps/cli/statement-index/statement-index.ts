import { Command } from 'commander';
import { exportCommand } from './export-command.js';
import type { RebuildOptions } from './rebuild-work.js';

const EXAMPLES = `
Examples:
  doorwarden index rebuild                 everything, the newest recordings first
  doorwarden index rebuild --grant ID      one recording
  doorwarden index rebuild --json          the counts as JSON

It needs DATABASE_URL and RECORDINGS_DIR, and may run while the broker does. Until a recording is read again its
statements are missing from searches. What no recording has any more is taken out. If it is stopped, workers finish the
recording that it was at; run it again for the rest.
Exit codes: 0 all are in the index, 1 some could not be read, 2 the command makes no sense.`;

/** `doorwarden index …`: the index of recorded statements that searches use. */
export function statementIndexCommand(): Command {
  return new Command('index')
    .description('Make the index of recorded statements again, or files of it')
    .addCommand(rebuildCommand())
    .addCommand(exportCommand());
}

function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('Read recordings again and put their statements into the index')
    .option('--grant <id>', 'only the recording of this grant')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: RebuildOptions) => (await import('./rebuild-work.js')).rebuild(options));
}
