import { Command, Option } from 'commander';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { targetWordsOf } from '../../../protocol/target-words.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { withApi } from '../api-option.js';
import { withGrantOptions } from '../run/grant-option-list.js';
import { examples } from '../terminal/api-command.js';
import type { ExecOptions } from './exec-work.js';
import { RESULT_FORMATS } from './result-writer.js';

const ORDER =
  'They run one after the other until one fails. One that people must approve waits for them. A text that cannot be read is refused before anybody is asked.';

/** `doorwarden exec TARGET TEXT`: operations without a client, in the words of the protocols that have sessions for it. */
export function execCommand(protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS): Command {
  const speaking = protocols.filter(({ sessions }) => sessions !== undefined);
  const shown = speaking.flatMap(({ examples: { exec } }) => exec);
  const told = [...new Set(speaking.flatMap(({ examples: { execTold } }) => execTold ?? []))];
  const texts = [...new Set(speaking.map(({ trial }) => trial.text))].join(' or ');
  const { operations } = targetWordsOf(speaking.map(({ words }) => words));
  const command = new Command('exec')
    .description(`Ask for a grant, run ${operations} in it, and print what they answer`)
    .argument('<target>', 'the target')
    .argument('[text]', `${texts}, as the target speaks; without it and without --file it is read from standard input`)
    .option('-f, --file <path>', 'read the text from a file')
    .addOption(new Option('--format <form>', 'how results are printed').choices(RESULT_FORMATS).default('table'))
    .option('--json', 'as --format json, and tell on standard error what happens as JSON, one document a line')
    .addHelpText('after', examples(shown, [...told, ORDER].join(' ')))
    .action(async (target: string, text: string | undefined, options: ExecOptions) =>
      (await import('./exec-work.js')).exec(target, text, options, protocols),
    );
  return withApi(withGrantOptions(command, protocols, `Run ${operations} (doorwarden exec)`));
}
