import { Command, Option } from 'commander';
import { PRINCIPAL_KINDS, ROLES } from '../../domain/principal.js';
import type { WantedKey } from './keys-work.js';

/** `doorwarden keys …`: the first keys of an installation, and help when nobody has a key that works. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list and revoke API keys; needs only DATABASE_URL');
  keys
    .command('create')
    .description('Make a key, and its principal when there is none of that name; prints {principal, key} as JSON')
    .requiredOption('--principal <name>', 'whose key it is')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--kind <kind>', 'of a new principal; agent for the role agent, else user').choices(PRINCIPAL_KINDS),
    )
    .option('--group <name...>', 'groups that a new principal is in; policies may want decisions of them')
    .option('--label <text>', 'where the key is used')
    .action(async (wanted: WantedKey) => (await work()).printNewKey(wanted));
  keys
    .command('list')
    .description('List the keys of a principal as JSON')
    .requiredOption('--principal <name>', 'whose keys')
    .action(async ({ principal }: { readonly principal: string }) => (await work()).printKeys(principal));
  keys
    .command('revoke')
    .description('Revoke a key; within five seconds it works nowhere')
    .requiredOption('--principal <name>', 'whose key it is')
    .requiredOption('--id <id>', 'the 8 characters between the underscores of the key')
    .action(async ({ principal, id }: { readonly principal: string; readonly id: string }) =>
      (await work()).revokeKey(principal, id),
    );
  return keys;
}

/** Loaded only when it is needed: commands that work offline start without a database driver. */
function work(): Promise<typeof import('./keys-work.js')> {
  return import('./keys-work.js');
}
