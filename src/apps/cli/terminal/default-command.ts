import type { Command } from 'commander';

const defaults = new WeakMap<Command, Command>();

/** Adds a command that its parent does when nothing else is named: `grants` by itself is `grants list`. */
export function addDefaultCommand(parent: Command, command: Command): Command {
  defaults.set(parent, command);
  return parent
    .addCommand(command, { isDefault: true })
    .addHelpText('after', `\n${parent.name()} by itself is ${parent.name()} ${command.name()}.`);
}

/** The command that this one does when nothing else is named. */
export function defaultCommandOf(parent: Command): Command | undefined {
  return defaults.get(parent);
}
