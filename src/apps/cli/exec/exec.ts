import { Command, Option } from 'commander';
import { withApi } from '../api-option.js';
import { withGrantOptions } from '../run/grant-option-list.js';
import { examples } from '../terminal/api-command.js';
import type { ExecOptions } from './exec-work.js';
import { RESULT_FORMATS } from './result-writer.js';

const EXAMPLES = examples(
  [
    'doorwarden exec shop "SELECT id, total FROM orders"',
    'doorwarden exec shop "UPDATE orders SET total = 0 WHERE id = 17" --write orders --task "Fix order 17"',
    "doorwarden exec shop --file report.sql --read 'shop.*' --format csv > report.csv",
    'generate-sql | doorwarden exec shop --json',
  ],
  'Statements end with a semicolon, and run one after the other until one fails. One that people must approve waits for them.',
);

/** `doorwarden exec TARGET SQL`: statements without a client. */
export function execCommand(): Command {
  const command = new Command('exec')
    .description('Ask for a grant, run statements in it, and print what they answer')
    .argument('<target>', 'the target')
    .argument('[sql]', 'the statements; without them and without --file they are read from standard input')
    .option('-f, --file <path>', 'read the statements from a file')
    .addOption(new Option('--format <form>', 'how results are printed').choices(RESULT_FORMATS).default('table'))
    .option('--json', 'as --format json, and tell on standard error what happens as JSON, one document a line')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, sql: string | undefined, options: ExecOptions) =>
      (await import('./exec-work.js')).exec(target, sql, options),
    );
  return withApi(withGrantOptions(command, 'Run statements (doorwarden exec)'));
}
