import { Command, Option } from 'commander';
import { PRINCIPAL_KINDS, ROLES } from '../../../domain/principal.js';
import { apiCommand, type AnswerOptions, examples } from '../terminal/api-command.js';
import { addDefaultCommand } from '../terminal/default-command.js';
import { withPages } from '../terminal/list-pages.js';
import type { PrincipalListOptions } from './principals-work.js';

/** `doorwarden principals …`: who may come. */
export function principalsCommand(): Command {
  const principals = new Command('principals').description('List principals and look at them');
  return addDefaultCommand(principals, listCommand()).addCommand(showCommand());
}

function listCommand(): Command {
  const command = apiCommand('list', 'List principals, the newest first')
    .option('--text <text>', 'a part of the name, of the e-mail address or of the name to show')
    .addOption(new Option('--kind <kind>', 'of this kind').choices(PRINCIPAL_KINDS))
    .addOption(new Option('--role <role>', 'with this role').choices(ROLES))
    .option('--group <name>', 'in this group')
    .option('--provider <name>', 'that this identity provider brought')
    .addOption(new Option('--state <state>', 'whose keys work, or do not').choices(['enabled', 'disabled']));
  return withPages(command)
    .addHelpText(
      'after',
      examples([
        'doorwarden principals list --role approver --group dba',
        'doorwarden principals list --text ana --json',
      ]),
    )
    .action(async (options: PrincipalListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return apiCommand('show', 'Show a principal: its roles, groups and keys')
    .argument('<name>')
    .addHelpText('after', examples(['doorwarden principals show ci-bot']))
    .action(async (name: string, options: AnswerOptions) => (await work()).show(name, options));
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./principals-work.js')> {
  return import('./principals-work.js');
}
