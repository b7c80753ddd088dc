import { Command, Option } from 'commander';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../../domain/approval-rules.js';
import { APPROVAL_STATES } from '../../../domain/approval.js';
import { type AnswerOptions, apiCommand as command, examples, whole } from '../terminal/api-command.js';
import type { ApproveOptions, DenyOptions, ApprovalsListOptions, WithdrawOptions } from './approvals-work.js';

const REVISION_MAX = 1_000_000_000;

/** `doorwarden approvals …`: people's side in a terminal. */
export function approvalsCommand(): Command {
  return new Command('approvals')
    .description('List approvals, look at them, decide and take back')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(approveCommand())
    .addCommand(denyCommand())
    .addCommand(withdrawCommand())
    .addCommand(watchCommand());
}

function listCommand(): Command {
  return command('list', 'List approvals, the newest first')
    .addOption(new Option('--state <state>', 'in this state').choices(APPROVAL_STATES).default('pending'))
    .option('--target <name>', 'of one target')
    .option('--grant <id>', 'only those of this grant; the beginning of its id is enough')
    .option('--limit <number>', 'at most so many', whole(1, 200), 50)
    .option('-q, --quiet', 'print ids only, one a line')
    .addHelpText(
      'after',
      examples(['doorwarden approvals list', 'doorwarden approvals list --state denied --target orders-db']),
    )
    .action(async (options: ApprovalsListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return command('show', 'Show everything that a decision needs')
    .argument('<id>', 'the approval, or the beginning of its id')
    .addHelpText('after', examples(['doorwarden approvals show 01m7ytqm8g9x']))
    .action(async (id: string, options: AnswerOptions) => (await work()).show(id, options));
}

function approveCommand(): Command {
  return command('approve', 'Approve a statement or a requested grant')
    .argument('<id>', 'the approval, or the beginning of its id')
    .option(
      '--rows-max <number>',
      'roll the statement back if it changes more rows; default: the number that the preview counts exactly',
      whole(0, SCOPE_ROWS_MAX),
    )
    .option('--any-rows', 'allow any number of rows')
    .option('--shape', 'approve every statement of the same shape for the rest of the task; needs --runs')
    .option('--runs <number>', 'how many statements of the shape may run', whole(1, SHAPE_RUNS_MAX))
    .option('--reason <text>', 'the agent is told')
    .addOption(revisionOption())
    .addHelpText(
      'after',
      examples([
        'doorwarden approvals approve 01m7ytqm8g9x --reason "As in the ticket"',
        ['doorwarden approvals approve 01m7ytqm8g9x --rows-max 1', 'rolled back if it changes more'],
        ['doorwarden approvals approve 01m7ytqm8g9x --shape --runs 20', 'for the rest of the task'],
      ]),
    )
    .action(async (id: string, options: ApproveOptions) => (await work()).approve(id, options));
}

function denyCommand(): Command {
  return command('deny', 'Deny a statement or a requested grant')
    .argument('<id>', 'the approval, or the beginning of its id')
    .option('--reason <text>', 'the agent is told')
    .addOption(revisionOption())
    .addHelpText('after', examples(['doorwarden approvals deny 01m7ytqm8g9x --reason "Not on production"']))
    .action(async (id: string, options: DenyOptions) => (await work()).deny(id, options));
}

function withdrawCommand(): Command {
  return command('withdraw', 'Take back what you have approved, until it is used')
    .argument('<id>', 'the approval, or the beginning of its id')
    .requiredOption('--reason <text>', 'the agent is told')
    .addOption(revisionOption())
    .addHelpText('after', examples(['doorwarden approvals withdraw 01m7ytqm8g9x --reason "The ticket says staging"']))
    .action(async (id: string, options: WithdrawOptions) => (await work()).withdraw(id, options));
}

function revisionOption(): Option {
  return new Option('--revision <number>', 'only if the approval still has this revision, which show prints').argParser(
    whole(1, REVISION_MAX),
  );
}

function watchCommand(): Command {
  return command('watch', 'Follow approvals as they come; in a terminal, decide them one by one')
    .option('--no-input', 'never ask, even in a terminal')
    .addHelpText('after', examples(['doorwarden approvals watch', 'doorwarden approvals watch --no-input --json']))
    .action(async (options: AnswerOptions & { readonly input: boolean }) =>
      (await import('./approvals-watch.js')).watch(options),
    );
}

function work(): Promise<typeof import('./approvals-work.js')> {
  return import('./approvals-work.js');
}
