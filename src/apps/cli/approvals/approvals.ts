import { Command, InvalidArgumentError, Option } from 'commander';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../../domain/approval-rules.js';
import { APPROVAL_STATES } from '../../../domain/approval.js';
import { withApi } from '../api-option.js';
import type { ApproveOptions, Common, DenyOptions, ListOptions, WithdrawOptions } from './approvals-work.js';

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

/** A command with what all of them have. */
function command(name: string, description: string): Command {
  return withApi(new Command(name).description(description)).option('--json', 'print answers as JSON');
}

function listCommand(): Command {
  return command('list', 'List approvals, the newest first')
    .addOption(new Option('--state <state>').choices(APPROVAL_STATES).default('pending'))
    .option('--target <name>', 'of one target')
    .option('--grant <id>', 'only those of this grant; the beginning of its id is enough')
    .option('--limit <number>', 'at most so many', whole(1, 200), 50)
    .option('-q, --quiet', 'print ids only, one a line')
    .action(async (options: ListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return command('show', 'Show everything that a decision needs')
    .argument('<id>', 'the approval, or the beginning of its id')
    .action(async (id: string, options: Common) => (await work()).show(id, options));
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
    .action(async (id: string, options: ApproveOptions) => (await work()).approve(id, options));
}

function denyCommand(): Command {
  return command('deny', 'Deny a statement or a requested grant')
    .argument('<id>', 'the approval, or the beginning of its id')
    .option('--reason <text>', 'the agent is told')
    .addOption(revisionOption())
    .action(async (id: string, options: DenyOptions) => (await work()).deny(id, options));
}

function withdrawCommand(): Command {
  return command('withdraw', 'Take back what you have approved, until it is used')
    .argument('<id>', 'the approval, or the beginning of its id')
    .requiredOption('--reason <text>', 'the agent is told')
    .addOption(revisionOption())
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
    .action(async (options: Common & { readonly input: boolean }) =>
      (await import('./approvals-watch.js')).watch(options),
    );
}

function work(): Promise<typeof import('./approvals-work.js')> {
  return import('./approvals-work.js');
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}
