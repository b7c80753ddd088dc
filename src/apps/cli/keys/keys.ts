import { Command, Option } from 'commander';
import { PERMISSIONS, PRINCIPAL_KINDS, ROLES } from '../../../domain/principal.js';
import { examples } from '../terminal/api-command.js';
import type { Output, RevokedKey, WantedKey } from './keys-work.js';

const JSON_ABOUT = 'print the answer as JSON; this is the default where standard output is not a terminal';

/** `doorwarden keys …`: the first keys of an installation, and help when nobody has a key that works. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list and revoke API keys; this needs only DATABASE_URL');
  keys
    .command('create')
    .description('Make a key, and its principal if none has that name; the key is printed only this once')
    .requiredOption('--principal <name>', 'whose key it is')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--kind <kind>', 'the kind of a new principal; default: agent for the role agent, else user').choices(
        PRINCIPAL_KINDS,
      ),
    )
    .option('--group <name...>', 'groups of a new principal; policies may ask for decisions of a group')
    .option('--label <text>', 'a note of where the key is used')
    .option('--expires <time>', 'when it stops working: so long from now (90d, 12h, 30m), or 2027-01-31T00:00:00Z')
    .addOption(
      new Option('--scope <permission...>', 'the permissions that it has; default: all of the role').choices(
        PERMISSIONS,
      ),
    )
    .option('--json', JSON_ABOUT)
    .addHelpText(
      'after',
      examples([
        'doorwarden keys create --principal alex --role operator',
        'doorwarden keys create --principal ci-bot --role agent --label CI --expires 90d',
      ]),
    )
    .action(async (wanted: WantedKey) => (await work()).printNewKey(wanted));
  keys
    .command('list')
    .description('List the keys of a principal')
    .requiredOption('--principal <name>', 'whose keys')
    .option('--json', JSON_ABOUT)
    .addHelpText('after', examples(['doorwarden keys list --principal ci-bot']))
    .action(async ({ principal, ...output }: { readonly principal: string } & Output) =>
      (await work()).printKeys(principal, output),
    );
  keys
    .command('revoke')
    .description('Revoke a key; after five seconds it no longer works anywhere')
    .requiredOption('--principal <name>', 'whose key it is')
    .requiredOption('--id <id>', 'the 8 characters between the underscores of the key, or the first of them')
    .option('--yes', 'do not ask')
    .option('--json', JSON_ABOUT)
    .addHelpText('after', examples(['doorwarden keys revoke --principal ci-bot --id k4b7']))
    .action(async (wanted: RevokedKey) => (await work()).revokeKey(wanted));
  return keys;
}

/** Loaded only when it is needed: commands that work offline start without a database driver. */
function work(): Promise<typeof import('./keys-work.js')> {
  return import('./keys-work.js');
}
