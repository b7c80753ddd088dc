import { Command, Option } from 'commander';
import { WAIT_SECONDS_MAX } from '../../../contracts/call-limits.js';
import { GRANT_STATES } from '../../../domain/grant.js';
import { apiCommand, type AnswerOptions, examples, whole } from '../terminal/api-command.js';
import { addDefaultCommand } from '../terminal/default-command.js';
import { withPages, withTimes } from '../terminal/list-pages.js';
import type { EndOptions, GrantsListOptions, RevokeOptions } from './grants-work.js';

const ID_ABOUT = 'the grant, or the beginning of its id';

/** `doorwarden grants …`: which grants there are, how they stand, and their end. */
export function grantsCommand(): Command {
  const grants = new Command('grants').description('List grants, look at them, follow and end them');
  return addDefaultCommand(grants, listCommand())
    .addCommand(showCommand())
    .addCommand(watchCommand())
    .addCommand(closeCommand())
    .addCommand(revokeCommand());
}

function listCommand(): Command {
  const command = apiCommand('list', 'List grants, the newest first; an agent sees its own')
    .addOption(new Option('--state <state>', 'in this state').choices(GRANT_STATES))
    .option('--target <name>', 'on one target')
    .option('--principal <name>', 'of one principal')
    .option('--protocol <name>', 'on targets of this protocol');
  return withPages(withTimes(command, 'asked for'))
    .option('-q, --quiet', 'print ids only, one a line')
    .addHelpText(
      'after',
      examples([
        'doorwarden grants list --state active',
        'doorwarden grants list --principal ci-bot --from 7d --all --json',
        ['doorwarden grants --target orders-db', 'list is what grants does by itself'],
      ]),
    )
    .action(async (options: GrantsListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return apiCommand('show', 'Show a grant: its access, what waits for people, how it ended')
    .argument('<id>', ID_ABOUT)
    .addHelpText('after', examples(['doorwarden grants show 01m7ytqm8g9x']))
    .action(async (id: string, options: AnswerOptions) => (await work()).show(id, options));
}

function watchCommand(): Command {
  return apiCommand('watch', 'Follow one grant until it has ended, or all grants until you stop it')
    .argument('[id]', ID_ABOUT)
    .addHelpText(
      'after',
      examples([
        ['doorwarden grants watch', 'a line for each grant that changes'],
        ['doorwarden grants watch 01m7ytqm8g9x', 'ends when the recording is sealed'],
        ['doorwarden grants watch --json', 'one document a line'],
      ]),
    )
    .action(async (id: string | undefined, options: AnswerOptions) =>
      (await import('./grants-watch.js')).watch(id, options),
    );
}

function closeCommand(): Command {
  return apiCommand('close', 'End the task of your own grant; this takes the key of the agent that asked for it')
    .argument('<id>', ID_ABOUT)
    .addOption(waitOption())
    .addHelpText('after', examples([['doorwarden grants close 01m7ytqm8g9x --wait 30', 'and wait for its recording']]))
    .action(async (id: string, options: EndOptions) => (await work()).close(id, options));
}

function revokeCommand(): Command {
  return apiCommand('revoke', 'End a grant for the one who asked for it: its sessions are cut off at once')
    .argument('<id>', ID_ABOUT)
    .option('--reason <text>', 'why; the administrative record keeps it')
    .addOption(waitOption())
    .option('--yes', 'do not ask')
    .addHelpText('after', examples(['doorwarden grants revoke 01m7ytqm8g9x --reason "Wrong database"']))
    .action(async (id: string, options: RevokeOptions) => (await work()).revoke(id, options));
}

function waitOption(): Option {
  return new Option('--wait <seconds>', 'wait so long for the recording to be sealed')
    .argParser(whole(0, WAIT_SECONDS_MAX))
    .default(0);
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./grants-work.js')> {
  return import('./grants-work.js');
}
