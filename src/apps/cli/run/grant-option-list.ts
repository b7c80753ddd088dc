import { type Command, InvalidArgumentError, Option } from 'commander';
import { ACCESS_RULES_MAX, ON_HOLD } from '../../../domain/grant.js';
import { accessRulesIn, GRANT_DEFAULTS, type AskedGrantOptions, ttlSecondsIn } from './grant-options.js';

/** Gives a command the options of the grant. `task` is what is said where the option is not given. */
export function withGrantOptions(command: Command, task?: string): Command {
  const title = new Option('--task <title>', 'what it is for, in your words; people who decide read it');
  if (task === undefined) title.makeOptionMandatory();
  else title.default(task);
  return command
    .addOption(title)
    .option('--reference <text>', 'a ticket, a pull request, a run')
    .option('--read <table...>', 'tables to read: orders, shop.orders, shop.*; default: what the target gives')
    .option('--write <table...>', 'tables to read and change')
    .addOption(
      new Option('--access <json>', 'the rules of access as the API takes them, instead of --read and --write')
        .argParser(requiredAccess)
        .conflicts(['read', 'write']),
    )
    .addOption(
      new Option('--ttl <time>', 'when the grant ends at the latest: 45s, 30m, 2h')
        .argParser(requiredTtl)
        .default(ttlSecondsIn(GRANT_DEFAULTS.ttl), GRANT_DEFAULTS.ttl),
    )
    .addOption(
      new Option('--on-hold <what>', 'a statement that people must approve waits for them, or fails at once')
        .choices(ON_HOLD)
        .default(GRANT_DEFAULTS.onHold),
    );
}

function requiredAccess(text: string): NonNullable<AskedGrantOptions['access']> {
  const rules = accessRulesIn(text);
  if (rules !== undefined) return rules;
  throw new InvalidArgumentError(
    `Give JSON: a list of 1 to ${ACCESS_RULES_MAX} rules, such as [{"database":"shop","privileges":["SELECT"]}].`,
  );
}

function requiredTtl(text: string): number {
  const seconds = ttlSecondsIn(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('Give a time such as 45s, 30m or 2h, of a day at most.');
}
