import { Command } from 'commander';
import { apiCommand, type AnswerOptions, examples } from '../terminal/api-command.js';
import { addDefaultCommand } from '../terminal/default-command.js';
import { type ListOptions, withPages } from '../terminal/list-pages.js';

/** `doorwarden targets …`: which targets there are; `apply` registers and changes them. */
export function targetsCommand(): Command {
  const targets = new Command('targets').description('List targets, look at them, have a gateway try them');
  return addDefaultCommand(targets, listCommand()).addCommand(showCommand()).addCommand(testCommand());
}

function listCommand(): Command {
  return withPages(apiCommand('list', 'List targets, the newest first'))
    .addHelpText('after', examples(['doorwarden targets list', 'doorwarden targets list --all --json']))
    .action(async (options: ListOptions) => (await work()).list(options));
}

function showCommand(): Command {
  return apiCommand('show', 'Show a target: its limits, and for operators where it is and how it is reached')
    .argument('<name>')
    .addHelpText('after', examples(['doorwarden targets show orders-db']))
    .action(async (name: string, options: AnswerOptions) => (await work()).show(name, options));
}

function testCommand(): Command {
  return apiCommand('test', 'Have a gateway log in to a target, and say how far it came')
    .argument('<name>')
    .addHelpText(
      'after',
      examples(['doorwarden targets test orders-db'], 'Exit codes: 0 every step is good, 1 one failed.'),
    )
    .action(async (name: string, options: AnswerOptions) => (await work()).test(name, options));
}

/** Loaded only when it is needed. */
function work(): Promise<typeof import('./targets-work.js')> {
  return import('./targets-work.js');
}
