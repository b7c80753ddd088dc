import { Command } from 'commander';
import { apiCommand, type AnswerOptions, examples } from '../terminal/api-command.js';
import type { LoginOptions } from './login-work.js';
import type { LogoutOptions } from './logout-work.js';

/** `doorwarden login`: a profile for a broker. */
export function loginCommand(): Command {
  return apiCommand('login', 'Sign in to a broker with a browser, or with an API key, and keep that as a profile')
    .option('--no-browser', 'open no browser: only say where to go')
    .option('--with-key', 'take an API key from standard input, or ask for it; for agents and scripts')
    .addHelpText(
      'after',
      examples(
        [
          ['doorwarden login --api https://doorwarden.example', 'as yourself, in a browser'],
          ['doorwarden login --with-key --profile agent <key.txt', 'with the API key of an agent'],
        ],
        'Commands take the profile from now on; with --profile, only those that name it or, if it is the first one, all.\nprofiles lists them, logout ends a session and forgets it.',
      ),
    )
    .action(async (options: LoginOptions) => (await import('./login-work.js')).login(options));
}

export function whoamiCommand(): Command {
  return apiCommand('whoami', 'Say who you are to the broker, what you may do, and until when')
    .addHelpText('after', examples(['doorwarden whoami', 'doorwarden whoami --profile agent --json']))
    .action(async (options: AnswerOptions) => (await import('./whoami-work.js')).whoami(options));
}

export function logoutCommand(): Command {
  return new Command('logout')
    .description('End your session at the broker, and forget the profile')
    .option('--profile <name>', 'this profile; default: DOORWARDEN_PROFILE, the current one')
    .option('--all', 'all profiles')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples(['doorwarden logout', 'doorwarden logout --all'], 'API keys go on working.'))
    .action(async (options: LogoutOptions) => (await import('./logout-work.js')).logout(options));
}
