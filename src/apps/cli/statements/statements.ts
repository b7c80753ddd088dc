import { Command, Option } from 'commander';
import { STATEMENT_DECISIONS } from '../../../contracts/recordings/statement.js';
import { VERDICTS } from '../../../domain/verdict.js';
import { apiCommand, examples, whole } from '../terminal/api-command.js';
import { addDefaultCommand } from '../terminal/default-command.js';
import { withPages, withTimes } from '../terminal/list-pages.js';
import type { StatementSearchOptions } from './statements-work.js';

const NUMBER_MAX = 2_000_000_000;

/** `doorwarden statements …`: what was sent, over all recordings. */
export function statementsCommand(): Command {
  const statements = new Command('statements').description('Search recorded statements');
  return addDefaultCommand(statements, searchCommand());
}

function searchCommand(): Command {
  const command = apiCommand('search', 'Search recorded statements, the newest first')
    .argument('[words...]', 'all of them stand in the statement or its values; a phrase in double quotes')
    .option('--principal <name>', 'of the grants of one principal')
    .option('--sponsor <name>', 'of agents for whom this principal answers')
    .option('--target <name>', 'on one target')
    .option('--table <name>', '`database.table`, or `table` in any database')
    .option('--kind <kind>', 'what it is: select, "create table"')
    .addOption(new Option('--verdict <verdict>', 'that were judged so').choices(VERDICTS))
    .addOption(new Option('--decision <decision>', 'about which people decided so').choices(STATEMENT_DECISIONS))
    .option('--error <code>', 'that ended with this error; `any` for any')
    .option('--rows-min <number>', 'that read or changed so many rows or more', whole(1, NUMBER_MAX))
    .option('--duration-min-ms <number>', 'that took so many milliseconds or longer', whole(1, NUMBER_MAX))
    .option('--grant <id>', 'of one grant; the beginning of its id is enough')
    .option('--task <words>', 'of tasks with these words in their title or reference');
  return withPages(withTimes(command, 'sent'))
    .addHelpText(
      'after',
      examples([
        'doorwarden statements search orders --kind delete --from 7d',
        ['doorwarden statements search \'"state = 9"\' --target orders-db', 'a phrase'],
        'doorwarden statements search --decision denied --all --json',
      ]),
    )
    .action(async (words: readonly string[], options: StatementSearchOptions) =>
      (await import('./statements-work.js')).search(words, options),
    );
}
