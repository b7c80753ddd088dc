import { Command } from 'commander';
import type { IndexExportOptions } from './export-work.js';

const EXAMPLES = `
Examples:
  doorwarden index export --day 2026-11-28
  doorwarden index export --from 2026-11-01 --to 2026-11-28

It needs DATABASE_URL and RECORDINGS_DIR, and may run while the broker does. Each day is one Parquet file under
RECORDINGS_DIR/exports/statements, written in the place of the one that is there. A day is of UTC and has to be over.
Exit codes: 0 all are written, 1 it failed, 2 the command makes no sense.`;

/** `doorwarden index export`: days of recorded statements, as files for other engines. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write days of recorded statements to Parquet files')
    .option('--day <day>', 'this day, such as 2026-11-28')
    .option('--from <day>', 'from this day on')
    .option('--to <day>', 'up to this day, which is included; default: yesterday')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: IndexExportOptions) => (await import('./export-work.js')).exportDays(options));
}
