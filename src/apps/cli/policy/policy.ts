import { Command, Option } from 'commander';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { withProtocolOptions } from '../protocol-options.js';
import { apiCommand, type AnswerOptions, examples, whole } from '../terminal/api-command.js';
import type { PolicyChangeOptions, TryOptions } from './policy-work.js';

const REVISION_MAX = 999_999_999;
const REASON_ABOUT = 'why; the history of the policy and the administrative record keep it';

/** `doorwarden policy …`: reads, writes and tries policies through the API. */
export function policyCommand(protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS): Command {
  return new Command('policy')
    .description('List, read, write and try policies')
    .addCommand(listCommand())
    .addCommand(getCommand())
    .addCommand(putCommand())
    .addCommand(deleteCommand())
    .addCommand(tryCommand(protocols));
}

function listCommand(): Command {
  return apiCommand('list', 'List the policies in force')
    .addHelpText('after', examples(['doorwarden policy list', 'doorwarden policy list --json']))
    .action(async (options: AnswerOptions) => (await work()).list(options));
}

function getCommand(): Command {
  return apiCommand('get', 'Print the text of a policy')
    .argument('<name>')
    .addHelpText('after', examples(['doorwarden policy get default > default.cedar']))
    .action(async (name: string, options: AnswerOptions) => (await work()).get(name, options));
}

function putCommand(): Command {
  return apiCommand('put', 'Write a policy from a file; the broker refuses it unless all policies together are valid')
    .argument('<name>')
    .argument('<file>', 'a file of Cedar policies, or - for standard input')
    .addOption(revisionOption('only if the policy still has this revision; 0: only if there is no such policy'))
    .option('--reason <text>', REASON_ABOUT)
    .addHelpText(
      'after',
      examples([
        'doorwarden policy put default default.cedar --reason "Reads run at once"',
        ['doorwarden policy put nightly - --revision 0 < nightly.cedar', 'only where there is none yet'],
      ]),
    )
    .action(async (name: string, file: string, options: PolicyChangeOptions) =>
      (await work()).put({ name, file }, options),
    );
}

function deleteCommand(): Command {
  return apiCommand('delete', 'Delete a policy; the broker keeps its earlier versions')
    .argument('<name>')
    .addOption(revisionOption('only if the policy still has this revision'))
    .option('--reason <text>', REASON_ABOUT)
    .option('--yes', 'do not ask')
    .addHelpText('after', examples(['doorwarden policy delete nightly --reason "The job is gone"']))
    .action(async (name: string, options: PolicyChangeOptions & { readonly yes?: boolean }) =>
      (await work()).remove(name, options),
    );
}

function tryCommand(protocols: readonly ClientProtocol[]): Command {
  const texts = [...new Set(protocols.map(({ trial }) => trial.text))].join(' or ');
  const command = apiCommand(
    'try',
    'Try the policies on a statement, or on a request for a grant; nothing is sent to a target',
  )
    .argument('<statement>', `${texts}; with --grant-request JSON such as {"ttlSeconds": 600}`)
    .requiredOption('--target <name>', 'on which target')
    .option('--principal <name>', 'the principal that sends the statement; default: you')
    .option('--grant-request', 'try a request for a grant instead')
    .addHelpText(
      'after',
      examples([
        ...protocols.flatMap(({ examples: { policyTry } }) => policyTry),
        'doorwarden policy try --target orders-db --principal ci-bot --grant-request \'{"ttlSeconds": 600}\'',
      ]),
    )
    .action(async (statement: string, options: TryOptions) =>
      (await work()).tryPolicies(statement, options, protocols),
    );
  return withProtocolOptions(
    command,
    protocols.flatMap(({ trial }) => trial.options),
  );
}

function revisionOption(about: string): Option {
  return new Option('--revision <number>', about).argParser(whole(0, REVISION_MAX));
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./policy-work.js')> {
  return import('./policy-work.js');
}
