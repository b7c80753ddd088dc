import type { StatementRunner } from '../protocol/statement-runner.js';
import { targetWordsOf } from '../protocol/target-words.js';
import type { McpParts } from './mcp-parts.js';

/**
 * On which targets a runner runs statements, to be added to a text: nothing where it does on all that the server knows.
 * `where` follows a noun, `only` is a sentence.
 */
export function runnerPlace(
  runner: StatementRunner,
  { protocols }: Pick<McpParts, 'protocols'>,
): { readonly where: string; readonly only: string } {
  if (protocols.every(({ name }) => runner.knows(name))) return { where: '', only: '' };
  const { aTarget, targets } = targetWordsOf(runner.words.map(({ of }) => of));
  return { where: ` and on ${aTarget}`, only: ` Only for grants on ${targets}.` };
}
