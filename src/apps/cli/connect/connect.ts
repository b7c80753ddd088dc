import { Command } from 'commander';
import { withApi } from '../api-option.js';
import { withGrantOptions } from '../run/grant-option-list.js';
import { examples } from '../terminal/api-command.js';
import type { ConnectOptions } from './connect-work.js';

const EXAMPLES = examples([
  'doorwarden connect shop',
  'doorwarden connect shop --task "Look at order 17" --write orders --client mysql',
  `doorwarden connect shop -- --safe-updates --prompt='shop> '`,
]);

/** `doorwarden connect TARGET`: an ordinary client at the terminal. */
export function connectCommand(env: NodeJS.ProcessEnv): Command {
  const command = new Command('connect')
    .description('Ask for a grant and open an ordinary client of the database with it')
    .argument('<target>', 'the target')
    .argument('[options...]', 'more options of the client, after --')
    .option('--client <name>', 'the client, such as mariadb or mysql; default: the first that is here')
    .option('--json', 'tell what happens as JSON, one document a line, on standard error')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, more: readonly string[], options: ConnectOptions) =>
      (await import('./connect-work.js')).connect(target, { more, options, env }),
    );
  return withApi(withGrantOptions(command, 'Work at a terminal (doorwarden connect)'));
}
