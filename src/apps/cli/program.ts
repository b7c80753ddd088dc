import { Command } from 'commander';
import type { ClientProtocol } from '../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../client-protocols.js';
import { packageVersion } from '../package-version.js';
import { applyCommand, exportCommand } from './apply/apply.js';
import { approvalsCommand } from './approvals/approvals.js';
import { gatewayCommand } from './gateway/gateway.js';
import { grantsCommand } from './grants/grants.js';
import { keysCommand } from './keys/keys.js';
import { mcpCommand } from './mcp/mcp.js';
import { loginCommand, logoutCommand, whoamiCommand } from './login/login.js';
import { policyCommand } from './policy/policy.js';
import { principalsCommand } from './principals/principals.js';
import { processCommand } from './processes.js';
import { profilesCommand } from './profiles/profiles.js';
import { recordCommand } from './record/record.js';
import { recordingsCommand } from './recordings/recordings.js';
import { replayCommand } from './replay/replay.js';
import { signInLinkCommand } from './sign-in/sign-in-link.js';
import { statementIndexCommand } from './statement-index/statement-index.js';
import { statementsCommand } from './statements/statements.js';
import { targetsCommand } from './targets/targets.js';
import { connectCommand } from './connect/connect.js';
import { execCommand } from './exec/exec.js';
import { runProgramCommand } from './run/run.js';
import { examples } from './terminal/api-command.js';
import { completionCommand } from './terminal/completion.js';
import { keepToConventions } from './terminal/conventions.js';
import { verifyCommand } from './verify.js';
import { versionCommand } from './version.js';

const EXAMPLES = examples(
  [
    [
      'doorwarden run --target orders-db --task "Count orders" -- ./count.sh',
      'a program, with access for as long as it runs',
    ],
    ['doorwarden login --api https://doorwarden.example', 'sign in with a browser'],
    ['doorwarden approvals watch', 'decide as questions come'],
    ['doorwarden grants list --state active', 'who has access now'],
    ['doorwarden apply -f broker/ --dry-run', 'what files in git would change'],
    ['doorwarden help approvals approve', 'everything about one command'],
  ],
  'Processes are configured by environment variables, or by a file .env where they run; .env.example lists them all.\nExit codes, --json, questions and ids: docs/command-line.md.',
);

/**
 * `doorwarden` with all its commands, as the completion, the conventions and their test see it. `env` is the environment as
 * the caller gave it; `protocols` are those that it has words of.
 */
export function program(
  env: NodeJS.ProcessEnv = process.env,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Command {
  const doorwarden = new Command('doorwarden')
    .description(
      'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording',
    )
    .version(packageVersion())
    .commandsGroup('About this program:')
    .helpCommand('help [command]', 'Explain a command')
    .addHelpText('after', EXAMPLES);
  for (const [heading, commands] of Object.entries(groupsOf(env, protocols))) {
    for (const command of commands) doorwarden.addCommand(command.helpGroup(heading));
  }
  return keepToConventions(doorwarden);
}

/** The commands as `--help` shows them: who needs which, in the order in which a newcomer meets them. */
function groupsOf(
  env: NodeJS.ProcessEnv,
  protocols: readonly ClientProtocol[],
): Readonly<Record<string, readonly Command[]>> {
  return {
    'Signing in:': [loginCommand(), whoamiCommand(), logoutCommand(), profilesCommand()],
    'For agents and their programs:': [
      runProgramCommand(env, protocols),
      connectCommand(env, protocols),
      execCommand(protocols),
      mcpCommand(),
    ],
    'For people who decide and read:': [
      approvalsCommand(),
      grantsCommand(),
      recordingsCommand(),
      statementsCommand(),
      recordCommand(),
    ],
    'For operators:': [
      targetsCommand(),
      policyCommand(protocols),
      principalsCommand(),
      applyCommand(),
      exportCommand(),
      keysCommand(),
      signInLinkCommand(),
      statementIndexCommand(),
    ],
    'Offline, on a sealed recording:': [verifyCommand(), replayCommand()],
    'Processes:': [processCommand('api'), processCommand('worker'), processCommand('migrate'), gatewayCommand()],
    'About this program:': [versionCommand(), completionCommand()],
  };
}
