import { Command } from 'commander';
import { ANY_ADDRESS } from '../any-address.js';
import { packageVersion } from '../run-process.js';
import { applyCommand, exportCommand } from './apply/apply.js';
import { approvalsCommand } from './approvals/approvals.js';
import { gatewayCommand } from './gateway/gateway.js';
import { grantsCommand } from './grants/grants.js';
import { keysCommand } from './keys/keys.js';
import { mcpCommand } from './mcp/mcp.js';
import { policyCommand } from './policy/policy.js';
import { principalsCommand } from './principals/principals.js';
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
import { completionCommand } from './terminal/completion.js';
import { keepToConventions } from './terminal/conventions.js';
import { verifyCommand } from './verify.js';
import { versionCommand } from './version.js';

/** The processes; each entry file starts its process when it is imported. */
const PROCESSES = {
  api: ['Serve the HTTP API', () => import('../api.js')],
  worker: ['Expire grants, seal recordings, finish what a dead gateway left', () => import('../worker.js')],
  migrate: ['Bring the state database up to date', () => import('../migrate.js')],
} as const;

/**
 * `doorwarden` with all its commands, as the completion, the conventions and their test see it. `env` is the environment as
 * the caller gave it.
 */
export function program(env: NodeJS.ProcessEnv = process.env): Command {
  const doorwarden = new Command('doorwarden')
    .description(
      'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording',
    )
    .version(packageVersion())
    .addHelpText(
      'after',
      '\nProcesses are configured by environment variables, or by a file .env where they run; .env.example lists them all.\nExit codes, --json, questions and ids: docs/command-line.md.',
    );
  for (const [name, [description, start]] of Object.entries(PROCESSES)) {
    const command = doorwarden
      .command(name)
      .description(description)
      .action(async () => {
        await start();
      });
    // The process itself reads it, also where it is started without this command line.
    if (name === 'api') command.option(ANY_ADDRESS, 'let the first link of a new installation work from any address');
  }
  doorwarden
    .addCommand(runProgramCommand(env))
    .addCommand(connectCommand(env))
    .addCommand(execCommand())
    .addCommand(gatewayCommand())
    .addCommand(keysCommand())
    .addCommand(signInLinkCommand())
    .addCommand(approvalsCommand())
    .addCommand(grantsCommand())
    .addCommand(policyCommand())
    .addCommand(targetsCommand())
    .addCommand(principalsCommand())
    .addCommand(recordingsCommand())
    .addCommand(statementsCommand())
    .addCommand(applyCommand())
    .addCommand(exportCommand())
    .addCommand(verifyCommand())
    .addCommand(replayCommand())
    .addCommand(recordCommand())
    .addCommand(statementIndexCommand())
    .addCommand(mcpCommand())
    .addCommand(versionCommand())
    .addCommand(completionCommand());
  return keepToConventions(doorwarden);
}
