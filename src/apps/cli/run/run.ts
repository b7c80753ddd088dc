import { Command } from 'commander';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { withApi } from '../api-option.js';
import { examples } from '../terminal/api-command.js';
import { withGrantOptions } from './grant-option-list.js';
import type { RunOptions } from './run-work.js';

const ENDS = "The grant is closed when the program ends, and the exit code is the program's; 125: it was not run.";

/** `doorwarden run … -- CMD`: the door for one program. */
export function runProgramCommand(
  env: NodeJS.ProcessEnv,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Command {
  const shown = protocols.flatMap((protocol) => protocol.examples.run);
  const told = protocols.map((protocol) => protocol.examples.connectionTold).join('\n');
  const command = new Command('run')
    .description('Ask for a grant, run a program with its connection, and close the grant')
    .argument('<program...>', 'the program and its arguments, after --')
    .requiredOption('--target <name>', 'the target')
    .option('--json', 'tell what happens as JSON, one document a line, on standard error')
    .addHelpText('after', examples(shown, `${told}\n${ENDS}`))
    .action(async (words: readonly string[], options: RunOptions) =>
      (await import('./run-work.js')).run(words, options, env),
    );
  return withApi(withGrantOptions(command, protocols));
}
