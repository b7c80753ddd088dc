import { type Command, InvalidArgumentError, Option } from 'commander';
import { ACCESS_RULES_MAX, ON_HOLD } from '../../../domain/grant.js';
import { type AccessWords, differentWords, nameOfOption } from '../../../protocol/access-words.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { withProtocolOptions } from '../protocol-options.js';
import { accessRulesIn, GRANT_DEFAULTS, type AskedGrantOptions, ttlSecondsIn } from './grant-options.js';

/**
 * Gives a command the options of the grant, among them those by which the protocols ask for access. `task` is what is said
 * where the option is not given.
 */
export function withGrantOptions(command: Command, protocols: readonly ClientProtocol[], task?: string): Command {
  const words = differentWords(protocols.map(({ access }) => access));
  const typed = words.flatMap(({ options }) => options);
  const instead = typed.map(({ flags }) => flags.split(' ')[0]).join(' and ');
  const title = new Option('--task <title>', 'what it is for, in your words; people who decide read it');
  if (task === undefined) title.makeOptionMandatory();
  else title.default(task);
  command.addOption(title).option('--reference <text>', 'a ticket, a pull request, a run');
  return withProtocolOptions(command, typed)
    .addOption(
      new Option('--access <json>', `the rules of access as the API takes them, instead of ${instead}`)
        .argParser((text) => requiredAccess(text, words))
        .conflicts(typed.map(nameOfOption)),
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

function requiredAccess(text: string, words: readonly AccessWords[]): NonNullable<AskedGrantOptions['access']> {
  const rules = accessRulesIn(text);
  if (rules !== undefined) return rules;
  const examples = words.map(({ example }) => example).join(' or ');
  throw new InvalidArgumentError(`Give JSON: a list of 1 to ${ACCESS_RULES_MAX} rules, such as ${examples}.`);
}

function requiredTtl(text: string): number {
  const seconds = ttlSecondsIn(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('Give a time such as 45s, 30m or 2h, of a day at most.');
}
