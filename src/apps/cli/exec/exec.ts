import { Command, Option } from 'commander';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { withApi } from '../api-option.js';
import { withGrantOptions } from '../run/grant-option-list.js';
import { examples } from '../terminal/api-command.js';
import type { ExecOptions } from './exec-work.js';
import { RESULT_FORMATS } from './result-writer.js';

const ORDER =
  'Statements end with a semicolon, and run one after the other until one fails. One that people must approve waits for them.';

/** `doorwarden exec TARGET SQL`: statements without a client. */
export function execCommand(protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS): Command {
  const shown = protocols.flatMap((protocol) => protocol.examples.exec);
  const command = new Command('exec')
    .description('Ask for a grant, run statements in it, and print what they answer')
    .argument('<target>', 'the target')
    .argument('[sql]', 'the statements; without them and without --file they are read from standard input')
    .option('-f, --file <path>', 'read the statements from a file')
    .addOption(new Option('--format <form>', 'how results are printed').choices(RESULT_FORMATS).default('table'))
    .option('--json', 'as --format json, and tell on standard error what happens as JSON, one document a line')
    .addHelpText('after', examples(shown, ORDER))
    .action(async (target: string, sql: string | undefined, options: ExecOptions) =>
      (await import('./exec-work.js')).exec(target, sql, options),
    );
  return withApi(withGrantOptions(command, protocols, 'Run statements (doorwarden exec)'));
}
