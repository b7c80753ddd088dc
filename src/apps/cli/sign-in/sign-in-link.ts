import { Command } from 'commander';
import { examples } from '../terminal/api-command.js';
import type { LinkOptions } from './sign-in-link-work.js';

/** `doorwarden sign-in-link`: lets somebody in while no identity provider is configured. */
export function signInLinkCommand(): Command {
  return new Command('sign-in-link')
    .description('Make a link that signs a principal in, once, within 15 minutes; this needs only DATABASE_URL')
    .requiredOption('--principal <name>', 'whom the link lets in')
    .option('--any-address', 'let it work from any address, and not on the machine of the api alone')
    .option('--api <url>', 'the address of the api with which the link begins; default: PUBLIC_URL, DOORWARDEN_API')
    .option('--json', 'print the answer as JSON; this is the default where standard output is not a terminal')
    .addHelpText('after', examples(['doorwarden sign-in-link --principal alex']))
    .action(async (options: LinkOptions) => (await import('./sign-in-link-work.js')).printSignInLink(options));
}
