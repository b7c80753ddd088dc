import { Command } from 'commander';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { withApi } from '../api-option.js';
import { withGrantOptions } from '../run/grant-option-list.js';
import { examples } from '../terminal/api-command.js';
import type { ConnectOptions } from './connect-work.js';

/** `doorwarden connect TARGET`: an ordinary client at the terminal. */
export function connectCommand(
  env: NodeJS.ProcessEnv,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Command {
  const shown = protocols.flatMap((protocol) => protocol.examples.connect);
  const command = new Command('connect')
    .description('Ask for a grant and open an ordinary client of the target with it')
    .argument('<target>', 'the target')
    .argument('[options...]', 'more options of the client, after --')
    .option('--client <name>', "the client's name; default: the first of the target's clients that is here")
    .option('--json', 'tell what happens as JSON, one document a line, on standard error')
    .addHelpText('after', examples(shown))
    .action(async (target: string, more: readonly string[], options: ConnectOptions) =>
      (await import('./connect-work.js')).connect(target, { more, options, env }),
    );
  return withApi(withGrantOptions(command, protocols, 'Work at a terminal (doorwarden connect)'));
}
