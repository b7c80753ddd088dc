import { Command, InvalidArgumentError } from 'commander';
import { withApi } from '../api-option.js';
import type { ApiOptions } from '../profiles/api-choice.js';
import { COLUMNS_DEFAULT } from './screen-lines.js';

/** Before a line and after it. */
const GAPS = 4;

/** What every command that talks to the API is given. */
export interface AnswerOptions extends ApiOptions {
  readonly json?: boolean;
}

/** A command that talks to the API, with the options that all of them have. */
export function apiCommand(name: string, description: string): Command {
  return withApi(new Command(name).description(description)).option('--json', 'print the answer as JSON');
}

/** An example of a command line, and what it does where that is not plain. */
type Example = string | readonly [line: string, about: string];

/** For `addHelpText('after', …)`: command lines as one would type them, and what else there is to know. */
export function examples(lines: readonly Example[], note = ''): string {
  const pairs = lines.map((line): readonly [string, string] => (typeof line === 'string' ? [line, ''] : line));
  const told = toldExamples(pairs);
  return ['', pairs.length === 1 ? 'Example:' : 'Examples:', ...told, ...(note === '' ? [] : ['', note])].join('\n');
}

/** What a line does stands beside it where all of them fit a screen, else under it. */
function toldExamples(pairs: readonly (readonly [line: string, about: string])[]): readonly string[] {
  const explained = pairs.filter(([, about]) => about !== '');
  const width = Math.max(...explained.map(([line]) => line.length), 0);
  const isNarrow = explained.every(([, about]) => width + about.length + GAPS <= COLUMNS_DEFAULT);
  return pairs.flatMap(([line, about]) => {
    if (about === '') return [`  ${line}`];
    return isNarrow ? [`  ${line.padEnd(width)}  ${about}`] : [`  ${line}`, `      ${about}`];
  });
}

/** Takes a whole number of an option within these bounds. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}
