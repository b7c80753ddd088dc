import { Command, Option } from 'commander';
import { apiCommand, examples } from '../terminal/api-command.js';
import { APPLY_KINDS } from './apply-kinds.js';
import type { ApplyOptions } from './apply-work.js';
import type { ExportOptions } from './export-work.js';

/** `doorwarden apply`: makes the broker have what files say. */
export function applyCommand(): Command {
  return apiCommand('apply', 'Make targets, policies, identity providers and the identity mapping what files say')
    .requiredOption('-f, --file <path...>', 'files of documents, folders of such files, or - for standard input')
    .option('--dry-run', 'only show what would change')
    .option('--prune', 'delete what is there and has no document, of the kinds that the files have')
    .option('--secrets', 'send passwords and client secrets where nothing else changes, too')
    .option('--reason <text>', 'why; the administrative record keeps it')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        [
          ['doorwarden apply -f broker/ --dry-run', 'what would change'],
          ['doorwarden apply -f broker/ --yes --reason "Merged"', 'in a pipeline'],
          ['ORDERS_PASSWORD=… doorwarden apply -f targets.yaml', 'spec.passwordFrom: {env: ORDERS_PASSWORD}'],
        ],
        'It shows the difference first, and asks. It stops at the first refusal, and says what was applied before it.\nFiles: docs/apply.md. doorwarden export prints what is there as such a file.',
      ),
    )
    .action(async (options: ApplyOptions) => (await import('./apply-work.js')).apply(options));
}

/** `doorwarden export`: what is there, as files for `apply`. */
export function exportCommand(): Command {
  return apiCommand('export', 'Print what the broker has as documents that apply takes; secrets are never in it')
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(APPLY_KINDS))
    .addHelpText(
      'after',
      examples(['doorwarden export > broker.yaml', 'doorwarden export --kind Policy IdentityMapping --json']),
    )
    .action(async (options: ExportOptions) => (await import('./export-work.js')).exportAll(options));
}
