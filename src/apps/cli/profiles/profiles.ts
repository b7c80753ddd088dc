import { Command } from 'commander';
import { examples } from '../terminal/api-command.js';
import type { ProfilesOptions } from './profiles-work.js';

/** `doorwarden profiles …`: the brokers that this user has signed in to. */
export function profilesCommand(): Command {
  return new Command('profiles')
    .description('List the brokers that you have signed in to, and choose the one that commands take')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(useCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('List the profiles; the current one has a star')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples(['doorwarden profiles list']))
    .action(async (options: ProfilesOptions) => (await work()).list(options));
}

function useCommand(): Command {
  return new Command('use')
    .description('Make a profile the one that commands take if none is named')
    .argument('<name>')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples(['doorwarden profiles use staging']))
    .action(async (name: string, options: ProfilesOptions) => (await work()).use(name, options));
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./profiles-work.js')> {
  return import('./profiles-work.js');
}
