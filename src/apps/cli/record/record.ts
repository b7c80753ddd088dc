import { Command } from 'commander';
import { withApi } from '../api-option.js';
import { examples } from '../terminal/api-command.js';
import type { RecordExportOptions, RecordVerifyOptions } from './record-work.js';

/** `doorwarden record …`: the administrative record. */
export function recordCommand(): Command {
  return new Command('record')
    .description('Export the administrative record, and check an export offline')
    .addCommand(exportCommand())
    .addCommand(verifyCommand());
}

function exportCommand(): Command {
  return withApi(new Command('export'))
    .description('Write the administrative record, with its checkpoints, as JSON Lines to standard output')
    .option('--from <time>', 'entries of this time or later, such as 2026-01-31T00:00:00Z')
    .option('--to <time>', 'entries before this time')
    .addHelpText(
      'after',
      examples([
        'doorwarden record export > record.jsonl',
        'doorwarden record export --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z > november.jsonl',
      ]),
    )
    .action(async (options: RecordExportOptions) => (await work()).exportRecord(options));
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('Check an export offline: every entry, the chain, every checkpoint')
    .argument('<file>', 'the export (.jsonl)')
    .option('--keys <jwks.json>', "the broker's public keys, as GET /v1/keys gives them")
    .option('--checkpoints <file>', 'checkpoints that you kept, one a line; the export must have what they are of')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        ['doorwarden record verify record.jsonl --keys keys.json'],
        'Exit codes: 0 everything holds, 1 it does not, 2 it could not be read.',
      ),
    )
    .action(async (file: string, options: RecordVerifyOptions) => {
      process.exitCode = await (await work()).verifyExport(file, options);
    });
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./record-work.js')> {
  return import('./record-work.js');
}
