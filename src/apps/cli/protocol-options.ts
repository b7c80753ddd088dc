import { type Command, Option } from 'commander';
import type { ProtocolOption } from '../../protocol/access-words.js';

/** Gives a command the options of protocols. One that several have is taken once, with the words of the first. */
export function withProtocolOptions(command: Command, options: readonly ProtocolOption[]): Command {
  for (const { flags, about } of options) {
    const option = new Option(flags, about);
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
  }
  return command;
}
