import { Command } from 'commander';
import { withApi } from '../api-option.js';
import { examples } from '../terminal/api-command.js';
import { withGrantOptions } from './grant-option-list.js';
import type { RunOptions } from './run-work.js';

const EXAMPLES = examples(
  [
    'doorwarden run --target shop --task "Monthly report" -- python3 report.py',
    'doorwarden run --target shop --task "Fix order 17" --write orders --reference JIRA-42 -- node fix.js',
    `doorwarden run --target shop --task "Back up the catalog" --read 'shop.*' -- sh -c 'mysqldump shop > shop.sql'`,
  ],
  `The program finds the connection in its environment: DATABASE_URL, MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_USER, MYSQL_PWD and
MYSQL_DATABASE; DOORWARDEN_FILES names a folder with the authority and option files. mysql, mariadb and their tools need
no options. The grant is closed when the program ends, and the exit code is the program's; 125: it was not run.`,
);

/** `doorwarden run … -- CMD`: the door for one program. */
export function runProgramCommand(env: NodeJS.ProcessEnv): Command {
  const command = new Command('run')
    .description('Ask for a grant, run a program with its connection, and close the grant')
    .argument('<program...>', 'the program and its arguments, after --')
    .requiredOption('--target <name>', 'the target')
    .option('--json', 'tell what happens as JSON, one document a line, on standard error')
    .addHelpText('after', EXAMPLES)
    .action(async (words: readonly string[], options: RunOptions) =>
      (await import('./run-work.js')).run(words, options, env),
    );
  return withApi(withGrantOptions(command));
}
